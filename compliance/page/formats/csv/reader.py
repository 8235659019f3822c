"""Read a table in CSV as a page: its first row holds the labels, each other row is a listing."""

import re
from collections.abc import Iterator, Sequence

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
from compliance.page.table import Section

# Word and Excel for Mac write these for a line break within a cell.
_OTHER_BREAKS = dict.fromkeys(map(ord, "\v\u2028\u2029"), "\n")
_BLANKS_FOR_BREAKS = dict.fromkeys(map(ord, "\t\v\u2028\u2029"), " ")
_LINE_BREAK = re.compile(r"\s*\n\s*")
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
    table = _table(source, notes)
    page = _page(_title(title), table, notes)
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


def _table(source: str | bytes, notes: Notes) -> list[Record]:
    """Return the records of a source, the labels first, all with as many cells."""
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
    _check_widths(records, delimiter)
    return records


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
        elif filled and empty:
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


def _page(title: str, records: Sequence[Record], notes: Notes) -> SourcePage:
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
    sections = (SourceSection((), header, rows),)
    return SourcePage(tuple(lines), heading, sections, is_table_alone=True)


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
