"""Searches everything that the user may view: working copy, changesets, publications, deleted."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Model, Q, TextField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst, smart_split
from django.views.decorators.http import require_safe

from compliance.admin.components.labels import RowPlaces, read_names, row_name
from compliance.admin.components.links import addresses
from compliance.admin.components.lookups import shortened_search_term
from compliance.admin.history import queries
from compliance.admin.history.timeline import KINDS, keys_named
from compliance.admin.history.views import SearchTextField
from compliance.models import (
    AIModel,
    Cell,
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
from compliance.page import joiners
from compliance.page.documents import document_label
from compliance.page.rules import SubjectKind
from compliance.page.vocabulary import DocumentKind
from compliance.published import reader
from compliance.published import search as publication_search
from compliance.published.errors import StoreFault
from compliance.publishing.statuses import Status
from compliance.rendering.moments import minute_text

_HITS = 8  # shown of each kind
_EXCERPT = 60  # characters of an excerpt before and after the word
_LISTINGS = 5  # named for each record
_PUBLICATIONS_TITLE = "Publications that say it"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The part of a text that has a word: the label of the text, and the text around the word."""

    label: str
    before: str
    word: str
    after: str


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record that was found, with its address, and where it is used or what else describes it."""

    name: str
    address: str
    where: str = ""
    excerpt: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class SearchGroup:
    """The hits of one kind.

    `more` counts the hits that are not shown, `address` is a list that has them. `fault` says why
    this kind could not be searched.
    """

    title: str
    hits: tuple[SearchHit, ...] = ()
    more: int = 0
    address: str = ""
    fault: str = ""


class SearchForm(forms.Form):
    q = SearchTextField(
        label="Search for",
        help_text="All of up to eight words must be there. Put a phrase in quotation marks.",
    )


@require_safe
def search_response(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show the search and what was found; refuse users who may view nothing of the registry."""
    if not request.user.has_module_perms("compliance"):
        raise PermissionDenied
    form = SearchForm(request.GET)
    groups: list[SearchGroup] = []
    words: list[str] = []
    if form.is_valid():
        typed = form.cleaned_data["q"]
        words = _words(shortened_search_term(typed))
        groups = Search(request, site, typed, words).groups() if words else []
    context = {
        **site.each_context(request),
        "title": "Search",
        "form": form,
        "words": words,
        "is_asked": bool(form["q"].value()) and form.is_valid(),
        "groups": [group for group in groups if group.hits or group.fault],
        "is_found": any(group.hits for group in groups),
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/search.html", context)


def _words(typed: str) -> list[str]:
    """Return the words and quoted phrases of a search, as Django's change lists split it."""
    words = []
    for word in smart_split(typed):
        is_quoted = word[0] == word[-1] and word[0] in "\"'"
        words.append(word[1:-1] if is_quoted else word)
    return [word for word in words if word]


@dataclass(frozen=True)
class Search:
    """A search of one user. Each kind takes the same number of queries however much there is."""

    request: HttpRequest
    site: AdminSite
    typed: str
    words: list[str]

    def groups(self) -> list[SearchGroup]:
        """Return the hits by kind, only of kinds that the user may view."""
        groups = []
        for admin in self._searchable_admins():
            groups.append(self._records(admin))
            if admin.model is Provider and self._may_view(PolicyDocument):
                groups.append(self._documents())
        if self._may_view(Publication):
            groups.append(self._published_pages())
        groups.append(self._deleted())
        return groups

    def _searchable_admins(self) -> Iterator[ModelAdmin]:
        """Give the admin classes that can be searched, in the order of the dashboard."""
        for app in self.site.get_app_list(self.request, "compliance"):
            for model in app["models"]:
                admin = self.site.get_model_admin(model["model"])
                if admin.search_fields and admin.has_view_permission(self.request):
                    yield admin

    def _may_view(self, model: type[Model]) -> bool:
        return self.request.user.has_perm(f"compliance.view_{model._meta.model_name}")

    def _list_address(self, model: type[Model], **query: str) -> str:
        address = reverse(f"admin:compliance_{model._meta.model_name}_changelist")
        return f"{address}?{urlencode(query or {'q': self.typed})}"

    def _records(self, admin: ModelAdmin) -> SearchGroup:
        """Return what the change list of a model would find."""
        model = admin.model
        viewable = admin.get_queryset(self.request)
        matching, _ = admin.get_search_results(self.request, viewable, self.typed)
        # Filtered by key, because a record with several matching parts is in `matching` as often.
        records, more = _first(viewable.filter(pk__in=matching.order_by().values("pk")))
        descriptions = _DESCRIBE.get(model, _describe_by_name)(records)
        hits = []
        for record, (name, where) in zip(records, descriptions, strict=True):
            address = reverse(f"admin:compliance_{model._meta.model_name}_change", args=[record.pk])
            hits.append(SearchHit(name, address, where, self._excerpt(record, name)))
        title = capfirst(model._meta.verbose_name_plural)
        return SearchGroup(title, tuple(hits), more, self._list_address(model))

    def _excerpt(self, record: Model, name: str) -> Excerpt | None:
        """Return the part of a record's text with the first word that is not in its name."""
        for word in self.words:
            if _match(word, name):
                continue
            for field in _text_fields(record):
                value = getattr(record, field.attname)
                match = _match(word, value) if isinstance(value, str) else None
                if match:
                    return _excerpt_around(match, label=capfirst(field.verbose_name))
        return None

    def _documents(self) -> SearchGroup:
        documents = PolicyDocument.objects.select_related("provider")
        documents = documents.order_by("provider__name", "position", "id")
        for word in self.words:
            # A document without a label is called by its kind, in the words of document_label.
            kinds = [kind for kind in DocumentKind if _match(word, document_label("", kind))]
            has_word = Q(label__says=word) | Q(url__says=word) | Q(provider__name__says=word)
            documents = documents.filter(has_word | Q(label="", kind__in=kinds))
        shown, more = _first(documents)
        keys = [(SubjectKind.DOCUMENT, str(document.pk)) for document in shown]
        forms_by_key = addresses(keys)
        hits = []
        for document, key in zip(shown, keys, strict=True):
            address = forms_by_key.get(key, "")
            hits.append(SearchHit(document.printed_label, address, document.url))
        return SearchGroup("Policy documents", tuple(hits), more, self._list_address(Provider))

    def _published_pages(self) -> SearchGroup:
        """Return the runs of publications that have the words, latest first.

        A run is the first and the last of consecutive publications with the same words.
        """
        runs = []
        try:
            for index in reader.read_indexes():
                found = publication_search.read_text_index(index).find(self.words)
                runs += [(index, run) for run in reversed(found)]
        except StoreFault as fault:
            message = f"Past publications could not be searched. {fault}"
            return SearchGroup(_PUBLICATIONS_TITLE, fault=message)
        shown = runs[:_HITS]
        keys = _publication_keys({last for _, (_, last) in shown})
        hits = [
            _run_hit(index, first, last, keys.get((index.slug, last)))
            for index, (first, last) in shown
        ]
        more = len(runs) - len(shown)
        address = self._list_address(Publication, q="")
        return SearchGroup(_PUBLICATIONS_TITLE, tuple(hits), more, address)

    def _deleted(self) -> SearchGroup:
        """Return deleted records by any name that they ever had, with links to their history."""
        rows: list[Any] = []
        more = 0
        for kind in filter(self._may_view, KINDS):
            deleted = queries.deleted_rows(kind)
            for word in self.words:
                deleted = deleted.filter(id__in=keys_named(kind, word))
            shown, hidden = _first(deleted)
            rows += shown
            more += hidden
        hits = []
        for row, name in zip(rows, queries.names_at_the_time(rows), strict=True):
            options = row.instance_type._meta
            hits.append(
                SearchHit(
                    f"{capfirst(options.verbose_name)}: {name}",
                    reverse(f"admin:compliance_{options.model_name}_history", args=[row.id]),
                    f"Deleted by {queries.editor_name(row.changeset)}, "
                    f"{row.changeset.recorded_at:%-d %b %Y}",
                )
            )
        address = self._list_address(Changeset, name=self.typed) if more else ""
        return SearchGroup("Deleted", tuple(hits), more, address)


def _first(records: Any) -> tuple[list[Any], int]:
    """Return the first records, and how many more there are (counted only if there are any)."""
    shown = list(records[: _HITS + 1])
    return shown[:_HITS], records.count() - _HITS if len(shown) > _HITS else 0


def _match(word: str, text: str) -> re.Match[str] | None:
    return re.search(joiners.search_pattern(word), text, re.IGNORECASE)


def _text_fields(record: Model) -> list[Any]:
    """Return the fields with texts that somebody typed."""
    return [
        field
        for field in record._meta.fields
        if isinstance(field, CharField | TextField) and not field.choices
    ]


def _excerpt_around(match: re.Match[str], *, label: str) -> Excerpt:
    before, after = match.string[: match.start()], match.string[match.end() :]
    if len(before) > _EXCERPT:
        before = f"…{before[-_EXCERPT:]}"
    if len(after) > _EXCERPT:
        after = f"{after[:_EXCERPT]}…"
    return Excerpt(label, before, match[0], after)


def _publication_keys(numbers: set[int]) -> dict[tuple[str, int], int]:
    """Return the primary keys of approved publications by the register's slug and the number."""
    approvals = Decision.objects.filter(kind=Decision.Kind.APPROVED, number__in=numbers)
    rows = approvals.values_list("register__slug", "number", "publication")
    return {(slug, number): key for slug, number, key in rows if number}


def _run_hit(index: Any, first: int, last: int, key: int | None) -> SearchHit:
    """Return the hit for a run of publications.

    It has no address if the database does not know the publication: a backup of the database may
    be older than the published store.
    """
    title_entry, first_entry = index.entry(last), index.entry(first)
    title = title_entry.title if title_entry else index.slug
    if first == last:
        numbers, since = f"publication {last}", "From"
    else:
        numbers, since = f"publications {first} to {last}", "The first of them from"
    where = f"{since} {first_entry.effective_from:%-d %b %Y}" if first_entry else ""
    address = reverse("admin:compliance_publication_change", args=[key]) if key else ""
    return SearchHit(f"{title}, {numbers}", address, where)


# The name of each record, and where it is used: in a fixed number of queries for all records.

_Descriptions = Iterable[tuple[str, str]]


def _describe_by_name(records: Sequence[Any]) -> _Descriptions:
    return [(str(record), "") for record in records]


def _describe_models(records: Sequence[Any]) -> _Descriptions:
    rows = ListedModel.objects.filter(model__in=records)
    return _describe_with_listings(records, _listings_by(rows, "model_id"), "Not listed")


def _describe_providers(records: Sequence[Any]) -> _Descriptions:
    rows = ListedProvider.objects.filter(provider__in=records)
    return _describe_with_listings(records, _listings_by(rows, "provider_id"), "Not listed")


def _describe_terms(records: Sequence[Any]) -> _Descriptions:
    rows = Cell.objects.filter(term__in=records)
    return _describe_with_listings(records, _listings_by(rows, "term_id"), "In no row itself")


def _listings_by(rows: Any, key: str) -> dict[Any, list[Any]]:
    """Return the listings of parts of listings, each once, by a field of the parts."""
    listings: defaultdict[Any, dict[Any, Any]] = defaultdict(dict)
    rows = rows.select_related("listing__section__register")
    order = ("section__register__title", "section__position", "position", "pk")
    for row in rows.order_by(*(f"listing__{field}" for field in order)):
        listings[getattr(row, key)][row.listing_id] = row.listing
    return {record: list(found.values()) for record, found in listings.items()}


def _describe_with_listings(
    records: Sequence[Any], listings: Mapping[Any, list[Any]], if_none: str
) -> _Descriptions:
    places = RowPlaces(listing for found in listings.values() for listing in found)
    return [
        (str(record), _listing_places(listings.get(record.pk, []), places) or if_none)
        for record in records
    ]


def _listing_places(listings: Sequence[Any], places: RowPlaces) -> str:
    names = "; ".join(map(places.place, listings[:_LISTINGS]))
    hidden = len(listings) - _LISTINGS
    return f"{names} and {hidden} more" if hidden > 0 else names


def _describe_listings(records: Sequence[Any]) -> _Descriptions:
    read_names(records)
    places = RowPlaces(records)
    for listing in records:
        yield row_name(listing), places.place(listing)


def _describe_footnotes(records: Sequence[Any]) -> _Descriptions:
    return [(f"Footnote {footnote.position}", str(footnote.register)) for footnote in records]


def _describe_changesets(records: Sequence[Any]) -> _Descriptions:
    for changeset in records:
        who = queries.editor_name(changeset)
        yield changeset.reason, f"{who}, {minute_text(changeset.recorded_at)}"


def _describe_publications(records: Sequence[Any]) -> _Descriptions:
    for publication in records:
        number = publication.given_number or Status(publication.status).label.lower()
        submitted = f"Submitted {publication.submitted_at:%-d %b %Y} by {publication.label}"
        yield f"{publication.register}, {number}", submitted


_DESCRIBE: dict[type[Model], Callable[[Sequence[Any]], _Descriptions]] = {
    AIModel: _describe_models,
    Provider: _describe_providers,
    RetentionTerm: _describe_terms,
    Listing: _describe_listings,
    Footnote: _describe_footnotes,
    Changeset: _describe_changesets,
    Publication: _describe_publications,
}
