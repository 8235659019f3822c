"""What every format offers, and the exceptions that all of them raise."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from compliance.page.snapshot import Snapshot
from compliance.page.table import Column


class FormatFault(ValueError):
    """A page that cannot be read, or a snapshot that cannot be written."""


class Unreadable(FormatFault):
    """A source that is not a page.

    The message says what is wrong and what to do; `line` and `column` count from 1, and are None
    where no place can be named.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line = line
        self.column = column
        if line is not None:
            message = f"Line {line}, column {column or 1}: {message}"
        super().__init__(message)


class TitleFault(Unreadable):
    """A title that is missing beside a table, that cannot be used, or that a page has itself."""

    @classmethod
    def already_there(cls) -> "TitleFault":
        """Return the refusal of a title that is given with a page that has one."""
        return cls(
            "The page has a title of its own. Change it in the file, or give no other title."
        )


class Unwritable(FormatFault):
    """A snapshot with something in it that could not be read back from the format."""


class Origin(StrEnum):
    """Where the meaning of a column comes from.

    A person set it, the register has a column with the label, or the label says it. A column is
    text where its label is not known, where its cells say something else than its label, and where
    another column of the table has the role already that a table has once.
    """

    SET = "set"
    REGISTER = "register"
    LABEL = "label"
    TEXT = "text"
    CELLS = "cells"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column as it was read, and why it was read so.

    `section` is the place of its section on the page, from 1. `samples` are the first distinct
    filled cells, each as its words and what these mean in plain words: "" unless they are a claim.
    """

    section: int
    column: Column
    origin: Origin
    samples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The snapshot that was read, and a sentence on whatever was normalised or not understood.

    `has_facts` tells whether the source gives ids, facts of models and providers, and what columns
    and claims mean; else they were worked out from what is printed, and `columns` tells how the
    columns were read.
    """

    snapshot: Snapshot
    notes: tuple[str, ...] = ()
    has_facts: bool = False
    columns: tuple[ReadColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """A format in which pages are written.

    `name` is the ending of its files, `label` what people call it. `render` raises Unwritable.
    """

    name: str
    label: str
    media_type: str
    render: Callable[[Snapshot], bytes]


def decode(source: bytes) -> str:
    """Return UTF-8 bytes as text; raises Unreadable at the first byte that is no UTF-8."""
    if _is_utf_16(source):
        raise Unreadable(
            "the file is in UTF-16, which Excel and Notepad call Unicode. Save it as UTF-8.", 1, 1
        )
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        raise Unreadable(
            f"the byte 0x{source[error.start]:02X} is not UTF-8. Save the file as UTF-8; "
            "Excel offers that as “CSV UTF-8”.",
            line,
            column,
        ) from None


def _is_utf_16(source: bytes) -> bool:
    """Return whether bytes are UTF-16 (or UTF-32), with a byte order mark or without."""
    # In Latin letters every other byte is NUL.
    start = source[:100]
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or start.count(0) * 3 > len(start)
