"""The numbered notes of a page, taken out of its prose."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from compliance.page import lengths
from compliance.page.ends import named_end
from compliance.page.formats.base import Unreadable
from compliance.page.formats.markdown.dialects import with_breaks
from compliance.page.formats.markdown.prose import canonical_note, footnote_fault
from compliance.page.formats.markdown.source import Notes, SourceLine
from compliance.page.formats.markdown.symbols import find_symbols, without_symbol
from compliance.page.formats.markdown.syntax import (
    LINK_DEFINITION,
    NAMED_NOTE,
    NOTE_START,
    THEMATIC_BREAK,
    UNDERLINE,
    note_number,
)
from compliance.page.snapshot import Footnote

_TOUCHING = re.compile(r"[:.]\s+")


@dataclass(frozen=True, slots=True)
class _Note:
    """A footnote as written: the number of its first line, its lines, and its symbol or name."""

    line: int
    parts: list[str]
    symbol: str = ""


# The places of the groups that have a symbol, in order, and its number in each.
_Numbers = tuple[list[int], dict[int, int]]


class _SymbolsBelow(Mapping[str, int]):
    """What symbols cite in the table of a part: looked up only where one is asked for."""

    def __init__(self, by_place: Mapping[str, _Numbers], place: int) -> None:
        self._by_place = by_place
        self._place = place
        self._found: dict[str, int] = {}

    def __getitem__(self, symbol: str) -> int:
        if symbol not in self._found:
            places, numbers = self._by_place[symbol]
            self._found[symbol] = numbers[_nearest(places, self._place)]
        return self._found[symbol]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_place)

    def __len__(self) -> int:
        return len(self._by_place)


class PageNotes:
    """The footnotes of a page, in groups by the part of the page in which they stand.

    Where a number is there twice, footnotes begin anew below a table: marks cite the group below
    their table, and all are numbered through. A footnote that begins with a symbol such as `*`, or
    a name such as `[^a]`, is kept under a number below 0 until it is given the next free one.
    """

    def __init__(self, reading_notes: Notes, carried: Collection[str] = ()) -> None:
        self._reading_notes = reading_notes
        self._carried = carried
        self._groups: list[dict[int, _Note]] = []
        self._symbol_count = 0
        self._symbols_of_group: set[str] = set()

    def taken_from(self, lines: Sequence[SourceLine]) -> list[SourceLine]:
        """Return the lines of the next part that belong to no footnote; keep the footnotes.

        A footnote begins with its number, or with a symbol that a cell carries, and ends at a blank
        line. Dividing lines are dropped where nothing but footnotes stands.
        """
        self._groups.append({})
        self._symbols_of_group = set()
        symbols = find_symbols(lines, self._carried)
        rest: list[SourceLine] = []
        current: list[str] | None = None
        for index, line in enumerate(lines):
            content = line.text.strip()
            if start := NOTE_START.match(content):
                current = self._begin(content, start, line)
            elif named := NAMED_NOTE.match(content):
                current = self._begin_with_symbol(content[named.end() :], named[1], line)
            elif index in symbols:
                text = without_symbol(content, symbols[index])
                current = self._begin_with_symbol(text, symbols[index], line)
            elif not content or _is_break(line, current):
                current = None
                rest.append(line)
            elif problem := _stray(content, is_below_table=len(self._groups) > 1):
                raise Unreadable(problem, line.number, 1)
            elif current is None:
                rest.append(line)
            else:
                current.append(_as_written(content, line))
        return self._without_breaks(rest)

    def without_any(self) -> None:
        """Count a part of the page in which no footnotes stand."""
        self._groups.append({})

    @property
    def has_new_numbers(self) -> bool:
        """Whether a number is there twice, or a footnote has a symbol for one."""
        return self._begin_anew or self._symbol_count > 0

    @property
    def _begin_anew(self) -> bool:
        return len(self._all()) < sum(map(len, self._groups))

    @property
    def symbols(self) -> dict[int, str]:
        """The symbols and names with which footnotes begin, by their numbers below 0."""
        return {
            number: note.symbol
            for group in self._groups
            for number, note in group.items()
            if note.symbol
        }

    def lines(self) -> Iterator[SourceLine]:
        """Yield the lines of the footnotes."""
        for group in self._groups:
            for note in group.values():
                for number, part in enumerate(note.parts, note.line):
                    yield SourceLine(number, part)

    def is_empty(self) -> bool:
        """Return whether there are no footnotes."""
        return not any(self._groups)

    def all_numbers(self) -> set[int]:
        """Return the numbers as written."""
        return {number for number in self._all() if number > 0}

    def _all(self) -> set[int]:
        return {number for group in self._groups for number in group}

    def numbers_below(self, place: int, cited: Iterable[int]) -> dict[int, int]:
        """Return the new number of each number that is cited in a part's table and is there.

        The nearest group counts: the first below the table, else the last above it. To be asked
        when the footnotes of all parts are taken, as `symbols_below` is.
        """
        found: dict[int, int] = {}
        for number in cited:
            if number in self._places:
                group = self._groups[_nearest(self._places[number], place)]
                found[number] = self._new_number_of[id(group[number])]
        return found

    def symbols_below(self, place: int) -> Mapping[str, int]:
        """Return the number below 0 of the footnote that each symbol or name cites in a table."""
        return _SymbolsBelow(self._symbols_by_place, place)

    @cached_property
    def _places(self) -> dict[int, list[int]]:
        """The places of the groups, in order, in which each number is."""
        places: defaultdict[int, list[int]] = defaultdict(list)
        for place, group in enumerate(self._groups):
            for number in group:
                places[number].append(place)
        return places

    @cached_property
    def _symbols_by_place(self) -> dict[str, _Numbers]:
        """The places, in order, and the numbers below 0 of each symbol."""
        found: dict[str, _Numbers] = {}
        for place, group in enumerate(self._groups):
            for number, note in group.items():
                if note.symbol:
                    places, numbers = found.setdefault(note.symbol.casefold(), ([], {}))
                    numbers[place] = number
                    if places[-1:] != [place]:
                        places.append(place)
        return found

    @cached_property
    def _new_number_of(self) -> dict[int, int]:
        """The new number of each note, by its `id()`."""
        return {id(note): number for number, note in self._new_numbers()}

    def as_written(self) -> tuple[Footnote, ...]:
        """Return the footnotes with their numbers as written, in the order of these."""
        notes = [(number, note) for group in self._groups for number, note in group.items()]
        notes.sort(key=lambda numbered: numbered[0])
        return tuple(_footnote(number, note) for number, note in notes)

    def with_new_numbers(self) -> tuple[Footnote, ...]:
        """Return the footnotes with the numbers that they get, in the order of these."""
        return tuple(_footnote(number, note) for number, note in self._new_numbers())

    def note_new_numbers(self) -> None:
        """Add sentences about the numbers that are not as they are written."""
        if self._begin_anew:
            _, *later = filter(None, self._groups)
            for group in later:
                line = min(note.line for note in group.values())
                self._reading_notes.add(
                    line, "Footnotes that begin anew below a table were numbered through."
                )
        for number, note in self._new_numbers():
            if note.symbol:
                self._reading_notes.add(
                    note.line, f"The footnote `{note.symbol}` became footnote {number}."
                )

    def note_ends(self) -> None:
        """Add a sentence for each footnote that names the day on which it ends."""
        for number, note in self._new_numbers():
            if end := named_end("\n".join(note.parts)):
                self._reading_notes.add(
                    note.line,
                    f"Footnote {number} says that it ends on {end}. Enter that day as its last.",
                )

    def _new_numbers(self) -> list[tuple[int, _Note]]:
        """Return the footnotes by their new numbers, in order.

        They count through where footnotes begin anew, those with a symbol last in each part. Else
        numbers stay, and symbols get those behind the last.
        """
        numbered = [
            (number, group[number])
            for group in self._groups
            for number in sorted(group, key=_order)
        ]
        if self._begin_anew:
            return [(place, note) for place, (_, note) in enumerate(numbered, 1)]
        last = max(self.all_numbers(), default=0)
        kept = [(number if number > 0 else last - number, note) for number, note in numbered]
        return sorted(kept, key=lambda numbered: numbered[0])

    def _begin(self, content: str, start: re.Match[str], line: SourceLine) -> list[str]:
        number, group = note_number(start), self._groups[-1]
        if number in group:
            raise Unreadable(
                f"footnote {number} is there twice. Give one another number.", line.number, 1
            )
        if number < 1:
            raise Unreadable("footnote 0 cannot be. Number the footnotes from 1.", line.number, 1)
        after = _after_number(content, start, line, self._reading_notes)
        text = [_as_written(after, line)]
        group[number] = _Note(line.number, text)
        return text

    def _begin_with_symbol(self, content: str, symbol: str, line: SourceLine) -> list[str]:
        group = self._groups[-1]
        if symbol.casefold() in self._symbols_of_group:
            raise Unreadable(
                f"the footnote `{symbol}` is there twice. Give one another mark.", line.number, 1
            )
        self._symbol_count += 1
        self._symbols_of_group.add(symbol.casefold())
        text = [_as_written(content, line)]
        group[-self._symbol_count] = _Note(line.number, text, symbol)
        return text

    def _without_breaks(self, lines: list[SourceLine]) -> list[SourceLine]:
        filled = [line for line in lines if line.text.strip()]
        if not all(THEMATIC_BREAK.match(line.text) for line in filled):
            return lines
        for line in filled:
            self._reading_notes.add(line.number, "A dividing line was dropped.")
        return []


def _nearest(places: Sequence[int], place: int) -> int:
    """Return the first of some places in order that is below a part, else the last above it."""
    index = bisect_right(places, place)
    return places[index] if index < len(places) else places[-1]


def _order(number: int) -> tuple[bool, int]:
    return number < 0, abs(number)


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


def _as_written(content: str, line: SourceLine) -> str:
    """Return what a line holds of a footnote, with the blanks that break the line."""
    return f"{content}  " if line.is_broken else content


def _stray(content: str, *, is_below_table: bool) -> str | None:
    """Return a sentence on a line that is neither prose nor a footnote, else None."""
    if LINK_DEFINITION.match(content):
        return (
            f"{content!r} defines a link that is used elsewhere. "
            "Write the address where the link is."
        )
    if not content.startswith("|"):
        return None
    if is_below_table:
        return "a row of the table stands behind a blank line. Remove the blank line."
    return "a row stands in no table. Put labels and a line like `|---|---|` above it."


def _footnote(number: int, note: _Note) -> Footnote:
    written = "\n".join(note.parts).strip()
    problem = lengths.FOOTNOTE.fault(written) or footnote_fault(text := with_breaks(written))
    if problem:
        name = note.symbol or number
        raise Unreadable(f"footnote {name} cannot be read: {problem}", note.line, 1)
    return Footnote(f"note-{number}", number, canonical_note(text))
