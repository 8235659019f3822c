"""The numbered notes of a page, taken out of its prose."""

import re
from collections.abc import Sequence

from compliance.page.formats.base import Unreadable
from compliance.page.formats.markdown.source import Notes, SourceLine
from compliance.page.formats.markdown.syntax import (
    LINK_DEFINITION,
    NOTE_START,
    THEMATIC_BREAK,
    UNDERLINE,
    UNNUMBERED_NOTE,
    note_number,
)
from compliance.page.formats.markdown.writer import footnote_fault
from compliance.page.snapshot import Footnote

_TOUCHING = re.compile(r"[:.]\s+")


class PageNotes:
    """The footnotes that were found on a page so far."""

    def __init__(self, reading_notes: Notes) -> None:
        self._reading_notes = reading_notes
        self._parts: dict[int, tuple[int, list[str]]] = {}

    def taken_from(self, lines: Sequence[SourceLine]) -> list[SourceLine]:
        """Return the lines that belong to no footnote; keep the footnotes.

        A footnote begins with its number and ends at a blank line. Dividing lines are dropped where
        nothing but footnotes stands.
        """
        rest: list[SourceLine] = []
        current: list[str] | None = None
        for line in lines:
            content = line.text.strip()
            if start := NOTE_START.match(content):
                current = self._begin(content, start, line)
            elif not content or _is_break(line, current):
                current = None
                rest.append(line)
            elif problem := _stray(content):
                raise Unreadable(problem, line.number, 1)
            elif current is None:
                rest.append(line)
            else:
                current.append(content)
        return self._without_breaks(rest)

    def sorted(self) -> tuple[Footnote, ...]:
        """Return the footnotes in the order of their numbers."""
        return tuple(_footnote(number, *self._parts[number]) for number in sorted(self._parts))

    def _begin(self, content: str, start: re.Match[str], line: SourceLine) -> list[str]:
        number = note_number(start)
        if number in self._parts:
            raise Unreadable(
                f"footnote {number} is there twice. Give one another number.", line.number, 1
            )
        if number < 1:
            raise Unreadable("footnote 0 cannot be. Number the footnotes from 1.", line.number, 1)
        text = [_after_number(content, start, line, self._reading_notes)]
        self._parts[number] = line.number, text
        return text

    def _without_breaks(self, lines: list[SourceLine]) -> list[SourceLine]:
        filled = [line for line in lines if line.text.strip()]
        if not all(THEMATIC_BREAK.match(line.text) for line in filled):
            return lines
        for line in filled:
            self._reading_notes.add(line.number, "A dividing line was dropped.")
        return []


def _is_break(line: SourceLine, current: list[str] | None) -> bool:
    # Directly below a text, Markdown takes `---` for the underline of a heading.
    return bool(THEMATIC_BREAK.match(line.text)) and (
        current is None or not UNDERLINE.match(line.text.strip())
    )


def _after_number(
    content: str, start: re.Match[str], line: SourceLine, reading_notes: Notes
) -> str:
    """Return a footnote's first line without its number and a `:` or `.` that touches it."""
    rest = content[start.end() :]
    # `[^1]:` holds its colon already; behind a blank the punctuation begins the note: `¹ : One.`
    touching = (
        None
        if start["labelled"] or start.group() != start.group().rstrip()
        else _TOUCHING.match(rest)
    )
    if not touching:
        return rest
    reading_notes.add(line.number, f"The {rest[0]!r} behind a footnote's number was dropped.")
    return rest[touching.end() :]


def _stray(content: str) -> str | None:
    """Return a sentence on a line below a table that is neither prose nor a footnote, else None."""
    if unnumbered := UNNUMBERED_NOTE.match(content):
        return (
            f"the footnote {unnumbered[1]} has no number. "
            "Number the footnote, and its marks: `[^1]`."
        )
    if LINK_DEFINITION.match(content):
        return f"{content!r} defines a link for elsewhere. Write the address where the link is."
    if content.startswith("|"):
        return "a row of the table stands behind a blank line. Remove the blank line."
    return None


def _footnote(number: int, line: int, parts: Sequence[str]) -> Footnote:
    note = "\n".join(parts).strip()
    if problem := footnote_fault(note):
        raise Unreadable(f"footnote {number} cannot be read: {problem}", line, 1)
    return Footnote(f"note-{number}", number, note)
