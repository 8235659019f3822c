"""The page before a publication: what it shows, and of which changeset it was published."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from compliance.models import Publication
from compliance.models.publications import FRAME
from compliance.page.parts import REGISTER_TEXTS, Page, listing_key, part_keys
from compliance.page.remembered import by_identity, values_of
from compliance.page.snapshot import Snapshot
from compliance.page.table import Row
from compliance.page.vocabulary import ColumnRole
from compliance.publishing.row_histories import FROM_THE_BEGINNING, RowHistory, last_published

# A model or provider as a page names it: ("model", "gpt-5").
Party = tuple[str, str]


class ShownTerm(NamedTuple):
    """Of which changesets a page shows the clauses of a retention term, and its wording as well."""

    linked: set[int]
    worded: set[int]


class _InListing(Protocol):
    @property
    def listing(self) -> Any: ...


_State = TypeVar("_State", bound=_InListing)
# Parts that every page has, even if they say nothing.
_ALWAYS_THERE = (
    *(f"register:{name}" for name in REGISTER_TEXTS),
    *(f"frame:{name}" for name in FRAME),
)


def page_before(base: Publication | None) -> "PageBefore":
    """Return what the page before shows; it is read once, as a publication never changes."""
    if base is None:
        return PageBefore(None)
    pages, key = _pages_with(base.snapshot()), (base.pk, base.submitted_at)
    if key not in pages:
        pages[key] = PageBefore(base)
    return pages[key]


@by_identity(8)
def _pages_with(snapshot: Snapshot) -> "dict[tuple[Any, datetime], PageBefore]":
    """Return the pages with a snapshot that were read; a revert has that of another page."""
    return {}


class PageBefore:
    """What the page before shows, each with the changesets of which it was published.

    A part that was held back stands as it was at an older changeset than the rest of the page, so a
    provider in two listings may have two changesets.

    `captured` is the changeset of the page, `listings` has that of each listing. `parties` are
    named in a row, `listed` stand in the row's column of models or providers themselves, and not
    only as the author of a document. `documents` are there by the keys of their rows, `notes` by
    theirs, and `facts` has the wordings of the terms that providers declare and models require.
    """

    def __init__(self, base: Publication | None) -> None:
        self.snapshot: Snapshot | None = base.snapshot() if base else None
        self.captured = _captured(base)
        rows = {row.id: row for row in self.snapshot.rows()} if self.snapshot else {}
        keys = part_keys(Page(self.snapshot, {})) if self.snapshot else []
        self._parts = _captured_parts(base, {*keys, *_ALWAYS_THERE})
        self.listings = {listing: self._parts[listing_key(listing)] for listing in rows}
        self.changesets = sorted(set(self.listings.values()))
        self.parties: defaultdict[Party, set[int]] = defaultdict(set)
        self.listed: defaultdict[Party, set[int]] = defaultdict(set)
        self.documents: defaultdict[str, set[int]] = defaultdict(set)
        for row, (named, listed, documents) in zip(
            rows.values(), values_of(_named, list(rows.values())), strict=True
        ):
            changeset = self.listings[row.id]
            for party in named:
                self.parties[party].add(changeset)
            for party in listed:
                self.listed[party].add(changeset)
            for document in documents:
                self.documents[document].add(changeset)
        for kind, id in self.parties:
            self.parties[kind, id].add(self._parts[f"{kind}:{id}"])
        self.notes = note_ids(self.snapshot)
        self.facts = dict(_facts(self.snapshot)) if self.snapshot else {}
        # By the key of a retention term, what `term_edits` has found of it.
        self.terms: dict[int, ShownTerm] = {}
        self._rows = rows

    def standing(self, history: RowHistory[_State]) -> Iterator[tuple[int, str, _State]]:
        """Yield where a part of a listing stood when the page was published.

        That is the changeset, the id of the listing, and the state of the part.
        """
        for changeset in self.changesets:
            state = history.at(changeset)
            if state is not None and self.listings.get(str(state.listing)) == changeset:
                yield changeset, str(state.listing), state

    def published(self, part: str, *, is_printed: bool, if_hidden: int | None = None) -> int:
        """Return the last changeset whose edits of a part (a key) are no news to readers."""
        shown = {self._parts[part]} if part in self._parts else set()
        hidden = self.captured if if_hidden is None else if_hidden
        return last_published(shown, is_printed=is_printed, if_hidden=hidden)

    @property
    def newest(self) -> int:
        """The last changeset of which a part of the page is shown."""
        return max(self._parts.values(), default=FROM_THE_BEGINNING)

    def texts_published(self, changed: Collection[str]) -> int:
        """Return the changeset of which the texts beside the listings were last published.

        While a listing is held back, the page shows its section, its columns and its footnotes for
        it, even if they are deleted, and it reads as its columns asked before. So a publication
        that changes such a listing (`changed`) counts their edits since that was last published.
        """
        released = (self.listings[listing] for listing in self.listings.keys() & set(changed))
        return min([self.captured, *released])

    def has_column(self, listing: str, role: ColumnRole) -> bool:
        """Return whether the table of a listing shows what it lists in a role."""
        return self._rows[listing].section.column(role) is not None

    def shows_documents(self, listing: str) -> bool:
        return bool(self._rows[listing].documents)


def _named(row: Row) -> tuple[tuple[Party, ...], tuple[Party, ...], tuple[str, ...]]:
    """Return the parties of a row, those that it lists, and the ids of its documents."""
    documents = tuple(document.document for document in row.documents)
    return tuple(parties(row)), tuple(listed_parties(row)), documents


def parties(row: Row) -> Iterator[Party]:
    """Yield the models and providers of a row; a document's provider is one of them."""
    yield from listed_parties(row)
    for document in row.documents:
        if document.provider:
            yield "provider", document.provider


def listed_parties(row: Row) -> Iterator[Party]:
    """Yield the models and providers that a row lists in their columns."""
    for model in row.models:
        yield "model", model.model
    for provider in row.providers:
        yield "provider", provider.provider


def note_ids(page: Snapshot | None) -> frozenset[str]:
    """Return the ids of a page's footnotes."""
    return frozenset(note.id for note in page.footnotes) if page else frozenset()


def _facts(page: Snapshot) -> Iterator[tuple[Party, str]]:
    for model in page.models:
        if model.retention_floor:
            yield ("model", model.id), model.retention_floor.plain
    for provider in page.providers:
        if provider.declared and provider.declared.retention:
            yield ("provider", provider.id), provider.declared.retention.plain


def _captured(publication: Publication | None) -> int:
    """Return the last changeset in a publication's bytes; a revert has the earlier bytes."""
    origin = publication and (publication.reverts or publication)
    return (origin and origin.captured_changeset_id) or FROM_THE_BEGINNING


def _captured_parts(base: Publication | None, parts: set[str]) -> dict[str, int]:
    """Return the changeset of which each part was last published; held back, it is older."""
    captured = dict.fromkeys(parts, FROM_THE_BEGINNING)
    pages = [(base, parts)]
    while pages:
        publication, sought = pages.pop()
        if publication is None or not sought:
            continue
        # A revert has the earlier publication's bytes, so it held back the same parts.
        origin = publication.reverts or publication
        held_back = sought & set(origin.held_back or ())
        own = sought - held_back
        if origin.renews:  # whose differences it took over, held back as they were there
            pages.append((origin.renews, own))
        else:
            captured.update(dict.fromkeys(own, _captured(origin)))
        pages.append((origin.base, held_back))
    return captured
