"""Where a record is used: on its form, with links, and where it cannot be deleted for that reason."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, Prefetch, Q, QuerySet, Window, prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse

from compliance.admin.components.labels import place
from compliance.models import (
    AIModel,
    Citation,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    Provider,
    RetentionTerm,
)
from compliance.models.tracked import Tracked
from compliance.page.diff.sentences import FEW, join_names

_MOST = 20


@dataclass(frozen=True, slots=True)
class Use:
    """A kind of use: where each is edited, by its name; how many more there are; where all of them are listed."""

    kind: str
    links: list[tuple[str, str]]
    more: int
    everything: str


@dataclass(frozen=True, slots=True)
class _Way:
    """How records of one kind use a record: by which field, and how the list of them is filtered by it."""

    kind: str
    model: type[Tracked]
    lookup: str
    is_filter: bool = True

    def use(self, record: Model) -> Use | None:
        """Return the use of a record, None where there is none."""
        records = self.model._default_manager
        found = records.filter(pk__in=records.filter(self._of(record)).values("pk"))
        rows = list(_with_names(found.annotate(total=Window(Count("pk"))))[:_MOST])
        if not rows:
            return None
        listed = reverse(f"admin:compliance_{self.model._meta.model_name}_changelist")
        return Use(
            self.kind,
            [
                (
                    _name(row),
                    reverse(f"admin:compliance_{row._meta.model_name}_change", args=[row.pk]),
                )
                for row in rows
            ],
            rows[0].total - len(rows),
            f"{listed}?{self.lookup}__id__exact={record.pk}" if self.is_filter else "",
        )

    def _of(self, record: Model) -> Q:
        return Q(**{self.lookup: record}) if self.lookup else _cites(record)


def _cites(note: Model) -> Q:
    """Return which listings cite a note in one of their places."""
    places = ("", "listed_models__", "listed_providers__", "listed_documents__")
    condition = Q()
    for each in places:
        condition |= Q(**{f"{each}citations__footnote": note})
    return condition


def _with_names(records: QuerySet[Any]) -> QuerySet[Any]:
    if records.model is not Listing:
        return records
    models = Prefetch("listed_models", ListedModel.objects.select_related("model"))
    listings = records.select_related("register").prefetch_related(models)
    return listings.order_by("register__title", "position", "id")


def _name(record: Any) -> str:
    match record:
        case Listing():
            models = (
                join_names([row.model.name for row in record.listed_models.all()], limit=FEW)
                or "a row without models"
            )
            return f"{record.register}, {record.position}: {models}"
        case Footnote():
            return f"Footnote {record.position}: {record.text[:80]}"
    return str(record)


_WAYS: dict[type[Model], tuple[_Way, ...]] = {
    Provider: (
        _Way("Listings that name it", Listing, "listed_providers__provider"),
        _Way(
            "Listings that name a document of it themselves",
            Listing,
            "listed_documents__document__provider",
        ),
        _Way("Footnotes that mark it everywhere", Footnote, "citations__provider", is_filter=False),
    ),
    RetentionTerm: (
        _Way("Listings that say it themselves", Listing, "retention_term"),
        _Way("Providers that declare it", Provider, "declared_retention"),
        _Way("Models that require it", AIModel, "retention_floor"),
    ),
    AIModel: (
        _Way("Listings that name it", Listing, "listed_models__model"),
        _Way("Footnotes that mark it everywhere", Footnote, "citations__model", is_filter=False),
    ),
    Footnote: (_Way("Listings that cite it in place", Listing, "", is_filter=False),),
}


class UsageMixin(admin.ModelAdmin):
    """A form that says where its record is used."""

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Add the uses of kinds that the person may see."""
        ways = _WAYS.get(self.model, ()) if context["original"] else ()
        may_see = [
            way
            for way in ways
            if request.user.has_perm(f"compliance.view_{way.model._meta.model_name}")
        ]
        context["uses"] = [use for way in may_see if (use := way.use(context["original"]))]
        context["shows_use"] = bool(may_see)
        return super().render_change_form(request, context, *args, **kwargs)


# What `place` reads of a record, to be read for many at once.
_READ: dict[type[Model], tuple[str, ...]] = {
    ListedModel: ("model", "listing__register", "listing__listed_models__model"),
    ListedProvider: ("provider", "listing__register", "listing__listed_models__model"),
    ListedDocument: ("document__provider", "listing__register", "listing__listed_models__model"),
    Listing: ("register", "listed_models__model"),
    Citation: (
        "footnote__register",
        "provider",
        "model",
        "listing__register",
        "listing__listed_models__model",
        "listed_model__model",
        "listed_model__listing__register",
        "listed_model__listing__listed_models__model",
        "listed_provider__provider",
        "listed_provider__listing__register",
        "listed_provider__listing__listed_models__model",
        "listed_document__document__provider",
        "listed_document__listing__register",
        "listed_document__listing__listed_models__model",
    ),
}


def places(records: Iterable[Model]) -> list[str]:
    """Return where records stand, the first of many and how many more, in a fixed number of queries."""
    found = sorted(records, key=lambda record: (record._meta.model_name or "", str(record.pk)))
    by_kind: defaultdict[type[Model], list[Model]] = defaultdict(list)
    for record in found[:_MOST]:
        by_kind[type(record)].append(record)
    for kind, group in by_kind.items():
        prefetch_related_objects(group, *_READ.get(kind, ()))
    said = sorted({place(record) for record in found[:_MOST]})
    return [*said, f"{len(found) - _MOST} more places"] if len(found) > _MOST else said
