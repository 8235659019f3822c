"""What a grade is given for: a change in its words, and all that it touches.

The page below a publication may change before that takes effect. A footnote then may mark other
claims, or a mark may be that of a footnote with other words: a grade says nothing of those.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

from compliance.page import diff
from compliance.page.diff import Change, ChangeKind
from compliance.page.parts import marks, note_ids, with_marks
from compliance.page.remembered import by_identity, rows_with
from compliance.page.snapshot import Snapshot
from compliance.page.table import Cell, ModelItem, Row

_NOTES = (ChangeKind.FOOTNOTE_ADDED, ChangeKind.FOOTNOTE_REMOVED, ChangeKind.FOOTNOTE_CHANGED)
_MARKS = (ChangeKind.CITATION_ADDED, ChangeKind.CITATION_REMOVED)
_COLUMNS = (
    ChangeKind.COLUMN_ADDED,
    ChangeKind.COLUMN_REMOVED,
    ChangeKind.COLUMN_RELABELLED,
    ChangeKind.COLUMN_CHANGED,
)
# Values that JSON can hold.
_Touched = list[Any]


def graded_contents(before: Snapshot | None, after: Snapshot) -> dict[str, str]:
    """Return a digest of what is graded for each change that needs a grade, by its key.

    Two changes have one digest if their words are the same and all that they touch: the claims that
    a footnote marks, the words of the footnote of a mark, the claims under the label of a column,
    and the rows that name a model or provider. The numbers of footnotes do not count. A first page
    has nothing to grade.
    """
    if before is None:
        return {}
    # Most changes need none, and comparing once is enough to see that.
    if not any(change.needs_grade for change in diff.compare(before, after)):
        return {}
    pages = (_numbered_by_id(before), _numbered_by_id(after))
    return {
        change.key: _digest(change, pages) for change in diff.compare(*pages) if change.needs_grade
    }


def _digest(change: Change, pages: tuple[Snapshot, Snapshot]) -> str:
    touched = [list(_touched(change, page)) for page in pages]
    graded = [change.sentence, change.before, change.after, touched]
    return sha256(json.dumps(graded).encode()).hexdigest()


@by_identity(8)
def _numbered_by_id(page: Snapshot) -> Snapshot:
    """Return a page on which each footnote has a number that it has on every other page too."""
    numbers = {number: _number(id) for number, id in note_ids(page).items()}
    # Most rows have no marks, and stay the same objects.
    marked = {row.id for row, _ in rows_with(_has_marks, page.all_rows)}
    sections = []
    for section in page.sections:
        listings = tuple(
            with_marks(listing, numbers) if listing.id in marked else listing
            for listing in section.listings
        )
        sections.append(replace(section, listings=listings))
    notes = tuple(replace(note, number=_number(note.id)) for note in page.footnotes)
    return replace(page, sections=tuple(sections), footnotes=notes)


def _has_marks(row: Row) -> bool:
    return any(marks(row.listing))


def _number(note: str) -> int:
    return int.from_bytes(sha256(note.encode()).digest()[:6], "big")


def _touched(change: Change, page: Snapshot) -> Iterator[_Touched]:
    """Yield what a change touches on a page."""
    if change.kind in _NOTES:
        yield from _marked(_number(change.about[0]), page)
    elif change.kind in _MARKS:
        id = change.about[-1]
        yield from (
            [note.text, str(note.valid_until or "")] for note in page.footnotes if note.id == id
        )
    elif change.kind in _COLUMNS:
        section, key, *_ = change.about
        for row in page.rows():
            if row.section.id == section and key in row.listing.cells:
                yield from _claim(row, key, row.listing.cells[key])
    elif change.listing is None:
        parties = set(change.about)
        yield from ([row.id] for row in page.rows() if parties & set(_parties(row)))


def _marked(number: int, page: Snapshot) -> Iterator[_Touched]:
    """Yield the models and claims that a footnote marks."""
    for row in page.rows():
        for column, cell in row.cells:
            for item in cell.items:
                if number not in item.footnotes:
                    continue
                if isinstance(item, ModelItem):
                    yield [row.id, column.key, item.model]
                else:
                    yield [item.plain, *_claim(row, column.key, cell)]


def _claim(row: Row, column: str, cell: Cell) -> Iterator[_Touched]:
    """Yield what a cell says, and of whom, nothing if it says nothing."""
    if cell.items:
        yield [row.id, column, cell.to_values(), sorted(_parties(row))]


def _parties(row: Row) -> Iterator[str]:
    """Yield the ids of the models and providers of a row."""
    yield from (item.model for item in row.models)
    yield from (item.provider for item in row.providers)
