"""Write a snapshot as Markdown, and say which texts it cannot hold."""

import re
from collections.abc import Iterable
from dataclasses import replace

from compliance.page import inline, text, urls
from compliance.page.formats.base import Unwritable
from compliance.page.formats.markdown.flavours import GFM, Flavour
from compliance.page.formats.markdown.prose import (
    canonical_note,
    canonical_prose,
    footnote_fault,
    prose_fault,
)
from compliance.page.formats.markdown.syntax import (
    BULLET,
    DELIMITER_ROW,
    OTHER_BULLETS,
    SYMBOLS,
    page_parser,
    superscript,
)
from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import Cell, Column, DocumentItem, Item, Section
from compliance.page.vocabulary import ONCE_IN_A_TABLE

_PARSER = page_parser()


def render(snapshot: Snapshot, flavour: Flavour = GFM) -> str:
    """Return the page in a flavour, by default the canonical one.

    Raises Unwritable for a text that could not be read back from the canonical page.
    """
    numbers = {note.number for note in snapshot.footnotes}
    if strays := sorted(set(snapshot.marks()) - numbers):
        raise Unwritable(
            f"Footnote {strays[0]} is cited, but there is none of that number. Add it."
        )
    if len(numbers) < len(snapshot.footnotes) or min(numbers, default=1) < 1:
        raise Unwritable(
            "Two footnotes have one number, or a number is below 1. Number them from 1."
        )
    writer = _Writer(flavour)
    parts = [
        writer.title(snapshot.register.title),
        *(part for section in snapshot.sections for part in writer.section(section)),
        *writer.notes(snapshot),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


class _Writer:
    """Writes the parts of a page in a flavour."""

    def __init__(self, flavour: Flavour) -> None:
        self._flavour = flavour

    def title(self, title: str) -> str:
        escaped = self._flavour.words(_sound(title, "The title"))
        # CommonMark drops `#` at the end of a heading as its closing sequence.
        return f"# {escaped[:-1]}\\#" if escaped.endswith("#") else f"# {escaped}"

    def notes(self, snapshot: Snapshot) -> list[str]:
        return [
            self._note(note) for note in sorted(snapshot.footnotes, key=lambda note: note.number)
        ]

    def _note(self, note: Footnote) -> str:
        if problem := footnote_fault(note.text):
            raise Unwritable(f"Footnote {note.number} cannot be written: {problem}")
        return f"{superscript([note.number])} {self._flavour.blocks(canonical_note(note.text))}"

    def section(self, section: Section) -> list[str]:
        if problem := prose_fault(section.prose):
            raise Unwritable(f"The prose {section.prose!r} cannot be written: {problem}")
        prose = self._flavour.blocks(canonical_prose(section.prose))
        return [prose, self._table(section) if section.columns else ""]

    def _table(self, section: Section) -> str:
        header = [self._label(column) for column in section.columns]
        delimiters = [":" + "-" * max(len(label) - 1, 1) for label in header]
        rows = [
            [self._cell(column, listing.cells[column.key]) for column in section.columns]
            for listing in section.listings
        ]
        written = [_row(header), _row(delimiters), *map(_without_delimiters, map(_row, rows))]
        return "\n".join(written)

    def _label(self, column: Column) -> str:
        label = _sound(column.label, "A column label", empty=True)
        return self._written((inline.Run(label),), label)

    def _cell(self, column: Column, cell: Cell) -> str:
        items = [self._item(item) for item in cell.items]
        if column.role in ONCE_IN_A_TABLE or len(items) > 1:
            return self._flavour.line_break.join(f"{BULLET} {item}" for item in items)
        return _LEADING_BULLET.sub(_reference, items[0]) if items else ""

    def _item(self, item: Item) -> str:
        """Return an item's text in its one form; raises Unwritable if it is more than a text."""
        plain = _sound(item.plain, "A text")
        if problem := inline.fault(item.text):
            raise Unwritable(f"The text {item.text!r} cannot be written: {problem}")
        runs = inline.runs(item.text)
        for run in runs:
            _sound(run.url or "", "A URL", empty=True)
        if isinstance(item, DocumentItem):
            _sound(item.url or "", "A URL", empty=True)
            runs = (inline.Run(plain, item.url),)
        return self._written(runs, plain) + _marks(item.footnotes)

    def _written(self, runs: tuple[inline.Run, ...], plain: str) -> str:
        """Return runs, of which `plain` are the words, without symbols that cite a footnote."""
        # Hardly any text has a symbol, and looking for where it stands takes time.
        has_symbol = _SYMBOL.search(plain)
        if has_symbol:
            runs = (*map(_without_citing, runs[:1]), *map(_without_any_citing, runs[1:]))
        words = inline.written_with(self._flavour.words, self._flavour.address, runs)
        return words.translate(_SHOWN_SYMBOLS) if has_symbol else words


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _without_delimiters(row: str) -> str:
    """Return a row of dashes with the first as a reference, as it would begin a table."""
    return _FIRST_DASH.sub(_reference, row, count=1) if DELIMITER_ROW.match(row) else row


def _without_citing(run: inline.Run) -> inline.Run:
    """Return a run in which noncharacters, which no text may hold, stand for some symbols.

    These are the symbols at its end and before a slash that may divide a list. As themselves they
    would cite a footnote that a reader of the page finds below the table.
    """
    return replace(run, words=_CITING.sub(_hidden, run.words))


def _without_any_citing(run: inline.Run) -> inline.Run:
    """Return a run beside a link, of which symbols at the beginning may cite a footnote too."""
    return _without_citing(replace(run, words=_CITING_FIRST.sub(_hidden, run.words)))


def _hidden(match: re.Match[str]) -> str:
    return match.group().translate(_HIDDEN_SYMBOLS)


_SYMBOL = re.compile(f"[{SYMBOLS}]")
# The search must not begin within a run of blanks: it would take quadratic time.
_CITING = re.compile(rf"(?<![\s,{SYMBOLS}])[\s,{SYMBOLS}]*[{SYMBOLS}](?=\s*\Z|\s+/\s)")
_CITING_FIRST = re.compile(rf"\A[\s,{SYMBOLS}]*[{SYMBOLS}]")
_HIDDEN_SYMBOLS = {ord(symbol): chr(0xFDD0 + place) for place, symbol in enumerate(SYMBOLS)}
_REFERENCES = ("&ast;", "&dagger;", "&Dagger;", "&sect;", "&para;", "&#8251;")
_SHOWN_SYMBOLS = {0xFDD0 + place: reference for place, reference in enumerate(_REFERENCES)}


# Only where a cell begins: later a dash is text, and a backslash before it would be changed too.
_LEADING_BULLET = re.compile(rf"\A[{OTHER_BULLETS}](?= )")

_FIRST_DASH = re.compile("-")


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"


def _marks(footnotes: Iterable[int]) -> str:
    numbers = tuple(footnotes)
    if len(set(numbers)) < len(numbers):
        raise Unwritable(
            f"Footnote {max(numbers, key=numbers.count)} is cited twice in one place. Cite it once."
        )
    return superscript(numbers)


def _sound(value: str, what: str, *, empty: bool = False) -> str:
    if problem := text.fault(value):
        raise Unwritable(f"{what}, {value!r}, cannot be written: {problem}")
    if not value and not empty:
        raise Unwritable(f"{what} is empty. Give it a text.")
    return value


def links_fault(markdown: str) -> str | None:
    """Return a sentence on a link in prose or a footnote that may not be published, else None."""
    for block in _PARSER.parse(markdown):
        for token in block.children or ():
            if token.type != "link_open":
                continue
            if fault := urls.link_fault(str(token.attrs["href"])):
                return fault
    return None
