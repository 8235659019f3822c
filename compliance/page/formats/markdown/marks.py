"""The marks of a page and the footnotes that they cite."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from compliance.page.formats.markdown import cells
from compliance.page.formats.markdown.notes import PageNotes
from compliance.page.formats.markdown.parts import ReadCell, ReadRow, ReadSection
from compliance.page.formats.markdown.prose import marks, named_marks
from compliance.page.formats.markdown.source import Notes, SourceCell, SourcePage, SourceSection
from compliance.page.formats.markdown.symbols import cited_symbols

_ADD_FOOTNOTE = "Write the one that is cited, or its right number"
_NO_FOOTNOTES = (
    "Write it in a row below the others, alone in its first cell, or write the page as Markdown, "
    "with its footnotes"
)


def carried_symbols(section: SourceSection) -> dict[str, int]:
    """Return the symbols that stand where marks do in a table, with the first line of each."""
    carried: dict[str, int] = {}
    for row in (section.header, *section.rows):
        for cell in row:
            for symbol in cells.carried_symbols(cell):
                carried.setdefault(symbol, cell.line)
    return carried


def note_text_symbols(carried: Mapping[str, int], symbols: Mapping[str, int], notes: Notes) -> None:
    """Add a sentence for each symbol that a table carries and that cites no footnote."""
    for symbol, line in carried.items():
        if symbol not in symbols:
            notes.add(line, f"No footnote begins with `{symbol}`, which is kept as a text.")


def with_symbols(section: SourceSection, symbols: Mapping[str, int]) -> SourceSection:
    """Return a section with the footnotes that symbols cite in its table."""
    if not symbols:
        return section
    rows = tuple(tuple(replace(cell, symbols=symbols) for cell in row) for row in section.rows)
    return replace(section, rows=rows)


def check_marks(page: SourcePage, parts: Sequence[ReadSection], footnotes: PageNotes) -> None:
    """Refuse a mark in a cell without its footnote, and one in a text with it."""
    title = page.title
    advice = _NO_FOOTNOTES if page.is_table_alone else _ADD_FOOTNOTE
    numbers = footnotes.all_numbers()
    symbols = set(footnotes.symbols.values())
    _check_uncited(numbers.intersection(cells.label_marks(title, Notes())), title)
    _check_no_symbol([title], symbols)
    # The names are gone when the footnotes have their numbers.
    lines = [SourceCell(line.text, line.number, 1) for line in footnotes.lines()]
    _check_no_name(lines, symbols)
    for place, part in enumerate(parts):
        for line in part.lines:
            for column, number in marks(line.text):
                _check_uncited(numbers & {number}, SourceCell("", line.number, column))
        _check_no_symbol([SourceCell(line.text, line.number, 1) for line in part.lines], symbols)
        for label in part.header:
            _check_uncited(numbers.intersection(cells.label_marks(label, Notes())), label)
            _check_no_symbol([label], symbols)
        numbers_below = footnotes.numbers_below(place, _cited(part))
        for row in part.rows:
            for cell in row.values():
                _check_cell(cell, numbers_below, advice)


def _check_uncited(found: set[int], place: SourceCell) -> None:
    if found:
        raise place.refusal(
            f"the text cites footnote {min(found)}, and only a cell can. Put the mark "
            "into the cells that it is about; "
            "a superscript that is no mark is written `&sup2;`."
        )


def _check_no_symbol(lines: Sequence[SourceCell], symbols: Collection[str]) -> None:
    if not symbols:
        return
    _check_no_name(lines, symbols)
    for index, symbol in cited_symbols("\n".join(line.source for line in lines)):
        if symbol in symbols:
            line = lines[index]
            raise replace(line, column=line.column + _place(symbol, line.source)).refusal(
                f"the text cites the footnote `{symbol}`, and only a cell can. Put the mark "
                "behind the words of each cell that it is about; a symbol that is no mark is "
                f"written `&#{ord(symbol[0])};`."
            )


def _place(symbol: str, line: str) -> int:
    """Return where a symbol stands in a line, 0 if it might be one of several."""
    return line.index(symbol) if line.count(symbol) == 1 else 0


def _check_no_name(lines: Sequence[SourceCell], symbols: Collection[str]) -> None:
    names = {symbol.casefold() for symbol in symbols}
    for line in lines:
        for column, name in named_marks(line.source):
            if name.casefold() in names:
                raise replace(line, column=line.column + column - 1).refusal(
                    f"the text cites the footnote `{name}`, and only a cell can. Put the mark "
                    "behind the words of each cell that it is about; a bracket that begins no "
                    "mark is written `\\[`."
                )


def _check_cell(cell: ReadCell, numbers: Mapping[int, int], advice: str) -> None:
    cited = {number for item in cell.items for number in item.footnotes}
    if strays := cited - numbers.keys():
        raise cell.source.refusal(
            f"there is no footnote {min(strays)} below the table. {advice}; "
            "a superscript that is no mark is written `&sup2;`."
        )


def with_new_numbers(parts: Sequence[ReadSection], footnotes: PageNotes) -> list[ReadSection]:
    """Return the parts with the numbers that footnotes get."""
    renumbered = []
    for place, part in enumerate(parts):
        numbers = footnotes.numbers_below(place, _cited(part))
        renumbered.append(replace(part, rows=tuple(_row(row, numbers) for row in part.rows)))
    return renumbered


def _cited(part: ReadSection) -> set[int]:
    """Return the numbers that the cells of a part cite."""
    return {
        number
        for row in part.rows
        for cell in row.values()
        for item in cell.items
        for number in item.footnotes
    }


def _row(row: ReadRow, numbers: Mapping[int, int]) -> ReadRow:
    return {key: _cell(cell, numbers) for key, cell in row.items()}


def _cell(cell: ReadCell, numbers: Mapping[int, int]) -> ReadCell:
    items = []
    for item in cell.items:
        renumbered = sorted(numbers[number] for number in item.footnotes)
        items.append(replace(item, footnotes=tuple(renumbered)))
    return replace(cell, items=tuple(items))
