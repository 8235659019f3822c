"""The source of a hand-written page, split into title, prose and tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from compliance.page import inline, joiners, text
from compliance.page.formats.base import TitleFault, Unreadable, decode
from compliance.page.formats.markdown.comments import without_comments
from compliance.page.formats.markdown.front_matter import UnclosedError, find_front_matter
from compliance.page.formats.markdown.syntax import (
    DELIMITER_ROW,
    NOTE_START,
    THEMATIC_BREAK,
    UNDERLINE,
)

# CommonMark allows three blanks before the `#`; four would make a block of code.
_TITLE = re.compile(r" {0,3}#(?:[ ]|\Z)")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ ]+(?P<title>.*))?\Z")
# After an even number of backslashes some programs escape the pipe, others only a backslash.
_UNCERTAIN_PIPE = re.compile(r"(?<!\\)(?:\\\\)+\|")
# As in GFM, where a blank line or another block ends a table.
_ENDS_TABLE = re.compile(r"\s*\Z| {0,3}(?:#{1,6}(?:\s|\Z)|>)")
_CONTAINER = re.compile(r"\s*(?:>|(?:[-*+]|[0-9]{1,9}[.)])\s)")
_NAMED_LINES = 3


@dataclass(slots=True)
class Notes:
    """Sentences on what was normalised, each once, with the lines that it is about."""

    _lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, line: int, sentence: str) -> None:
        """Add a sentence about a line."""
        lines = self._lines.setdefault(sentence, [])
        if line not in lines[-1:]:
            lines.append(line)

    def sentences(self) -> tuple[str, ...]:
        """Return each sentence after the numbers of its first lines."""
        return tuple(f"{_numbered(lines)}: {sentence}" for sentence, lines in self._lines.items())


def _numbered(lines: list[int]) -> str:
    named = ", ".join(map(str, lines[:_NAMED_LINES]))
    more = f" and {len(lines) - _NAMED_LINES} more" if len(lines) > _NAMED_LINES else ""
    return f"Line{'s' if len(lines) > 1 else ''} {named}{more}"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the source and its number, from 1; blanks that break a line are not in its text."""

    number: int
    text: str
    is_broken: bool = False

    @property
    def as_written(self) -> str:
        """The text with the blanks behind it that break a line."""
        return f"{self.text}  " if self.is_broken else self.text


@dataclass(frozen=True, slots=True)
class SourceCell:
    """A cell as written, and where it begins; line and column from 1.

    `symbols` gives the footnotes that symbols such as `*`, and names such as `[^a]`, cite in it.
    """

    source: str
    line: int
    column: int
    symbols: Mapping[str, int] | None = None

    def refusal(self, message: str) -> Unreadable:
        """Return an exception with a message about this cell."""
        return Unreadable(message, self.line, self.column)


@dataclass(frozen=True, slots=True)
class SourceSection:
    """Lines of prose and the table after them, without a header where there is none."""

    prose: tuple[SourceLine, ...]
    header: tuple[SourceCell, ...] = ()
    rows: tuple[tuple[SourceCell, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The parts of a page as written; `lines` holds all lines without comments and front matter.

    Only the last section may be without a table; footnotes stand in the prose still. With
    `title_is_apart` the title stands in none of the lines. A page that `is_table_alone` has
    no place for texts but footnotes.
    """

    lines: tuple[SourceLine, ...]
    title: SourceCell
    sections: tuple[SourceSection, ...]
    title_is_apart: bool = False
    is_table_alone: bool = False


def take_apart(source: str | bytes, notes: Notes, *, given_title: str = "") -> SourcePage:
    """Return the parts of a page, which has a title, or to which one is given as words.

    Raises Unreadable, and TitleFault where there is none or both.
    """
    given_title = given_title.strip()
    lines = _lines(_clean(source, notes), notes)
    if not any(line.text for line in lines):
        raise Unreadable("the page is empty. Give a page with a title.", 1, 1)
    lines, front_title = _without_front_matter(lines, notes)
    found = _title_place(lines, has_other=bool(front_title or given_title))
    if given_title and (found or front_title):
        raise TitleFault.already_there()
    if found:
        title, body = _title(lines, *found, notes)
    elif front_title:
        title, body = front_title, lines
        notes.add(title.line, "The title is that of the front matter.")
    elif given_title:
        title, body = SourceCell(inline.escape(checked_title(given_title)), 1, 1), lines
    else:
        first = next((line.number for line in lines if line.text), 1)
        raise TitleFault(
            "the page has no title. Put a line like `# LLMs & Privacy` above it, or give it "
            "with the file: --title “LLMs & Privacy”.",
            first,
            1,
        )
    sections = tuple(_sections(body))
    return SourcePage(tuple(lines), title, sections, title_is_apart=not found)


def checked_title(title: str) -> str:
    """Return a title that was given apart from a page; raises TitleFault if it cannot be used."""
    words = " ".join(cleaned(title).split())
    if problem := text.fault(words):
        raise TitleFault(f"the title {words!r} cannot be used: {problem}")
    return words


def _sections(lines: list[SourceLine]) -> Iterator[SourceSection]:
    start = 0
    while (table := _table_start(lines, start)) is not None:
        _check_above(lines[start:table], lines[table])
        header = _cells(lines[table])
        _check_delimiter(lines[table + 1], len(header))
        end = _table_end(lines, table)
        rows = tuple(_row(line, len(header)) for line in lines[table + 2 : end])
        yield SourceSection(tuple(lines[start:table]), header, rows)
        start = end
    if any(line.text.strip() for line in lines[start:]):
        yield SourceSection(tuple(lines[start:]))


def _clean(source: str | bytes, notes: Notes) -> str:
    """Return the source with line feeds and plain characters, in normal form C."""
    page = decode(source) if isinstance(source, bytes) else source
    if page.startswith("\ufeff"):
        notes.add(1, "A byte order mark was removed.")
        page = page[1:]
    if "\r" in page:
        notes.add(1, "Line ends became line feeds.")
        page = page.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(page.split("\n"), 1):
        check_characters(line, number, notes)
    return cleaned(page)


def cleaned(words: str) -> str:
    """Return a text with plain characters for all that look like them, and blanks for tabs."""
    if words.isascii():
        return words.replace("\t", " ")
    return "\n".join(map(text.plain_line, words.split("\n"))).replace("\t", " ")


def check_characters(line: str, number: int, notes: Notes) -> None:
    """Note what `cleaned` changes; raises Unreadable for a character that no text may hold."""
    if line.isascii() and line.isprintable():
        return
    if "\t" in line:
        notes.add(number, "Tabs became blanks.")
    for sentence in text.normalisations(line):
        notes.add(number, sentence)
    plain = text.plain_line(line).replace("\t", " ")
    # What may be refused is not printable, which hardly any line holds.
    if plain.isprintable():
        return
    kept = set(plain).difference(joiners.JOINERS)
    for column, character in enumerate(line, 1):
        if character in kept and (problem := text.character_fault(character)):
            raise Unreadable(problem, number, column)


def _lines(page: str, notes: Notes) -> list[SourceLine]:
    """Return the numbered lines without the comments that stand outside of the table's cells."""
    lines: list[SourceLine] = []
    written, comment_lines = without_comments(page)
    for number, line in enumerate(written, 1):
        if number in comment_lines:
            notes.add(number, "An HTML comment was dropped.")
            ends_text = comment_lines[number] and _is_text(lines[-1:])
            if not line.strip() and not ends_text:
                continue
        lines.append(SourceLine(number, line.rstrip(), line.endswith("  ")))
    return lines


def _is_text(before: list[SourceLine]) -> bool:
    """Return whether a line is text, and no row of a table, which a comment does not end."""
    return bool(before) and bool(before[0].text) and "|" not in before[0].text


def _without_front_matter(
    lines: list[SourceLine], notes: Notes
) -> tuple[list[SourceLine], SourceCell | None]:
    """Return the lines below the front matter, and its title if it has one."""
    start = next(index for index, line in enumerate(lines) if line.text)
    first = lines[start].number
    try:
        found = find_front_matter([line.text for line in lines[start:]])
    except UnclosedError as unclosed:
        raise Unreadable(
            "the front matter that begins here never ends. "
            f"Write a line `{unclosed}` where it does.",
            first,
            1,
        ) from None
    if found is None:
        return lines, None
    end = start + found.length
    named = f" ({', '.join(found.names)})" if found.names else ""
    last = lines[end - 1].number
    notes.add(first, f"The front matter up to line {last} was taken off{named}.")
    if not found.title:
        return lines[end:], None
    line = lines[start + found.title_index]
    # It is no Markdown, so that what could act as such is escaped.
    title = SourceCell(inline.escape(found.title), line.number, 1)
    return lines[end:], title


def _title_place(lines: list[SourceLine], *, has_other: bool) -> tuple[int, int] | None:
    """Return where the lines of the title begin and end: the first heading of the first level.

    Without one, and without a title elsewhere, it is the heading with which the page begins.
    """
    for index, line in enumerate(lines):
        if line.text.lstrip().startswith(("#", "=")):
            if _TITLE.match(line.text):
                return index, index + 1
            if _is_underline(lines, index) and line.text.lstrip().startswith("="):
                return index - 1, index + 1
    first = next((index for index, line in enumerate(lines) if line.text), None)
    if first is None or has_other:
        return None
    if _HEADING.match(lines[first].text):
        return first, first + 1
    return (first, first + 2) if _is_underline(lines, first + 1) else None


def _is_underline(lines: list[SourceLine], index: int) -> bool:
    """Return whether a line makes a heading of the one above it, which is a paragraph alone."""
    if not (0 < index < len(lines) and UNDERLINE.match(lines[index].text.strip())):
        return False
    above = lines[index - 1].text
    is_alone = index == 1 or not lines[index - 2].text
    return bool(above) and is_alone and not _HEADING.match(above) and not _CONTAINER.match(above)


def _title(
    lines: list[SourceLine], start: int, end: int, notes: Notes
) -> tuple[SourceCell, list[SourceLine]]:
    """Return the title and the lines before and after it."""
    line, before = lines[start], lines[:start]
    heading = _HEADING.match(line.text)
    title = (inline.heading_words(heading["title"] or "") if heading else line.text).strip()
    if not title:
        raise Unreadable("the title is empty. Write it after the `#`.", line.number, 1)
    cell = SourceCell(title, line.number, line.text.index(title) + 1)
    filled = [other for other in before if other.text]
    if not filled:
        return cell, lines[end:]
    if _table_start(before, 0) is not None:
        raise cell.refusal(
            f"the title {title!r} stands behind a table. Move it to the top of the page, "
            "or begin it with `##` if it is no title."
        )
    if all(THEMATIC_BREAK.match(other.text) for other in filled):
        for other in filled:
            notes.add(other.number, "A dividing line was dropped.")
        return cell, lines[end:]
    notes.add(filled[0].number, "The text before the title was put behind it.")
    last = before.index(filled[-1]) + 1
    below = next((index for index, other in enumerate(lines[end:], end) if other.text), end)
    return cell, [*before[:last], SourceLine(line.number, ""), *lines[below:]]


def _is_table_start(lines: list[SourceLine], index: int) -> bool:
    header, delimiter = lines[index].text, lines[index + 1].text
    is_delimiter = bool(DELIMITER_ROW.match(delimiter)) and not THEMATIC_BREAK.match(delimiter)
    return is_delimiter and "|" in header and "|" in f"{delimiter}{header[:1]}"


def _table_start(lines: list[SourceLine], start: int) -> int | None:
    places = range(start, len(lines) - 1)
    return next((index for index in places if _is_table_start(lines, index)), None)


def _check_above(prose: list[SourceLine], header: SourceLine) -> None:
    """Refuse a table whose first line would belong to the list or the quote above it."""
    for line in reversed(prose):
        if not line.text.strip() or _HEADING.match(line.text):
            return
        if _CONTAINER.match(line.text):
            raise Unreadable(
                "a table begins directly below a list or a quote. Put a blank line before it.",
                header.number,
                1,
            )


def _table_end(lines: list[SourceLine], table: int) -> int:
    """Return the index of the line after a table, given that of its header."""
    end = table + 2
    while end < len(lines) and not _ends_table(lines[end].text):
        if end + 1 < len(lines) and _is_table_start(lines, end):
            raise Unreadable(
                "a second table begins here. Put a blank line before it.", lines[end].number, 1
            )
        end += 1
    return end


def _ends_table(line: str) -> bool:
    return bool(_ENDS_TABLE.match(line) or THEMATIC_BREAK.match(line))


def _check_delimiter(delimiter: SourceLine, columns: int) -> None:
    if (count := len(_cells(delimiter))) != columns:
        raise Unreadable(
            f"the delimiter row has {_count(count)}; it needs {columns}.", delimiter.number, 1
        )


def _row(line: SourceLine, columns: int) -> tuple[SourceCell, ...]:
    cells = _cells(line)
    if len(cells) == columns:
        return cells
    advice = (
        " Put a blank line before the first footnote."
        if NOTE_START.match(line.text.strip())
        else ""
    )
    column = cells[columns].column if len(cells) > columns else len(line.text)
    raise Unreadable(
        f"the row has {_count(len(cells))}; it needs {columns}.{advice}", line.number, column
    )


def _count(number: int) -> str:
    return f"{number} cell{'' if number == 1 else 's'}"


def _cells(line: SourceLine) -> tuple[SourceCell, ...]:
    """Return a row's cells; outer pipes may be missing, and `\\|` is a pipe within a cell."""
    if match := _UNCERTAIN_PIPE.search(line.text):
        raise Unreadable(
            f"Markdown programs disagree on `{match.group()}`. "
            "Write `&#124;` for a pipe within a cell.",
            line.number,
            match.start() + 1,
        )
    cells = list(_split(line))
    if not cells[0].source and line.text.strip().startswith("|"):
        cells = cells[1:]
    if cells and not cells[-1].source and line.text.rstrip().endswith("|"):
        cells = cells[:-1]
    return tuple(cells)


def _split(line: SourceLine) -> Iterator[SourceCell]:
    start = 0
    for pipe in [*re.finditer(r"(?<!\\)\|", line.text), None]:
        end = pipe.start() if pipe else len(line.text)
        written = line.text[start:end]
        indent = len(written) - len(written.lstrip())
        # GFM reads `\|` as a pipe before all else in a cell, within code and links too.
        yield SourceCell(written.strip().replace(r"\|", "|"), line.number, start + indent + 1)
        start = end + 1
