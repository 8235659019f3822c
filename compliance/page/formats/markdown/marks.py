"""The marks of a page and the footnotes that they cite."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from compliance.page.formats.markdown import cells
from compliance.page.formats.markdown.notes import PageNotes
from compliance.page.formats.markdown.parts import ReadCell, ReadRow, ReadSection
from compliance.page.formats.markdown.prose import marks
from compliance.page.formats.markdown.source import Notes, SourceCell


def check_marks(parts: Sequence[ReadSection], footnotes: PageNotes) -> None:
    """Refuse a mark in a cell without its footnote, and one in a text with it."""
    numbers = footnotes.all_numbers()
    for place, part in enumerate(parts):
        for line in part.lines:
            _check_uncited(numbers.intersection(marks(line.text)), SourceCell("", line.number, 1))
        for label in part.header:
            _check_uncited(numbers.intersection(cells.label_marks(label, Notes())), label)
        cited = footnotes.numbers_below(place)
        for row in part.rows:
            for cell in row.values():
                _check_cell(cell, cited)


def _check_uncited(found: set[int], place: SourceCell) -> None:
    if found:
        raise place.refusal(
            f"the text cites footnote {min(found)}, and only a cell can. Remove the mark; "
            "a superscript that is no mark is written `&sup2;`."
        )


def _check_cell(cell: ReadCell, numbers: Mapping[int, int]) -> None:
    cited = {number for item in cell.items for number in item.footnotes}
    if strays := cited - numbers.keys():
        raise cell.source.refusal(
            f"there is no footnote {min(strays)} below the table. Add it, or remove the mark; "
            "a superscript that is no mark is written `&sup2;`."
        )


def numbered_through(parts: Sequence[ReadSection], footnotes: PageNotes) -> list[ReadSection]:
    """Return the parts with the numbers that footnotes have where they do not begin anew."""
    return [
        replace(part, rows=tuple(_row(row, footnotes.numbers_below(place)) for row in part.rows))
        for place, part in enumerate(parts)
    ]


def _row(row: ReadRow, numbers: Mapping[int, int]) -> ReadRow:
    return {key: _cell(cell, numbers) for key, cell in row.items()}


def _cell(cell: ReadCell, numbers: Mapping[int, int]) -> ReadCell:
    items = []
    for item in cell.items:
        renumbered = sorted(numbers[number] for number in item.footnotes)
        items.append(replace(item, footnotes=tuple(renumbered)))
    return replace(cell, items=tuple(items))
