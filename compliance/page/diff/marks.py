"""The printed marks of footnotes, and which of them came or went."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from compliance.page.claims import needs_label
from compliance.page.diff.effects import is_promise
from compliance.page.diff.sentences import FEW, column_title, join_names, row_label
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.remembered import by_identity, rows_with, values_of
from compliance.page.row_pairs import rows_by_id
from compliance.page.snapshot import Snapshot
from compliance.page.table import Cell, Column, DocumentItem, Item, ModelItem, ProviderItem, Row

# A place that can cite footnotes within a row: its kind, and what tells it from others of its kind.
_Place = tuple[str, ...]
_MODEL, _PROVIDER, _DOCUMENT, _CELL = "model", "provider", "document", "cell"
# A place with the id of a footnote that is cited there.
_PlacedNote = tuple[_Place, str]
# A model or provider, as its own place in a row.
_Subject = _Place
_RowsBySubject = dict[_Subject, list[str]]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A printed mark: where it stands."""

    row: Row
    column: Column
    item: Item
    place: _Place

    @property
    def words(self) -> str:
        """The words for the place in a sentence."""
        return _place_words(self.column, self.item, self.place, self.row)


@by_identity(16)
def marks_of(snapshot: Snapshot) -> "Marks":
    """Return the marks of a page."""
    return Marks(snapshot)


class Marks:
    """The marks of a page, by row, place and footnote."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._of_page = snapshot.all_rows
        self.rows = rows_by_id(snapshot)
        self.numbers = {note.id: note.number for note in snapshot.footnotes}
        self._notes = {note.number: note.id for note in snapshot.footnotes}
        self.by_row: defaultdict[str, dict[_PlacedNote, _Mark]] = defaultdict(dict)
        self._by_note: defaultdict[str, list[_Mark]] = defaultdict(list)
        for row, marked in rows_with(_marked, snapshot.all_rows):
            for column, cell, item in marked:
                self._add(row, column, cell, item)

    def _add(self, row: Row, column: Column, cell: Cell, item: Item) -> None:
        mark = _Mark(row, column, item, _place(column, cell, item))
        for number in item.footnotes:
            note = self._notes[number]
            self.by_row[row.id][mark.place, note] = mark
            self._by_note[note].append(mark)

    def touch_promise(self, note: str) -> bool:
        """Return whether a footnote marks a claim or a provider, or a model in a row of those."""
        return any(is_promise(mark.column, mark.row) for mark in self._by_note.get(note, ()))

    def words(self, note: str) -> str:
        """Return the words for what a footnote marks, as they stand in a sentence."""
        marks = self._by_note.get(note, ())
        return join_names(dict.fromkeys(mark.words for mark in marks), limit=FEW) or "nothing"

    def of(self, row: str, subject: _Subject) -> dict[_PlacedNote, _Mark]:
        """Return the marks of a row that hold for one of its models or providers."""
        kind = subject[0]
        return {
            (place, note): mark
            for (place, note), mark in self.by_row.get(row, {}).items()
            if place[0] != kind or place == subject
        }

    def find(self, row: str, place: _Place) -> _Mark | None:
        """Return a mark as it would stand at a place of a row; None without such a place."""
        if row not in self.rows:
            return None
        for column, cell in self.rows[row].cells:
            for item in cell.items:
                if _place(column, cell, item) == place:
                    return _Mark(self.rows[row], column, item, place)
        return None

    @cached_property
    def rows_by_subject(self) -> dict[_Subject, list[str]]:
        """The ids of the rows of each model, and of each provider of rows without models."""
        rows: defaultdict[_Subject, list[str]] = defaultdict(list)
        for row, subjects in self.subjects:
            for subject in subjects:
                rows[subject].append(row)
        return rows

    @cached_property
    def subjects(self) -> list[tuple[str, tuple[_Subject, ...]]]:
        """The ids of the rows, each with what it is about."""
        ids = [row.id for row in self._of_page]
        return list(zip(ids, values_of(_subjects_once, self._of_page), strict=True))


def mark_changes(old: Marks, new: Marks) -> Iterator[Change]:
    """Give the marks that were added or removed, also for models that moved to other rows.

    A mark that was removed with its place is not reported, nor is one that came with a new row.
    Where a footnote is new or gone, its own change names its marks.
    """
    if not old.by_row and not new.by_row:
        return
    moved = _moved_subjects(old, new)
    keys = set()
    for change in _changes_in_rows(old, new, moved):
        keys.add(change.key)
        yield change
    for change in _changes_of_moved(old, new, moved):
        # Where the whole row has another mark, it is told of the row.
        if change.key not in keys:
            yield change


def _changes_in_rows(old: Marks, new: Marks, moved: _RowsBySubject) -> Iterator[Change]:
    """Give the marks that rows on both pages have gained or lost."""
    for row, marks in new.by_row.items():
        for (place, note), mark in marks.items():
            is_told = row not in old.rows or note not in old.numbers
            is_known = is_told or (place, note) in old.by_row.get(row, {})
            if not is_known and row not in moved.get(place, ()):
                yield _change(ChangeKind.CITATION_ADDED, mark, mark.words, note, new)
    for row, marks in old.by_row.items():
        for (place, note), mark in marks.items():
            is_kept = note not in new.numbers or (place, note) in new.by_row.get(row, {})
            if not is_kept and new.find(row, place):
                yield _change(ChangeKind.CITATION_REMOVED, mark, mark.words, note, new)


def _moved_subjects(old: Marks, new: Marks) -> _RowsBySubject:
    """Return the rows in which each model or provider is new, of those that stood in others."""
    moved: _RowsBySubject = {}
    if old.subjects == new.subjects:
        return moved
    old_by_subject = old.rows_by_subject
    for subject, rows in new.rows_by_subject.items():
        old_rows = old_by_subject.get(subject, rows)
        if rows == old_rows:
            continue  # as most are
        arrived = [row for row in rows if row not in old_rows]
        if arrived:
            moved[subject] = arrived
    return moved


def _changes_of_moved(old: Marks, new: Marks, moved: _RowsBySubject) -> Iterator[Change]:
    """Give the marks that models gained or lost by moving to other rows."""
    found: defaultdict[tuple[ChangeKind, str, _Place, str], list[_Subject]] = defaultdict(list)
    for subject, arrived in moved.items():
        old_rows, new_rows = old.rows_by_subject[subject], new.rows_by_subject[subject]
        before = {placed for row in old_rows for placed in old.of(row, subject)}
        after = {placed for row in new_rows for placed in new.of(row, subject)}
        for row in arrived:
            for place, note in sorted(before - after):
                if note in new.numbers and new.find(row, place):
                    found[ChangeKind.CITATION_REMOVED, row, place, note].append(subject)
            for place, note in new.of(row, subject):
                is_known = note not in old.numbers or (place, note) in before
                if not is_known and any(old.find(old_row, place) for old_row in old_rows):
                    found[ChangeKind.CITATION_ADDED, row, place, note].append(subject)
    for (kind, row, place, note), subjects in found.items():
        mark = new.find(row, place)
        if mark is not None:
            yield _change(kind, mark, _words_for(mark, subjects), note, new)


def _words_for(mark: _Mark, subjects: list[_Subject]) -> str:
    """Return the words for a place whose mark changed for some of the row's models only."""
    is_for_all = set(subjects) == set(_subjects(mark.row))
    if is_for_all or mark.place in subjects:
        return mark.words
    ids = {id for _, id in subjects}
    names = {item.plain for item in mark.row.models if item.model in ids}
    return f"{mark.words}, for {join_names(sorted(names))}" if names else mark.words


def _marked(row: Row) -> list[tuple[Column, Cell, Item]]:
    """Return the items of a row that cite footnotes."""
    return [
        (column, cell, item) for column, cell in row.cells for item in cell.items if item.footnotes
    ]


def _subjects_once(row: Row) -> tuple[_Subject, ...]:
    return tuple(dict.fromkeys(_subjects(row)))


def _subjects(row: Row) -> list[_Subject]:
    """Return what a row is about: its models, else its providers."""
    if row.models:
        return [(_MODEL, item.model) for item in row.models]
    return [(_PROVIDER, item.provider) for item in row.providers]


def _change(kind: ChangeKind, mark: _Mark, words: str, note: str, new: Marks) -> Change:
    verb = "now marks" if kind is ChangeKind.CITATION_ADDED else "no longer marks"
    return Change(
        kind,
        Effect.UNJUDGED,
        f"Footnote {new.numbers[note]} {verb} {words}.",
        mark.row.id,
        (*mark.place, note),
        touches_promise=is_promise(mark.column, mark.row),
    )


def _place(column: Column, cell: Cell, item: Item) -> _Place:
    """Return what tells a place from the others of its row."""
    if isinstance(item, ModelItem):
        return _MODEL, item.model
    if isinstance(item, ProviderItem):
        return _PROVIDER, item.provider
    if isinstance(item, DocumentItem):
        return _DOCUMENT, item.url or item.text
    # A cell with one text is known by its column, so that it may be reworded.
    return (_CELL, column.key, item.text) if len(cell.items) > 1 else (_CELL, column.key)


def _place_words(column: Column, item: Item, place: _Place, row: Row) -> str:
    marked = _cell_name(column, row) if place == (_CELL, column.key) else item.plain
    return f"{marked} in the row of {row_label(row)}"


def _cell_name(column: Column, row: Row) -> str:
    if column.role.is_claim and not needs_label(column, row):
        return f"the {column.role} cell"
    return f"the cell {column_title(column)}"
