"""The edits of listings: their places, their parts, and the marks on these."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from compliance.models import Citation, Listing, graph
from compliance.page.vocabulary import ColumnRole
from compliance.publishing.page_before import PageBefore
from compliance.publishing.row_histories import (
    FROM_THE_BEGINNING,
    RowHistory,
    ever,
    last_published,
    read_histories,
)

# The parts of a listing, by the field of a citation that marks one.
_PARTS = {part.cited_as: part.model for part in graph.parts_of(Listing)}
# A table shows these parts only in a column of the role; cells stand in any column.
_ROLES = {
    "listed_model": ColumnRole.MODELS,
    "listed_provider": ColumnRole.PROVIDERS,
    "listed_document": ColumnRole.DOCUMENTS,
}


class Part(NamedTuple):
    """A listed model, provider or document, or a cell."""

    listing: Any
    term: int | None = None
    text: str = ""
    blank_role: str = ""


class _Mark(NamedTuple):
    """A footnote's mark: what it marks, in the order of `_PARTS`."""

    footnote: Any
    targets: tuple[Any, ...]


class ListingEdits:
    """Finds the edits of some listings and of all that ever stood in them."""

    def __init__(self, listings: Collection[str], page: PageBefore, notes: Collection[str]) -> None:
        """Read the histories. `notes` are the ids of the footnotes that are printed now."""
        self._listings, self._page, self._notes = listings, page, notes
        self._rows = {
            field: ever(model.history, Q(listing_id__in=listings))
            for field, model in _PARTS.items()
        }
        self._parts = {field: _read_parts(field, rows) for field, rows in self._rows.items()}
        # By the field of a citation, and the key of the part that it marks.
        self._owners: defaultdict[tuple[str, Any], set[str]] = defaultdict(set)
        self._shown: dict[tuple[str, Any], set[int]] = {}

    @property
    def cells(self) -> Collection[RowHistory[Part]]:
        """The histories of the cells."""
        return self._parts["cell"].values()

    def edits(self) -> Iterator[tuple[str, set[int]]]:
        """Yield each listing with changesets of which readers have not seen the edits."""
        own = Listing.history.filter(id__in=self._listings)
        for key, row in read_histories(own, lambda: ()).items():
            yield str(key), row.unseen_edits(self._captured_at(str(key)))
        for field, histories in self._parts.items():
            for key, history in histories.items():
                yield from self._part_edits(field, key, history)
        yield from self._mark_edits()

    def _part_edits(
        self, field: str, key: Any, history: RowHistory[Part]
    ) -> Iterator[tuple[str, set[int]]]:
        """Yield the edits of a part in every listing where it ever stood.

        A part that was moved counts in both. If it came from a row that the page does not show,
        whoever wrote it there counts too.
        """
        owners = self._owners[field, key]
        owners.update(str(state.listing) for state in history.states)
        shown = self._shown[field, key] = set(self._shown_at(field, history))
        for listing in owners.intersection(self._listings):
            published = self._captured_at(listing)
            since = last_published(shown, is_printed=history.now is not None, if_hidden=published)
            yield listing, history.unseen_edits(min(since, published))

    def _shown_at(self, field: str, history: RowHistory[Part]) -> Iterator[int]:
        """Yield the changesets of the listings in which the page before shows a part."""
        role = _ROLES.get(field)
        for changeset, listing, state in self._page.standing(history):
            if role is not None and not self._page.has_column(listing, role):
                continue
            # Documents that a row names are printed, whatever a blank cell says.
            is_hidden = state.blank_role == ColumnRole.DOCUMENTS
            if not is_hidden or not self._page.shows_documents(listing):
                yield changeset

    def _mark_edits(self) -> Iterator[tuple[str, set[int]]]:
        is_mark = Q()
        for field, rows in self._rows.items():
            is_mark |= Q(**{f"{field}_id__in": rows.values("id")})
        columns = ("footnote_id", *(f"{field}_id" for field in _PARTS))
        marks = read_histories(ever(Citation.history, is_mark), _mark, *columns)
        for history in marks.values():
            owners: set[str] = set()
            for state in history.states:
                for target in zip(_PARTS, state.targets, strict=True):
                    owners |= self._owners.get(target, set())
            shown = self._mark_shown_at(history)
            now = history.now
            is_printed = now is not None and str(now.footnote) in self._notes
            for listing in owners.intersection(self._listings):
                published = self._captured_at(listing)
                since = last_published(shown, is_printed=is_printed, if_hidden=published)
                yield listing, history.unseen_edits(min(since, published))

    def _mark_shown_at(self, history: RowHistory[_Mark]) -> set[int]:
        """Return the changesets at which a mark was on something that the page before shows."""
        shown = set()
        for changeset in self._page.changesets:
            state = history.at(changeset)
            if state is None or str(state.footnote) not in self._page.notes:
                continue
            for target in zip(_PARTS, state.targets, strict=True):
                shown |= {changeset} & self._shown.get(target, set())
        return shown

    def _captured_at(self, listing: str) -> int:
        """Return the changeset at which the page before captured a listing."""
        return self._page.listings.get(listing, FROM_THE_BEGINNING)


def _read_parts(field: str, rows: QuerySet[Any]) -> dict[Any, RowHistory[Part]]:
    if field != "cell":
        return read_histories(rows, Part, "listing_id")
    columns = ("listing_id", "term_id", "text", "is_blank", "column__role")
    return read_histories(rows, _cell, *columns)


def _cell(listing: Any, term: int | None, text: str, is_blank: bool, role: str | None) -> Part:
    return Part(listing, term, text, (is_blank and role) or "")


def _mark(footnote: Any, *targets: Any) -> _Mark:
    return _Mark(footnote, targets)
