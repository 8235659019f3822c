"""Changes of footnotes, and of the places that cite them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property

from compliance.page.claims import needs_label
from compliance.page.diff.facts import fact_sentence
from compliance.page.diff.sentences import column_title, one_line, row_label
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import Cell, Column, DocumentItem, Item, ModelItem, ProviderItem, Row

# Fields of a footnote that changes of their own tell of, and the names of the others.
_TOLD = ("id", "number", "text")
_FACTS = {"valid_until": "last day of validity"}
# The first word of the place of a model.
_MODEL = "model"


def footnote_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the footnotes that were added, renumbered, changed or removed, by their ids."""
    old_notes = {note.id: note for note in before.footnotes}
    for note in after.footnotes:
        old = old_notes.get(note.id)
        if old is None:
            sentence = f"New footnote {note.number}: {one_line(note.text)}"
            yield _footnote_change(ChangeKind.FOOTNOTE_ADDED, note, sentence)
            continue
        if old.number != note.number:
            sentence = f"Footnote {old.number} is now number {note.number}."
            yield _footnote_change(ChangeKind.FOOTNOTE_RENUMBERED, note, sentence)
        if old.text != note.text:
            new_text, old_text = one_line(note.text), one_line(old.text)
            sentence = f"Footnote {note.number} now reads: “{new_text}” It read: “{old_text}”"
            yield _footnote_change(ChangeKind.FOOTNOTE_CHANGED, note, sentence)
        yield from _fact_changes(old, note)
    kept = {note.id for note in after.footnotes}
    for note in before.footnotes:
        if note.id not in kept:
            sentence = f"Footnote {note.number} is gone: {one_line(note.text)}"
            yield _footnote_change(ChangeKind.FOOTNOTE_REMOVED, note, sentence)


def _fact_changes(old: Footnote, new: Footnote) -> Iterator[Change]:
    for field in fields(Footnote):
        old_value, new_value = getattr(old, field.name), getattr(new, field.name)
        if field.name not in _TOLD and old_value != new_value:
            subject = f"The {_FACTS.get(field.name, field.name)} of footnote {new.number}"
            sentence = fact_sentence(subject, old_value, new_value)
            about = (new.id, field.name)
            yield Change(ChangeKind.FOOTNOTE_CHANGED, Effect.NEUTRAL, sentence, about=about)


def _footnote_change(kind: ChangeKind, note: Footnote, sentence: str) -> Change:
    return Change(kind, Effect.NEUTRAL, sentence, about=(note.id,))


# A place that can cite footnotes within a row, and with its row and the footnote a mark there.
_Place = tuple[str, ...]
_MarkKey = tuple[str, _Place, str]


@dataclass(frozen=True, slots=True)
class _Citation:
    """A printed mark: where it stands, and its number."""

    row: Row
    column: Column
    item: Item
    place: _Place
    number: int

    @property
    def words(self) -> str:
        """The words for the place in a sentence."""
        is_cell = self.place == (self.column.key,)
        marked = _cell_name(self.column, self.row) if is_cell else self.item.plain
        return f"{marked} in the row of {row_label(self.row)}"


class _Marks:
    """The marks of a page.

    A model is the same place in every row: a mark that moves to another row with its model did not
    change.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._rows = {row.id: row for row in snapshot.rows()}
        self._notes = {note.number: note.id for note in snapshot.footnotes}
        self._note_ids = set(self._notes.values())
        self.citations: dict[_MarkKey, _Citation] = {}
        for row in self._rows.values():
            for column in row.section.columns:
                cell = row.listing.cells[column.key]
                for item in cell.items:
                    self._add(row, column, cell, item)
        self._marked = {(place, note) for _, place, note in self.citations}

    def _add(self, row: Row, column: Column, cell: Cell, item: Item) -> None:
        for number in item.footnotes:
            place = _place(column, cell, item)
            key = (row.id, place, self._notes[number])
            self.citations[key] = _Citation(row, column, item, place, number)

    @cached_property
    def _models(self) -> set[str]:
        return {item.model for row in self._rows.values() for item in row.models}

    def _has_place(self, row_id: str, place: _Place) -> bool:
        row = self._rows.get(row_id)
        cells = row.cells if row else ()
        return any(
            _place(column, cell, item) == place for column, cell in cells for item in cell.items
        )

    def is_new(self, key: _MarkKey, before: "_Marks") -> bool:
        """Return whether a mark of this page is none of the page before."""
        row, place, note = key
        if key in before.citations or row not in before._rows:
            return False
        has_come = place[0] == _MODEL and not before._has_place(row, place)
        return not (has_come and (place, note) in before._marked)

    def is_gone(self, key: _MarkKey, after: "_Marks") -> bool:
        """Return whether a mark was taken off: not with its place, nor with its footnote."""
        row, place, note = key
        if key in after.citations or note not in after._note_ids:
            return False
        if after._has_place(row, place):
            return True
        has_moved = place[0] == _MODEL and place[1] in after._models
        return has_moved and (place, note) not in after._marked


def citation_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the marks that were added or removed in rows that stand on both pages.

    A mark that was removed with its place or with its footnote is not reported.
    """
    old, new = _Marks(before), _Marks(after)
    for key, citation in new.citations.items():
        if new.is_new(key, old):
            sentence = f"Footnote {citation.number} now marks {citation.words}."
            yield _citation_change(ChangeKind.CITATION_ADDED, sentence, key)
    for key, citation in old.citations.items():
        if old.is_gone(key, new):
            sentence = f"Footnote {citation.number} no longer marks {citation.words}."
            yield _citation_change(ChangeKind.CITATION_REMOVED, sentence, key)


def _citation_change(kind: ChangeKind, sentence: str, key: _MarkKey) -> Change:
    row, place, note = key
    return Change(kind, Effect.NEUTRAL, sentence, row, (*place, note))


def _place(column: Column, cell: Cell, item: Item) -> _Place:
    """Return what tells a place from the others of its row."""
    if isinstance(item, ModelItem):
        return _MODEL, item.model
    if isinstance(item, ProviderItem):
        return "provider", item.provider
    if isinstance(item, DocumentItem):
        return "document", item.url or item.text
    # A cell with one text is known by its column, so that it may be reworded.
    return (column.key, item.text) if len(cell.items) > 1 else (column.key,)


def _cell_name(column: Column, row: Row) -> str:
    if column.role.is_claim and not needs_label(column, row):
        return f"the {column.role} cell"
    return f"the cell {column_title(column)}"
