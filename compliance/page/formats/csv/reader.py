"""Read a table in CSV as a page: its first row holds the labels, each other row is a listing."""

import re
from collections.abc import Iterator, Sequence, Set

from compliance.page import inline
from compliance.page.formats.base import Reading, TitleFault, Unreadable, decode
from compliance.page.formats.columns import ColumnSetting
from compliance.page.formats.csv.records import (
    DELIMITER_NAMES,
    Field,
    Record,
    given_delimiter,
    is_empty,
    read_records,
    recognised_delimiter,
)
from compliance.page.formats.csv.writer import FORMULA_STARTS
from compliance.page.formats.markdown.cells import carried_symbols
from compliance.page.formats.markdown.reader import read_parts
from compliance.page.formats.markdown.source import (
    Notes,
    SourceCell,
    SourceLine,
    SourcePage,
    SourceSection,
    check_characters,
    checked_title,
    cleaned,
)
from compliance.page.formats.markdown.syntax import NAMED_NOTE, NOTE_START, SYMBOLS
from compliance.page.table import Section

# Word and Excel for Mac write these for a line break within a cell.
_OTHER_BREAKS = dict.fromkeys(map(ord, "\v\u2028\u2029"), "\n")
_BLANKS_FOR_BREAKS = dict.fromkeys(map(ord, "\t\v\u2028\u2029"), " ")
_LINE_BREAK = re.compile(r"(?<!\s)\s*\n\s*")
# What begins a footnote: its number, or a symbol.
_FOOTNOTE = re.compile(
    rf"(?:{NOTE_START.pattern}|{NAMED_NOTE.pattern}"
    rf"|(?P<symbol>{'|'.join(rf'{re.escape(symbol)}+' for symbol in SYMBOLS)}))\s*\S"
)
# Labels that every file has which the registry writes.
_OWN_LABELS = {"listing_id", "section", "model_id", "provider_id"}


def read(
    source: str | bytes,
    *,
    title: str = "",
    sections: Sequence[Section] = (),
    settings: Sequence[ColumnSetting] = (),
) -> Reading:
    """Return the snapshot of a table in CSV, with notes on what was normalised.

    The title is words, not Markdown. Each cell is inline Markdown, a line break in it divides its
    entries. The `sections` and `settings` are those of the Markdown reader. Raises Unreadable with
    the line and column of the file, also for a file that the registry wrote, and without a title.
    """
    notes = Notes()
    table, footnotes = _table(source, notes)
    page = _page(_title(title), table, footnotes, notes)
    return read_parts(page, notes, sections=sections, settings=settings)


def is_own(labels: Sequence[str]) -> bool:
    """Return whether the labels are those of a file that the registry writes."""
    return _OWN_LABELS.issubset(label.strip() for label in labels)


def _title(title: str) -> str:
    if not title.strip():
        raise TitleFault(
            "A table in CSV has no title, and a page needs one. "
            "Give it with the file: --title “LLMs & Privacy”."
        )
    return checked_title(title)


def _table(source: str | bytes, notes: Notes) -> tuple[list[Record], list[Record]]:
    """Return the records of a source, the labels first, all with as many cells; and footnotes."""
    content = _content(source, notes)
    delimiter = given_delimiter(content)
    if delimiter:
        notes.add(1, "The line that says how cells are divided was dropped.")
        # Its line end stays, so that refusals name the lines of the file.
        content = content[content.index("\n") if "\n" in content else len(content) :]
    delimiter = delimiter or recognised_delimiter(content)
    records = _filled(read_records(content, delimiter), notes)
    if not records:
        raise Unreadable("the file is empty. Give a row of labels and the rows below it.", 1, 1)
    _check_labels(records)
    if delimiter != ",":
        notes.add(
            records[0][0].line,
            f"The cells are divided by {DELIMITER_NAMES[delimiter]}s, not commas.",
        )
    records, footnotes = _divided(records)
    _check_widths(records, delimiter)
    _note_lone_cells(records, notes)
    return records, footnotes


def _divided(records: list[Record]) -> tuple[list[Record], list[Record]]:
    """Return the records of the table, and those at its end that are footnotes.

    A footnote stands alone in the first cell, and begins with its number, or with a symbol that a
    cell of the table carries.
    """
    end = len(records)
    while end > 1 and _may_be_footnote(records[end - 1]):
        end -= 1
    table, last = records[:end], records[end:]
    if not last:
        return table, []
    carried: set[str] = set()
    for record in table:
        for field in record:
            carried.update(carried_symbols(_cell(field, Notes())))
    place = next((i for i, record in enumerate(last) if _is_footnote(record, carried)), len(last))
    footnotes = last[place:]
    _check_footnotes(footnotes, carried)
    return [*table, *last[:place]], footnotes


def _check_footnotes(footnotes: Sequence[Record], carried: Set[str]) -> None:
    """Refuse a row among footnotes that is none, and a second footnote with one symbol."""
    seen: set[str] = set()
    for record in footnotes:
        found = _FOOTNOTE.match(record[0].text.strip())
        symbol = found["symbol"] if found else None
        if not symbol:
            continue
        problem = ""
        if symbol in seen:
            problem = f"the footnote `{symbol}` is there twice. Give one another mark."
        elif symbol not in carried:
            problem = (
                f"this row stands among footnotes, and no cell carries its mark `{symbol}`. "
                "Put the mark into the cells that it is about."
            )
        if problem:
            raise Unreadable(problem, record[0].line, record[0].column)
        seen.add(symbol)


def _may_be_footnote(record: Record) -> bool:
    return is_empty(record[1:]) and bool(_FOOTNOTE.match(record[0].text.strip()))


def _is_footnote(record: Record, carried: Set[str]) -> bool:
    found = _FOOTNOTE.match(record[0].text.strip())
    return found is not None and (not found["symbol"] or found["symbol"] in carried)


def _note_lone_cells(records: Sequence[Record], notes: Notes) -> None:
    """Note the rows at the end of a table that fill the first cell alone, as a text would."""
    end = len(records)
    while end > 1 and is_empty(records[end - 1][1:]):
        end -= 1
    if end == 1 or len(records[0]) == 1:
        return
    for record in records[end:]:
        notes.add(
            record[0].line,
            "Only the first cell of a row at the end is filled, and it was read as a row. If "
            "it is a text, give the page as Markdown; a footnote begins with the mark that a cell "
            "carries.",
        )


def _content(source: str | bytes, notes: Notes) -> str:
    """Return the text with line feeds; raises Unreadable for a character that no text may hold."""
    content = decode(source) if isinstance(source, bytes) else source
    if content.startswith("\ufeff"):
        notes.add(1, "A byte order mark was removed.")
        content = content[1:]
    # In CSV the line ends are no part of the page: RFC 4180 has CRLF, programs write all kinds.
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(content.split("\n"), 1):
        check_characters(line.translate(_BLANKS_FOR_BREAKS), number, notes)
    return content


def _filled(records: Iterator[Record], notes: Notes) -> list[Record]:
    """Return the records without the empty ones before and behind all others."""
    filled: list[Record] = []
    empty: Record | None = None
    for record in records:
        if is_empty(record):
            empty = empty or record
            # The line end of the last row begins no row.
            if filled or len(record) > 1:
                notes.add(record[0].line, "An empty row was dropped.")
        elif filled and empty and not _may_be_footnote(record):
            raise Unreadable(
                "this row is empty, and rows follow. A file holds one table: take the empty row "
                "out, or give several tables and texts as Markdown.",
                empty[0].line,
                1,
            )
        else:
            filled.append(record)
            empty = None
    return filled


def _check_labels(records: Sequence[Record]) -> None:
    """Refuse a first row that does not hold the labels of the columns."""
    header = records[0]
    if is_own([field.text for field in header]):
        raise Unreadable(
            "This is a file that the registry wrote. It lacks the texts, the labels and the "
            "footnotes of the page. Give the JSON of the register, which has all of them: its "
            "address ends in .json, and `export_page --to json` writes it."
        )
    if _is_title_row(records):
        raise Unreadable(
            f"the first row has one text, “{header[0].text.strip()}”, and rows below it have more. "
            "The first row must hold the labels of the columns: take out what stands above them. "
            "The title is given apart from the file.",
            header[0].line,
            header[0].column,
        )
    seen: dict[str, Field] = {}
    for number, field in enumerate(header, 1):
        label = _words(field.text)
        if not label:
            raise Unreadable(
                f"column {number} has no label. Write what its cells say, or take the column out "
                "if it is empty.",
                field.line,
                field.column,
            )
        if label in seen:
            raise Unreadable(
                f"two columns are labelled “{label}”. Give each a label of its own.",
                field.line,
                field.column,
            )
        seen[label] = field


def _is_title_row(records: Sequence[Record]) -> bool:
    """Return whether a title stands alone in the first row, as in exports of spreadsheets."""
    header, *rows = records
    stands_alone = not is_empty(header[:1]) and is_empty(header[1:])
    # Of two columns, one may just lack its label.
    return stands_alone and len(header) != 2 and any(not is_empty(row[1:]) for row in rows)


def _check_widths(records: Sequence[Record], delimiter: str) -> None:
    width = len(records[0])
    for record in records[1:]:
        if len(record) == width:
            continue
        count = f"{len(record)} cell{'' if len(record) == 1 else 's'}"
        place = record[width] if len(record) > width else record[-1]
        raise Unreadable(
            f"the row has {count}, and there are {width} labels. "
            f"A cell that holds a {DELIMITER_NAMES[delimiter]} stands between double quotes.",
            place.line,
            place.column,
        )


def _page(
    title: str, records: Sequence[Record], footnotes: Sequence[Record], notes: Notes
) -> SourcePage:
    """Return the parts of a page with one table, and the lines that it would have in Markdown."""
    header = tuple(SourceCell(_words(field.text), field.line, field.column) for field in records[0])
    rows = tuple(tuple(_cell(field, notes) for field in record) for record in records[1:])
    heading = SourceCell(inline.escape(title), 1, 1)
    lines = [
        SourceLine(1, f"# {heading.source}"),
        SourceLine(1, ""),
        _line(header),
        SourceLine(header[0].line, "|---" * len(header)),
        *map(_line, rows),
    ]
    sections = [SourceSection((), header, rows)]
    if footnotes:
        written = [_cell(record[0], notes) for record in footnotes]
        below = [SourceLine(cell.line, cell.source.replace(" <br> ", " ")) for cell in written]
        sections.append(SourceSection(tuple(below)))
        lines += [SourceLine(below[0].number, ""), *below]
    return SourcePage(tuple(lines), heading, tuple(sections), is_table_alone=True)


def _words(label: str) -> str:
    return " ".join(cleaned(label.translate(_OTHER_BREAKS)).split())


def _cell(field: Field, notes: Notes) -> SourceCell:
    written = field.text
    if written.startswith("'") and written[1:].startswith(FORMULA_STARTS):
        notes.add(field.line, "An apostrophe that guards a cell in spreadsheets was taken off.")
        written = written[1:]
    if "\t" in written:
        notes.add(field.line, "Tabs became blanks.")
    lines = cleaned(written.translate(_OTHER_BREAKS)).strip()
    return SourceCell(_LINE_BREAK.sub(" <br> ", lines), field.line, field.column)


def _line(cells: Sequence[SourceCell]) -> SourceLine:
    """Return a row as a line of Markdown, for the check that all of it was read."""
    written = " | ".join(cell.source.replace("|", r"\|") for cell in cells)
    return SourceLine(cells[0].line, f"| {written} |")
