"""The edits of a register's own texts: its sections, columns, footnotes and general marks."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from compliance.models import Citation, Column, Footnote, Listing, Register, Section
from compliance.page.snapshot import Snapshot
from compliance.publishing.page_before import PageBefore, Party, listed_parties, note_ids
from compliance.publishing.row_histories import (
    FROM_THE_BEGINNING,
    ever,
    last_published,
    read_histories,
)


class _Place(NamedTuple):
    section: Any
    position: int


class _Note(NamedTuple):
    register: int


class _GeneralMark(NamedTuple):
    """A footnote's mark on a model or provider, wherever the register lists it."""

    footnote: Any
    model: str | None
    provider: str | None

    @property
    def party(self) -> Party:
        """What it marks; a mark on a part of a listing marks ("provider", "")."""
        return ("model", self.model) if self.model else ("provider", self.provider or "")


def text_edits(register: Register, since: int) -> set[int]:
    """Return the later changesets of a register's own fields, its sections and their columns.

    A section stays in its register, and a column in its section: the database sees to it. So all
    that they were before is published, unless they were deleted meanwhile: see `restored_texts`.
    """
    histories = (
        Register.history.filter(id=register.pk),
        Section.history.filter(register=register.pk),
        Column.history.filter(section_id__in=section_ids(register)),
    )
    return later(since, *histories)


def restored_texts(page: PageBefore, after: Snapshot) -> set[int]:
    """Return all changesets of the sections and columns that the page before does not show.

    One that was deleted and restored may say what no page ever showed.
    """
    if page.snapshot is None:  # then all edits of all texts count
        return set()
    sections: set[str] = set()
    columns: set[tuple[str, str]] = set()
    for section in page.snapshot.sections:
        sections.add(section.id)
        columns.update((section.id, column.key) for column in section.columns)
    changesets: set[int] = set()
    for section in after.sections:
        if section.id not in sections:
            rows = Section.history.filter(id=section.id)
            changesets |= later(FROM_THE_BEGINNING, rows)
        keys = [column.key for column in section.columns if (section.id, column.key) not in columns]
        if keys:
            rows = Column.history.filter(section_id=section.id, key__in=keys)
            changesets |= later(FROM_THE_BEGINNING, rows)
    return changesets


def note_edits(register: Register, page: PageBefore, after: Snapshot, published: int) -> set[int]:
    """Return the changesets of footnotes that the page before does not show.

    A footnote that stays only for a listing held back was last published with that (`published`).
    """
    printed = note_ids(after)
    rows = ever(Footnote.history, Q(register_id=register.pk))
    changesets: set[int] = set()
    for key, history in read_histories(rows, _Note, "register_id").items():
        state = history.at(page.captured)
        is_shown = str(key) in page.notes and state == _Note(register.pk)
        since = last_published(
            {page.captured} if is_shown else set(),
            is_printed=str(key) in printed and history.now is not None,
            if_hidden=published,
        )
        changesets |= history.edits_after(since)
    return changesets


def general_mark_edits(
    register: Register, page: PageBefore, after: Snapshot, published: int
) -> Iterator[tuple[Party, set[int]]]:
    """Yield what is marked wherever it is listed, with the changesets not published of the mark."""
    printed_notes = note_ids(after)
    printed = frozenset(chain.from_iterable(map(listed_parties, after.rows())))
    notes = Footnote.history.filter(register_id=register.pk).values("id")
    is_general = Q(model_id__isnull=False) | Q(provider_id__isnull=False)
    rows = ever(Citation.history, Q(footnote_id__in=notes) & is_general)
    columns = ("footnote_id", "model__slug", "provider__slug")
    for history in read_histories(rows, _GeneralMark, *columns).values():
        shown = set()
        for changeset in page.changesets:
            state = history.at(changeset)
            if state and str(state.footnote) in page.notes:
                shown |= {changeset} & page.listed.get(state.party, set())
        now = history.now
        is_printed = bool(now and now.party in printed and str(now.footnote) in printed_notes)
        since = last_published(shown, is_printed=is_printed, if_hidden=published)
        for party in {state.party for state in history.states}:
            yield party, history.edits_after(since)


def reorderings(register: Register, since: int) -> set[int]:
    """Return the later changesets that gave a row another place: a section or a position."""
    histories = read_histories(listing_history(register), _Place, "section_id", "position")
    changesets: set[int] = set()
    for history in histories.values():
        place = None
        for changeset, state in history.versions:
            if state is None:  # a removal gives the row no other place
                continue
            if changeset > since and place not in (None, state):
                changesets.add(changeset)
            place = state
    return changesets


def section_ids(register: Register) -> QuerySet[Any]:
    """Return the ids of the sections that a register ever had."""
    ids: QuerySet[Any] = Section.history.filter(register_id=register.pk).values("id")
    return ids


def listing_history(register: Register) -> QuerySet[Any]:
    """Return the history rows of listings while they stood in a register."""
    rows: QuerySet[Any] = Listing.history.filter(section_id__in=section_ids(register))
    return rows


def later(since: int, *histories: QuerySet[Any]) -> set[int]:
    """Return the later changesets of history rows. Takes one query for each queryset."""
    changesets = (
        rows.filter(changeset_id__gt=since).values_list("changeset_id", flat=True)
        for rows in histories
    )
    return set(chain.from_iterable(changesets))
