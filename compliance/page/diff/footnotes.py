"""Changes of footnotes, and of the places that cite them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from compliance.page.claims import needs_label
from compliance.page.diff.facts import fact_sentence
from compliance.page.diff.sentences import column_title, one_line, row_label
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import Column, DocumentItem, ModelItem, ProviderItem, Row

# Fields of a footnote that changes of their own tell of, and the names of the others.
_TOLD = ("id", "number", "text")
_FACTS = {"valid_until": "last day of validity"}


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


@dataclass(frozen=True, slots=True)
class _Citable:
    """A place that can cite footnotes: its key, its words in a sentence, and its marks."""

    key: tuple[str, ...]
    words: str
    footnotes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Citation:
    """A printed mark: the row it stands in, the words for its place, and its number."""

    row: Row
    words: str
    number: int

    @property
    def place(self) -> str:
        """The words for the place and its row."""
        return f"{self.words} in the row of {row_label(self.row)}"


# The row, the place in it and the footnote of a mark.
_MarkKey = tuple[str, tuple[str, ...], str]


class _Marks:
    """The places of a page that can cite footnotes, and the marks that stand there.

    A model is the same place in every row: a mark that moves to another row with its model did not
    change.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        notes = {note.number: note.id for note in snapshot.footnotes}
        self.rows: set[str] = set()
        self.notes = set(notes.values())
        self.places: set[tuple[str, tuple[str, ...]]] = set()
        self.citations: dict[_MarkKey, _Citation] = {}
        # Models that stand somewhere, and those that a footnote marks somewhere.
        self.models: set[tuple[str, ...]] = set()
        self.marked_models: set[tuple[tuple[str, ...], str]] = set()
        for row in snapshot.rows():
            self.rows.add(row.id)
            for place in _places(row):
                self.places.add((row.id, place.key))
                if place.key[0] == "model":
                    self.models.add(place.key)
                for number in place.footnotes:
                    note = notes[number]
                    self.citations[row.id, place.key, note] = _Citation(row, place.words, number)
                    self.marked_models.add((place.key, note))

    def is_new(self, key: _MarkKey, before: "_Marks") -> bool:
        """Return whether a mark of this page is none of the page before."""
        row, place, note = key
        if key in before.citations or row not in before.rows:
            return False
        has_come = place[0] == "model" and (row, place) not in before.places
        return not (has_come and (place, note) in before.marked_models)

    def is_gone(self, key: _MarkKey, after: "_Marks") -> bool:
        """Return whether a mark was taken off: not with its place, nor with its footnote."""
        row, place, note = key
        if key in after.citations or note not in after.notes:
            return False
        if (row, place) in after.places:
            return True
        return place in after.models and (place, note) not in after.marked_models


def citation_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the marks that were added or removed in rows that stand on both pages.

    A mark that was removed with its place or with its footnote is not reported.
    """
    old, new = _Marks(before), _Marks(after)
    for key, citation in new.citations.items():
        if new.is_new(key, old):
            sentence = f"Footnote {citation.number} now marks {citation.place}."
            yield _citation_change(ChangeKind.CITATION_ADDED, sentence, key)
    for key, citation in old.citations.items():
        if old.is_gone(key, new):
            sentence = f"Footnote {citation.number} no longer marks {citation.place}."
            yield _citation_change(ChangeKind.CITATION_REMOVED, sentence, key)


def _citation_change(kind: ChangeKind, sentence: str, key: _MarkKey) -> Change:
    row, place, note = key
    return Change(kind, Effect.NEUTRAL, sentence, row, (*place, note))


def _places(row: Row) -> Iterator[_Citable]:
    """Give what can cite footnotes in a row."""
    for column, cell in row.cells:
        # A cell with one text is known by its column, so that it may be reworded.
        is_list = len(cell.items) > 1
        for item in cell.items:
            if isinstance(item, ModelItem):
                yield _Citable(("model", item.model), item.plain, item.footnotes)
            elif isinstance(item, ProviderItem):
                yield _Citable(("provider", item.provider), item.plain, item.footnotes)
            elif isinstance(item, DocumentItem):
                key = ("document", item.url or item.text)
                yield _Citable(key, item.plain, item.footnotes)
            elif is_list:
                yield _Citable((column.key, item.text), item.plain, item.footnotes)
            else:
                yield _Citable((column.key,), _cell_name(column, row), item.footnotes)


def _cell_name(column: Column, row: Row) -> str:
    if column.role.is_claim and not needs_label(column, row):
        return f"the {column.role} cell"
    return f"the cell {column_title(column)}"
