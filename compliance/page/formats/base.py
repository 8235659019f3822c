"""What every format offers, and the exceptions of the family."""

from collections.abc import Callable
from dataclasses import dataclass

from compliance.page.snapshot import Snapshot


class FormatFault(ValueError):
    """A page that cannot be read, or a snapshot that cannot be written."""


class Unreadable(FormatFault):
    """A source that is not a page; says where (from 1; None where no place can be named), what and what to do."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line = line
        self.column = column
        if line is not None:
            message = f"Line {line}, column {column or 1}: {message}"
        super().__init__(message)


class Unwritable(FormatFault):
    """A snapshot that holds something which could not be read back from the format."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the snapshot, and a sentence on each thing that was normalised or not understood."""

    snapshot: Snapshot
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """A syntax for pages: `render` may raise Unwritable, `parse` Unreadable; `parse` is None for one only written."""

    name: str
    media_type: str
    render: Callable[[Snapshot], bytes]
    parse: Callable[[bytes], Reading] | None = None


def decode(source: bytes) -> str:
    """Return UTF-8 bytes as text; raises Unreadable with the place of the first broken byte."""
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        raise Unreadable(
            f"the byte 0x{source[error.start]:02X} is not UTF-8. Save the file as UTF-8.",
            line,
            column,
        ) from None
