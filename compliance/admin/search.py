"""One search over everything that the person may view: the working copy, the record, and what is gone."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Model, Prefetch, Q, TextField, prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst, smart_split

from compliance.admin.components.labels import listing_title
from compliance.admin.components.links import addresses
from compliance.admin.components.lookups import shortened_search_term
from compliance.admin.history import queries
from compliance.admin.history.timeline import KINDS, keys_named
from compliance.admin.history.views import SearchTextField
from compliance.models import (
    AIModel,
    Changeset,
    Decision,
    Footnote,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Publication,
    RetentionTerm,
)
from compliance.page.documents import document_label
from compliance.page.rules import SubjectKind
from compliance.page.snapshot import DocumentKind
from compliance.published import reader
from compliance.published import search as publication_search
from compliance.published.errors import StoreFault

_MOST = 8  # of a kind
_AROUND = 60  # characters of an excerpt before and after the word
_LISTINGS = 5  # that are named of one record


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Where a text says a word: what the text is called, and what stands before, in and after the word."""

    label: str
    before: str
    word: str
    after: str


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Something that was found: what it is called, its address, where it stands, and the words in it."""

    name: str
    address: str
    where: str = ""
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """What was found of a kind; `more` beside it is at an address. `fault` says why it could not be looked for."""

    title: str
    hits: tuple[SearchHit, ...] = ()
    more: int = 0
    address: str = ""
    fault: str = ""


class SearchForm(forms.Form):
    """What is looked for."""

    q = SearchTextField(
        label="Search for",
        help_text="All of up to eight words must be there. Put a phrase in quotation marks.",
    )


def search_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show what is found, by kind, to whoever may view something of the registry."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not request.user.has_module_perms("compliance"):
        raise PermissionDenied
    form = SearchForm(request.GET)
    words = _words(shortened_search_term(form.cleaned_data["q"])) if form.is_valid() else []
    search = Search(request, site, form.cleaned_data.get("q", ""), words)
    groups = [group for group in search.groups() if group.hits or group.fault] if words else []
    context = {
        **site.each_context(request),
        "title": "Search",
        "form": form,
        "words": words,
        "is_asked": bool(form["q"].value()) and form.is_valid(),
        "groups": groups,
        "is_found": any(group.hits for group in groups),
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/search.html", context)


def _words(typed: str) -> list[str]:
    """Return what must be found, split as the lists of the admin split it."""
    bits = (
        bit[1:-1] if bit[0] == bit[-1] and bit[0] in "\"'" else bit for bit in smart_split(typed)
    )
    return [bit for bit in bits if bit]


@dataclass(frozen=True)
class Search:
    """Some words, looked for by somebody; each kind takes the same queries however much there is."""

    request: HttpRequest
    site: AdminSite
    typed: str
    words: list[str]

    def groups(self) -> Iterator[SearchGroup]:
        """Give what is found, a group a kind, each only to whoever may view that kind."""
        for admin in self._admins():
            yield self._records(admin)
            if admin.model is Provider and self._may_view(PolicyDocument):
                yield self._documents()
        if self._may_view(Publication):
            yield self._past()
        yield self._deleted()

    def _admins(self) -> Iterator[ModelAdmin]:
        """Give the screens of what can be looked for, in the order of the first page."""
        for app in self.site.get_app_list(self.request, "compliance"):
            for model in app["models"]:
                admin = self.site.get_model_admin(model["model"])
                if admin.search_fields and admin.has_view_permission(self.request):
                    yield admin

    def _may_view(self, model: type[Model]) -> bool:
        return self.request.user.has_perm(f"compliance.view_{model._meta.model_name}")

    def _list(self, model: type[Model], **query: str) -> str:
        address = reverse(f"admin:compliance_{model._meta.model_name}_changelist")
        return f"{address}?{urlencode(query or {'q': self.typed})}"

    def _records(self, admin: ModelAdmin) -> SearchGroup:
        """Return what the list of a kind would find; the list has the rest."""
        listed = admin.get_queryset(self.request)
        matching, _ = admin.get_search_results(self.request, listed, self.typed)
        # By key: what is found by several of its parts is found once.
        records, more = _first(listed.filter(pk__in=matching.order_by().values("pk")))
        model = admin.model
        described = _DESCRIBED.get(model, _by_name)(records)
        name = f"admin:compliance_{model._meta.model_name}_change"
        hits = (
            SearchHit(called, reverse(name, args=[record.pk]), where, self._excerpt(record, called))
            for record, (called, where) in zip(records, described, strict=True)
        )
        return SearchGroup(
            capfirst(model._meta.verbose_name_plural), tuple(hits), more, self._list(model)
        )

    def _excerpt(self, record: Model, name: str) -> Excerpt | None:
        """Return where a record's own texts say the first word that its name does not."""
        texts: Any = [
            field for field in record._meta.fields if isinstance(field, CharField | TextField)
        ]
        for word in (word for word in self.words if not _found_in(word, name)):
            for field in texts:
                value = getattr(record, field.attname)
                if (
                    isinstance(value, str)
                    and not field.choices
                    and (match := _found_in(word, value))
                ):
                    before, after = value[: match.start()], value[match.end() :]
                    start = f"…{before[-_AROUND:]}" if len(before) > _AROUND else before
                    end = f"{after[:_AROUND]}…" if len(after) > _AROUND else after
                    return Excerpt(capfirst(field.verbose_name), start, match[0], end)
        return None

    def _documents(self) -> SearchGroup:
        found = PolicyDocument.objects.select_related("provider").order_by(
            "provider__name", "position", "id"
        )
        for word in self.words:
            kinds = [kind for kind in DocumentKind if _found_in(word, document_label("", kind))]
            said = Q(label__says=word) | Q(url__says=word) | Q(provider__name__says=word)
            found = found.filter(said | Q(label="", kind__in=kinds))
        documents, more = _first(found)
        places = addresses((SubjectKind.DOCUMENT, str(document.pk)) for document in documents)
        hits = (
            SearchHit(
                document.printed_label,
                places.get((SubjectKind.DOCUMENT, str(document.pk)), ""),
                document.url,
            )
            for document in documents
        )
        return SearchGroup("Policy documents", tuple(hits), more, self._list(Provider))

    def _past(self) -> SearchGroup:
        """Return the publications that say the words, run by run, the latest first; the numbers tell where."""
        try:
            runs = [
                (index, run)
                for index in reader.read_indexes()
                for run in reversed(publication_search.read_text_index(index).find(self.words))
            ]
        except StoreFault as fault:
            return SearchGroup(
                "Publications that say it",
                fault=f"Past publications could not be searched. {fault}",
            )
        shown = runs[:_MOST]
        approved = Decision.objects.filter(
            kind=Decision.Kind.APPROVED, number__in={last for _, (_, last) in shown}
        )
        keys = {(slug, number): pk for slug, number, pk in
                approved.values_list("register__slug", "number", "publication")}  # fmt: skip
        hits = []
        for index, (first, last) in shown:
            entry, began = index.entry(last), index.entry(first)
            number, when = f"publications {first} to {last}", "The first of them from"
            if first == last:
                number, when = f"publication {last}", "From"
            since = f"{when} {began.effective_from:%-d %b %Y}" if began else ""
            key = keys.get(
                (index.slug, last)
            )  # none where a backup was restored over a newer store
            address = reverse("admin:compliance_publication_change", args=[key]) if key else ""
            hits.append(
                SearchHit(f"{entry.title if entry else index.slug}, {number}", address, since)
            )
        return SearchGroup(
            "Publications that say it",
            tuple(hits),
            len(runs) - len(shown),
            self._list(Publication, q=""),
        )

    def _deleted(self) -> SearchGroup:
        """Return the records that are gone and were ever called so, with their histories."""
        rows: list[Any] = []
        more = 0
        for kind in filter(self._may_view, KINDS):
            found = queries.deleted_rows(kind)
            for word in self.words:
                found = found.filter(id__in=keys_named(kind, word))
            shown, rest = _first(found)
            rows, more = [*rows, *shown], more + rest
        hits = (
            SearchHit(
                f"{capfirst(row.instance_type._meta.verbose_name)}: {name}",
                reverse(
                    f"admin:compliance_{row.instance_type._meta.model_name}_history", args=[row.id]
                ),
                f"Deleted by {queries.editor_name(row.changeset)}, {row.changeset.recorded_at:%-d %b %Y}",
            )
            for row, name in zip(rows, queries.names_at_the_time(rows), strict=True)
        )
        return SearchGroup(
            "Deleted", tuple(hits), more, self._list(Changeset, name=self.typed) if more else ""
        )


def _first(found: Any) -> tuple[list[Any], int]:
    """Return the first of what was found, and how many more there are."""
    shown = list(found[: _MOST + 1])
    return shown[:_MOST], found.count() - _MOST if len(shown) > _MOST else 0


def _found_in(word: str, text: str) -> re.Match[str] | None:
    return re.search(re.escape(word), text, re.IGNORECASE)


# What records are called, and where they stand: for those shown at once.

_Described = Iterable[tuple[str, str]]


def _by_name(records: Sequence[Any]) -> _Described:
    return ((str(record), "") for record in records)


def _models(records: Sequence[Any]) -> _Described:
    return _with_places(records, ListedModel.objects.filter(model__in=records), "model_id")


def _providers(records: Sequence[Any]) -> _Described:
    return _with_places(records, ListedProvider.objects.filter(provider__in=records), "provider_id")


def _terms(records: Sequence[Any]) -> _Described:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    listings = Listing.objects.filter(retention_term__in=records).select_related("register")
    for listing in listings.order_by("register__title", "position"):
        found[listing.retention_term_id].append(listing)
    return (
        (str(record), _places(found[record.pk]) or "In no listing itself") for record in records
    )


def _with_places(records: Sequence[Any], listed: Any, key: str) -> _Described:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in listed.select_related("listing__register").order_by(
        "listing__register__title", "listing__position"
    ):
        found[getattr(row, key)].append(row.listing)
    return ((str(record), _places(found[record.pk]) or "Not listed") for record in records)


def _places(listings: list[Any]) -> str:
    named = "; ".join(
        f"{listing.register}, listing {listing.position}" for listing in listings[:_LISTINGS]
    )
    return f"{named} and {len(listings) - _LISTINGS} more" if len(listings) > _LISTINGS else named


def _listings(records: Sequence[Any]) -> _Described:
    prefetch_related_objects(
        records, Prefetch("listed_models", ListedModel.objects.select_related("model"))
    )
    return (
        (capfirst(listing_title(record)), ", ".join(map(str, record.listed_models.all())))
        for record in records
    )


def _footnotes(records: Sequence[Any]) -> _Described:
    return ((f"Footnote {record.position}", str(record.register)) for record in records)


def _changesets(records: Sequence[Any]) -> _Described:
    return (
        (record.reason, f"{queries.editor_name(record)}, {record.recorded_at:%-d %b %Y, %H:%M} UTC")
        for record in records
    )


def _publications(records: Sequence[Any]) -> _Described:
    for record in records:
        number = (
            record.given_number
            or Publication.State(record.last_kind or Publication.State.IN_REVIEW).label.lower()
        )
        yield (
            f"{record.register}, {number}",
            f"Submitted {record.submitted_at:%-d %b %Y} by {record.label}",
        )


_DESCRIBED: dict[type[Model], Callable[[Sequence[Any]], _Described]] = {
    AIModel: _models,
    Provider: _providers,
    RetentionTerm: _terms,
    Listing: _listings,
    Footnote: _footnotes,
    Changeset: _changesets,
    Publication: _publications,
}
