"""The parts of a page as they were read, before ids are given and marks are resolved."""

from dataclasses import dataclass

from compliance.page.formats.base import ReadColumn
from compliance.page.formats.markdown.cells import CellItem
from compliance.page.formats.markdown.source import SourceCell, SourceLine
from compliance.page.table import Column


@dataclass(frozen=True, slots=True)
class ReadCell:
    """A cell as written, and the items that were read from it."""

    source: SourceCell
    items: tuple[CellItem, ...]


ReadRow = dict[str, ReadCell]


@dataclass(frozen=True, slots=True)
class ReadSection:
    """A section with the items of its cells, by the keys of its columns.

    `lines` and `header` are the prose and the labels as written.
    """

    prose: str
    lines: tuple[SourceLine, ...]
    header: tuple[SourceCell, ...]
    columns_read: tuple[ReadColumn, ...]
    rows: tuple[ReadRow, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return tuple(read.column for read in self.columns_read)
