"""What uses a record: links on its form, and the reasons why it cannot be deleted."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, Q, QuerySet, Window
from django.http import HttpRequest
from django.urls import reverse

from compliance.admin.components.change_form import is_previewed
from compliance.admin.components.labels import (
    RowPlaces,
    location_label,
    prefetch_locations,
    read_names,
)
from compliance.models import (
    AIModel,
    Footnote,
    Listing,
    Provider,
    RetentionTerm,
)
from compliance.models.tracked import Tracked

_MOST = 20


@dataclass(frozen=True, slots=True)
class UsageGroup:
    """The records of one kind that use a record.

    `links` holds name and address of the first ones, `more` the number of the others, `everything`
    the address of a list of all of them, empty where there is none.
    """

    kind: str
    links: list[tuple[str, str]]
    more: int
    everything: str


@dataclass(frozen=True, slots=True)
class _UsageQuery:
    """How records of one kind use a record: `lookup` leads to it, and filters their list."""

    kind: str
    model: type[Tracked]
    lookup: str
    is_filter: bool = True

    def use(self, record: Model) -> UsageGroup | None:
        """Return what uses a record in this way, None where nothing does."""
        records = self.model._default_manager
        # By key, because the joins of the condition would return a record once for each match.
        found = records.filter(pk__in=records.filter(self._of(record)).values("pk"))
        # The window function counts all of them in the query that reads the first ones.
        rows = list(_in_order(found.annotate(total=Window(Count("pk"))))[:_MOST])
        if not rows:
            return None
        listed = reverse(f"admin:compliance_{self.model._meta.model_name}_changelist")
        return UsageGroup(
            self.kind,
            [
                (
                    name,
                    reverse(f"admin:compliance_{row._meta.model_name}_change", args=[row.pk]),
                )
                for row, name in zip(rows, _names(rows), strict=True)
            ],
            rows[0].total - len(rows),
            f"{listed}?{self.lookup}__id__exact={record.pk}" if self.is_filter else "",
        )

    def _of(self, record: Model) -> Q:
        return Q(**{self.lookup: record}) if self.lookup else _cites(record)


def _cites(note: Model) -> Q:
    """Return the condition that an item of a listing cites a footnote."""
    condition = Q()
    for path in ("listed_models", "listed_providers", "listed_documents", "cells"):
        condition |= Q(**{f"{path}__citations__footnote": note})
    return condition


def _in_order(records: QuerySet[Any]) -> QuerySet[Any]:
    if records.model is not Listing:
        return records
    return records.order_by("section__register__title", "section__position", "position", "id")


def _names(records: Sequence[Any]) -> list[str]:
    """Return the names of records of one kind."""
    match records[0]:
        case Listing():
            read_names(records)
            return list(map(RowPlaces(records).named, records))
        case Footnote():
            return [f"Footnote {note.position}: {note.text[:80]}" for note in records]
    return list(map(str, records))


_USAGE_QUERIES: dict[type[Model], tuple[_UsageQuery, ...]] = {
    Provider: (
        _UsageQuery("Rows that name it", Listing, "listed_providers__provider"),
        _UsageQuery(
            "Rows that name a document of it themselves",
            Listing,
            "listed_documents__document__provider",
        ),
        _UsageQuery(
            "Footnotes that mark it everywhere", Footnote, "citations__provider", is_filter=False
        ),
    ),
    RetentionTerm: (
        _UsageQuery("Rows that say it themselves", Listing, "cells__term"),
        _UsageQuery("Providers that declare it", Provider, "declared_retention"),
        _UsageQuery("Models that require it", AIModel, "retention_floor"),
    ),
    AIModel: (
        _UsageQuery("Rows that name it", Listing, "listed_models__model"),
        _UsageQuery(
            "Footnotes that mark it everywhere", Footnote, "citations__model", is_filter=False
        ),
    ),
    Footnote: (
        _UsageQuery(
            "Providers that it marks everywhere", Provider, "citations__footnote", is_filter=False
        ),
        _UsageQuery(
            "Models that it marks everywhere", AIModel, "citations__footnote", is_filter=False
        ),
        _UsageQuery("Rows that cite it in place", Listing, "", is_filter=False),
    ),
}


class UsageMixin(admin.ModelAdmin):
    """A change form that shows what uses its record."""

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Add the uses by records of the kinds that the person may see."""
        is_shown = context["original"] and not is_previewed(request)
        ways = _USAGE_QUERIES.get(self.model, ()) if is_shown else ()
        may_see = [
            way
            for way in ways
            if request.user.has_perm(f"compliance.view_{way.model._meta.model_name}")
        ]
        context["uses"] = [use for way in may_see if (use := way.use(context["original"]))]
        context["shows_use"] = bool(may_see)
        return super().render_change_form(request, context, *args, **kwargs)


def location_labels(records: Iterable[Model]) -> list[str]:
    """Return where records are found: the first ones, and a line with the number of the others.

    A part of a listing that is among them itself is left out. It takes a fixed number of queries.
    """
    records = list(records)
    listings = {record.pk for record in records if isinstance(record, Listing)}
    found = [record for record in records if getattr(record, "listing_id", None) not in listings]
    found.sort(key=lambda record: (record._meta.model_name or "", str(record.pk)))
    prefetch_locations(found[:_MOST])
    labels = sorted({location_label(record) for record in found[:_MOST]})
    if len(found) > _MOST:
        labels.append(f"{len(found) - _MOST} more places")
    return labels
