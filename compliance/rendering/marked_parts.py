"""The parts of a page that is marked against another, as the templates get them."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from compliance.rendering.html import (
    MANY_COLUMNS,
    FootnoteMark,
    PrintedNote,
)
from compliance.rendering.marked_words import MarkedText, differ


@dataclass(frozen=True, slots=True)
class MarkedMark:
    """A footnote's number where it is cited; `old_number` is set if it was renumbered."""

    sign: str
    mark: FootnoteMark
    old_number: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedItem:
    """A line of a cell.

    `html` is its text with its links if that stayed as it was. `address` is the old and new links
    if they changed, `moved` the old position if it moved.
    """

    sign: str
    pieces: tuple[MarkedText, ...]
    marks: tuple[MarkedMark, ...]
    html: str = ""
    url: str | None = None
    address: tuple[MarkedText, ...] = ()
    moved: int | None = None

    @property
    def differs(self) -> bool:
        """Whether anything in it is marked."""
        marked = any(mark.sign or mark.old_number for mark in self.marks)
        return bool(self.sign or self.moved or self.address or marked or differ(self.pieces))


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell under its column's label."""

    label: str
    items: tuple[MarkedItem, ...]

    @property
    def is_list(self) -> bool:
        """Whether the items are printed as a list."""
        return len(self.items) > 1


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A listing; `number` is its new place among the rows of the page, or its last if removed.

    `moved` is the old number if it moved, `is_from_elsewhere` says that it was in another table.
    `sentence_id` is the HTML id of the first sentence that describes a change in it, or "".
    """

    sign: str
    anchor: str
    number: int
    cells: tuple[MarkedCell, ...]
    moved: int | None = None
    is_from_elsewhere: bool = False
    sentence_id: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything in the row is marked."""
        return bool(
            self.sign
            or self.moved
            or any(item.differs for cell in self.cells for item in cell.items)
        )


@dataclass(frozen=True, slots=True)
class MarkedColumn:
    """A column of a table, with its marked label; `is_moved` if it is not where it was."""

    sign: str
    key: str
    label: str
    pieces: tuple[MarkedText, ...]
    is_moved: bool = False

    @property
    def differs(self) -> bool:
        """Whether anything in it is marked."""
        return bool(self.sign or self.is_moved or differ(self.pieces))


@dataclass(frozen=True, slots=True)
class MarkedSection:
    """Prose and the table after it; `source` is the marked Markdown of the prose if it changed.

    `number` is its new position, or the old one if it was removed; `moved` the old one if it moved.
    `row_count` is the number of its rows on the new page; `rows` may leave out those that stay.
    A removed section has no prose but its source, and only rows that are nowhere else.
    """

    sign: str
    anchor: str
    number: int
    title: str
    prose: SafeString
    source: tuple[MarkedText, ...]
    columns: tuple[MarkedColumn, ...]
    rows: tuple[MarkedRow, ...]
    row_count: int = 0
    moved: int | None = None
    sentence_id: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything in it but its rows is marked."""
        columns_differ = any(column.differs for column in self.columns)
        return bool(self.sign or self.moved or self.source or columns_differ)

    @property
    def has_many_columns(self) -> bool:
        """Whether the table needs more room than others."""
        return len(self.columns) >= MANY_COLUMNS

    def differing(self) -> tuple[MarkedRow, ...]:
        """Return the rows that differ."""
        return tuple(row for row in self.rows if row.differs)

    @property
    def unchanged(self) -> int:
        """How many rows of the new page stay as they are, if all that differ are here."""
        return self.row_count - sum(row.sign != "-" for row in self.differing())

    @property
    def left_out(self) -> int:
        """How many rows of the new page are not here."""
        return self.row_count - sum(row.sign != "-" for row in self.rows)


@dataclass(frozen=True, slots=True)
class MarkedNote:
    """A footnote as it will be printed, with its marked source if the text changed.

    `old_number` is set if it was renumbered. `sentence_id` is the HTML id of the first sentence
    that describes a change in it, or "".
    """

    sign: str
    note: PrintedNote
    old_number: int | None = None
    source: tuple[MarkedText, ...] = ()
    sentence_id: str = ""


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """A setting of the register that affects the page without being printed on it."""

    name: str
    pieces: tuple[MarkedText, ...]
