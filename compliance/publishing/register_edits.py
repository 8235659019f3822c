"""The edits of a register's own texts: its sections, columns, footnotes and general marks."""

from collections.abc import Collection, Iterator
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from compliance.models import Citation, Column, Footnote, Listing, Register, Section
from compliance.models.publications import FRAME
from compliance.models.tracked import Tracked
from compliance.page.parts import Page, column_key, columns_order_key, listing_key, part_keys
from compliance.page.remembered import values_of
from compliance.page.snapshot import Snapshot
from compliance.page.table import Row
from compliance.publishing.page_before import PageBefore, Party, listed_parties, note_ids
from compliance.publishing.row_histories import RowHistory, ever, last_published, read_histories


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
    """Return the later changesets of a register's own fields, its sections and their columns."""
    changesets: set[int] = set()
    for _, history in _texts(register):
        changesets |= history.edits_after(since)
    return changesets


def edits_by_text(
    register: Register,
    page: PageBefore,
    after: Snapshot,
    held_back: Collection[str],
    published: int,
) -> Iterator[tuple[str, set[int]]]:
    """Yield the parts beside the listings, each with changesets that readers have not seen.

    They are the register's own fields, its sections, their columns and its footnotes. `published`
    is the changeset of which the texts beside the listings were last published.
    """
    printed = frozenset(part_keys(Page(after, {})))
    for part, history in _texts(register):
        if part not in held_back:
            since = min(published, page.published(part, is_printed=part in printed))
            yield part, history.unseen_edits(since)
    notes = ever(Footnote.history, Q(register_id=register.pk))
    for note, history in read_histories(notes, _Note, "register_id").items():
        part = f"footnote:{note}"
        if part not in held_back:
            is_printed = part in printed and history.now is not None
            since = page.published(part, is_printed=is_printed, if_hidden=published)
            yield part, history.unseen_edits(since)


def _texts(register: Register) -> Iterator[tuple[str, RowHistory[Any]]]:
    """Yield the parts of a register's fields, sections and columns, each with its history.

    A section stays in its register, and a column in its section: the database sees to it. So all
    that they were before is published, unless the page before does not show them: one that was
    deleted and restored, or held back, may say what no page ever showed.
    """
    fields = _recorded_fields(Register)
    rows = Register.history.filter(id=register.pk)
    for history in read_histories(rows, _fields, *fields).values():
        for place, name in enumerate(fields):
            prefix = "frame" if name in FRAME else "register"
            yield f"{prefix}:{name}", history.of(itemgetter(place))
    rows = Section.history.filter(register=register.pk)
    for section, history in read_histories(rows, _fields, "prose", "position").items():
        yield f"prose:{section}", history.of(itemgetter(0))
        yield "order:sections", history.moves(itemgetter(1))
    fields = _recorded_fields(Column)
    order = fields.index("position")
    rows = Column.history.filter(section_id__in=section_ids(register))
    for history in read_histories(rows, _fields, *fields).values():
        state = next(history.states)
        section, key = state[fields.index("section_id")], state[fields.index("key")]
        yield column_key(str(section), key), history.of(partial(_without, order))
        yield columns_order_key(str(section)), history.moves(itemgetter(order))


def _recorded_fields(model: type[Tracked]) -> list[str]:
    """Return the names of the fields of which the history is kept, without the key."""
    fields = model._meta.concrete_fields
    kept = {field.attname for field in model.history.model._meta.concrete_fields}
    return [field.attname for field in fields if field.attname in kept and not field.primary_key]


def _fields(*values: Any) -> tuple[Any, ...]:
    return values


def _without(place: int, values: tuple[Any, ...]) -> tuple[Any, ...]:
    return values[:place] + values[place + 1 :]


def _listed(row: Row) -> tuple[Party, ...]:
    return tuple(listed_parties(row))


def general_mark_edits(
    register: Register,
    page: PageBefore,
    after: Snapshot,
    held_back: Collection[str],
    published: int,
) -> Iterator[tuple[str, Party, set[int]]]:
    """Yield a footnote's part, what it marks wherever that is listed, and unseen edits of the mark.

    What only rows held back list is left out.
    """
    listed_in_held, listed_elsewhere = set[Party](), set[Party]()
    for row, listed in zip(after.rows(), values_of(_listed, after.all_rows), strict=True):
        is_held = bool(held_back) and listing_key(row.id) in held_back
        (listed_in_held if is_held else listed_elsewhere).update(listed)
    printed_notes = note_ids(after)
    printed = listed_in_held | listed_elsewhere
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
        footnote = f"footnote:{list(history.states)[-1].footnote}"
        for party in {state.party for state in history.states}:
            if party in listed_in_held and party not in listed_elsewhere:
                continue
            yield footnote, party, history.unseen_edits(since)


def reorderings(
    register: Register, page: PageBefore, held_back: Collection[str], published: int
) -> Iterator[tuple[str, set[int]]]:
    """Yield the orders of rows, each with the changesets that gave a row another place there."""
    histories = read_histories(listing_history(register), _Place, "section_id", "position")
    for history in histories.values():
        moves = history.moves(lambda place: place)
        for changeset, place in moves.versions:
            part = f"order:{place.section}" if place else ""
            since = min(published, page.published(part, is_printed=False))
            if part not in held_back:
                yield part, moves.unseen_edits(since) & {changeset}


def section_ids(register: Register) -> QuerySet[Any]:
    """Return the ids of the sections that a register ever had."""
    ids: QuerySet[Any] = Section.history.filter(register_id=register.pk).values("id")
    return ids


def listing_history(register: Register) -> QuerySet[Any]:
    """Return the history rows of listings while they stood in a register."""
    rows: QuerySet[Any] = Listing.history.filter(section_id__in=section_ids(register))
    return rows


def later(since: int, *histories: QuerySet[Any]) -> set[int]:
    """Return the later changesets of history rows, in one query."""
    first, *others = [
        rows.filter(changeset_id__gt=since).order_by().values_list("changeset_id", flat=True)
        for rows in histories
    ]
    return set(first.union(*others))
