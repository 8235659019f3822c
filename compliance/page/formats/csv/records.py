"""The records of a CSV file: its cells as written, each with the place where it begins."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.page.formats.base import Unreadable

# The first is taken where two fit equally well: texts hold commas, and hardly tabs.
_DELIMITERS = ("\t", ";", ",")
DELIMITER_NAMES = {"\t": "tab", ";": "semicolon", ",": "comma"}
# A line by which Excel is told how cells are divided.
_HINT = re.compile(r'"?sep=([\t;,])"?\Z', re.IGNORECASE)
# So many characters, and records in them, are looked at to tell how cells are divided.
_START = 50_000
_SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Field:
    """A cell as written, without its quotes, and where it begins; line and column from 1."""

    text: str
    line: int
    column: int


Record = list[Field]


# A cell between double quotes, which may have blanks around them. The possessive `*+` never looks
# at a character twice.
_QUOTED = {
    delimiter: re.compile(rf' *"((?:[^"]|"")*+)" *(?={delimiter}|\n|\Z)')
    for delimiter in _DELIMITERS
}
_END = {delimiter: re.compile(rf"[{delimiter}\n]") for delimiter in _DELIMITERS}


def read_records(text: str, delimiter: str) -> Iterator[Record]:
    """Yield the records of a text whose lines end with line feeds, empty lines as one empty field.

    Quotes are read as in RFC 4180; those within a cell that does not begin with one are text.
    Raises Unreadable for a quoted cell that does not end, and for text behind one.
    """
    position, line, line_start = 0, 1, 0
    record: Record = []
    while position < len(text) or record:
        column = position - line_start + 1
        if found := _QUOTED[delimiter].match(text, position):
            record.append(Field(found[1].replace('""', '"'), line, column))
            position = found.end()
            if breaks := found[1].count("\n"):
                line += breaks
                line_start = text.rindex("\n", 0, position) + 1
        elif text[position : position + 1] == '"':
            raise _open_quote(text, position, line, column)
        else:
            end = _next(_END[delimiter], text, position)
            record.append(Field(text[position:end], line, column))
            position = end
        if text[position : position + 1] == delimiter:
            position += 1
            continue
        yield record
        record = []
        position += 1
        line, line_start = line + 1, position


def _next(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.search(text, position)
    return found.start() if found else len(text)


def _open_quote(text: str, position: int, line: int, column: int) -> Unreadable:
    """Return the refusal of a cell that begins with a quote and does not end with one."""
    found = re.compile(r'"(?:[^"]|"")*+"').match(text, position)
    if found is None:
        return Unreadable(
            'a cell begins with a double quote and never ends. Write `"` at its end; '
            'a double quote that is text is written `""` in a cell between double quotes.',
            line,
            column,
        )
    before = text[: found.end()]
    return Unreadable(
        "text follows the double quote that ends the cell. "
        'A double quote within a cell is written twice: `""`.',
        before.count("\n") + 1,
        found.end() - before.rfind("\n"),
    )


def given_delimiter(text: str) -> str | None:
    """Return the delimiter that the first line names for Excel, for example `sep=;`, or None."""
    found = _HINT.match(text.partition("\n")[0])
    return found[1] if found else None


def recognised_delimiter(text: str) -> str:
    """Return what divides the labels in the first record that is not empty.

    Where several could, those come first by which the record below is divided alike; where none
    does, what divides the records below. It is a comma where nothing divides them.
    """
    best = max(_DELIMITERS, key=lambda delimiter: _fit(text, delimiter))
    return best if best in text[:_START] else ","


def _fit(text: str, delimiter: str) -> tuple[bool, bool, int]:
    """Return how well a delimiter divides the first records; the greatest fits best."""
    widths = [len(record) for record in first_records(text, delimiter)]
    labels = widths[0] if widths else 1
    is_divided = labels > 1
    fits = is_divided and widths[1:2] == [labels]
    return is_divided, fits, labels if is_divided else max(widths, default=1)


def first_records(text: str, delimiter: str) -> list[Record]:
    """Return the first records that are not empty lines, as far as they can be read."""
    found: list[Record] = []
    try:
        for record in read_records(text[:_START], delimiter):
            if len(record) > 1 or record[0].text.strip():
                found.append(record)
            if len(found) == _SAMPLE:
                break
    except Unreadable:
        pass  # Whoever reads the file as a whole says so.
    return found


def is_empty(record: Sequence[Field]) -> bool:
    """Return whether no cell of a record holds anything."""
    return not any(field.text.strip() for field in record)
