"""A check that everything a page shows is in the snapshot that was read from it.

It is independent of the reader: the whole source goes through markdown-it's block parser, and
nothing of the reader's own splitting is used.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import accumulate
from types import MappingProxyType
from typing import Any

from markdown_it.token import Token

from compliance.page import inline, text
from compliance.page.formats.base import Unreadable
from compliance.page.formats.markdown.source import SourceLine
from compliance.page.formats.markdown.syntax import (
    BULLET,
    DIGITS,
    FROM_SUPERSCRIPT,
    SYMBOLS,
    page_parser,
)
from compliance.page.snapshot import Snapshot
from compliance.page.table import DocumentItem, Section

# Only the blocks that end a table: a list shows the same letters as a paragraph, and the numbers of
# its items too.
_PARSER = page_parser()
_PARSER.block.ruler.enableOnly(["table", "blockquote", "hr", "heading", "lheading", "paragraph"])
_CELLS = ("th_open", "th_close", "td_open", "td_close")
_MARK = re.compile(rf"[{DIGITS}]+|\[\^[0-9]+\]")
_SYMBOL = re.compile(f"[{SYMBOLS}]")
# A `*` that begins an item of a cell.
_STAR = re.compile(r"^\s*\*\s+", re.MULTILINE)
_DIGITS_ONLY = {**FROM_SUPERSCRIPT, ord("["): None, ord("^"): None, ord("]"): None}
_PLAIN_ADDRESS = re.compile(r"(?<![a-z0-9.+-])https?://.", re.IGNORECASE)
_BEHIND_ADDRESS = ".,;:!?'\"*~)]"


@dataclass(slots=True)
class _Seen:
    """What a reader sees: texts in order, words below tables, digits of marks, and addresses."""

    texts: list[tuple[int, str]] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    digits: Counter[str] = field(default_factory=Counter)
    addresses: Counter[str] = field(default_factory=Counter)
    symbols: Counter[str] = field(default_factory=Counter)
    names: re.Pattern[str] | None = None

    def see(self, line: int, shown: str) -> None:
        shown = self.see_symbols(shown)
        self.texts.append((line, _letters(self.without_marks(shown))))

    def see_words(self, shown: str) -> None:
        shown = self.see_symbols(shown)
        self.words.update(_words(self.without_marks(shown)))

    def see_symbols(self, shown: str) -> str:
        """Count symbols and names of footnotes, and return the text without the names."""
        if self.names and "[^" in shown:
            self.symbols.update(name.casefold() for name in self.names.findall(shown))
            shown = self.names.sub(" ", shown)
        if _SYMBOL.search(shown):
            self.symbols.update(_SYMBOL.findall(shown))
        return shown

    def without_marks(self, shown: str) -> str:
        # Digit by digit: a superscript that belongs to a name may touch the mark behind it.
        self.digits.update("".join(_MARK.findall(shown)).translate(_DIGITS_ONLY))
        return _MARK.sub(" ", shown)


def check(
    lines: Sequence[SourceLine],
    snapshot: Snapshot,
    *,
    title_is_apart: bool = False,
    symbols: Mapping[int, str] = MappingProxyType({}),
) -> None:
    """Raise Unreadable, with the line, if a snapshot lacks a word, mark or address of its page.

    With `title_is_apart` the title stands in none of the lines. The `symbols` are the symbols
    and names of the footnotes that have no number.
    """
    kept = _in_snapshot(snapshot, symbols, title_is_apart=title_is_apart)
    has_tables = any(section.columns for section in snapshot.sections)
    source = _in_source(lines, kept, has_tables=has_tables, title_is_apart=title_is_apart)
    _compare_texts(source, kept)
    number = lines[-1].number
    counted: tuple[tuple[str, Counter[Any], Counter[Any]], ...] = (
        ("word", source.words, kept.words),
        ("mark", source.digits, kept.digits),
        ("address", source.addresses, kept.addresses),
        ("mark", source.symbols, kept.symbols),
    )
    for what, there, here in counted:
        for lost in (there - here) + (here - there):
            place = next((line.number for line in lines if str(lost) in line.text), number)
            raise Unreadable(
                f"the {what} {lost!r} would be lost or doubled. Write this place more simply.",
                place,
                1,
            )


def _compare_texts(source: _Seen, kept: _Seen) -> None:
    there = "".join(shown for _, shown in source.texts)
    here = "".join(shown for _, shown in kept.texts)
    if there == here:
        return
    at = next(
        (i for i, (a, b) in enumerate(zip(there, here, strict=False)) if a != b),
        min(len(there), len(here)),
    )
    ends = accumulate(len(shown) for _, shown in source.texts)
    line, shown = next(
        (text for text, end in zip(source.texts, ends, strict=True) if end > at), source.texts[-1]
    )
    raise Unreadable(
        f"{shown!r} would not be kept as it stands here. Write this place more simply.", line, 1
    )


def _in_source(
    lines: Sequence[SourceLine], kept: _Seen, *, has_tables: bool, title_is_apart: bool
) -> _Seen:
    seen = _Seen(names=kept.names)
    is_below_table, is_cell, is_label = False, False, False
    tokens = _PARSER.parse("\n".join(line.text for line in lines))
    title = None if title_is_apart else _title(tokens)
    if title:
        # It is printed first, wherever it stands.
        seen.see(_line_of(title, lines), _show(title, seen))
    for token in tokens:
        if token.type == "table_close":
            is_below_table = True
        elif token.type in _CELLS:
            is_cell, is_label = token.nesting == 1, token.tag == "th"
        elif token.type == "inline" and token is not title:
            shown = _show(token, seen, has_plain_links=is_cell)
            # Elsewhere a plain address is part of the text, not a link.
            if is_cell and not is_label:
                seen.addresses.update(
                    _address_kept(word, kept.addresses) for word in _plain_addresses(token)
                )
                if "*" in shown and BULLET not in shown:
                    shown = _STAR.sub("", shown)
            # Footnotes are sorted when they are read: where they may stand not the order of texts
            # is compared, but their words.
            if not is_cell and (is_below_table or not has_tables):
                seen.see_words(shown)
            else:
                seen.see(_line_of(token, lines), shown)
    return seen


def _title(tokens: Sequence[Token]) -> Token | None:
    """Return the text of the first heading of the first level, else the first text."""
    texts = [index for index, token in enumerate(tokens) if token.type == "inline"]
    headings = (
        index for index in texts if tokens[index - 1].tag == "h1" and tokens[index].level == 1
    )
    first = next(headings, texts[0] if texts else None)
    return None if first is None else tokens[first]


def _line_of(block: Token, lines: Sequence[SourceLine]) -> int:
    return lines[block.map[0]].number if block.map else 1


def _in_snapshot(snapshot: Snapshot, symbols: Mapping[int, str], *, title_is_apart: bool) -> _Seen:
    names = [re.escape(symbol) for symbol in symbols.values() if _is_name(symbol)]
    seen = _Seen(names=re.compile("|".join(names), re.IGNORECASE) if names else None)
    if not title_is_apart:
        seen.see(0, snapshot.register.title)
    is_below_table = not any(section.columns for section in snapshot.sections)
    for section in snapshot.sections:
        prose = _rendered(section.prose, seen)
        if is_below_table:
            seen.see_words(prose)
        else:
            seen.see(0, prose)
        for printed in _printed(section, seen):
            seen.see(0, printed)
        is_below_table = is_below_table or bool(section.columns)
    for number in [*snapshot.marks(), *(note.number for note in snapshot.footnotes)]:
        if number in symbols:
            symbol = symbols[number]
            seen.symbols.update([symbol.casefold()] if _is_name(symbol) else symbol)
        else:
            seen.digits.update(str(number))
    for note in snapshot.footnotes:
        seen.see_words(_rendered(note.text, seen))
    return seen


def _is_name(symbol: str) -> bool:
    return symbol.startswith("[^")


def _printed(section: Section, seen: _Seen) -> Iterator[str]:
    yield from (column.label for column in section.columns)
    for listing in section.listings:
        for column in section.columns:
            for item in listing.cells[column.key].items:
                if isinstance(item, DocumentItem) and item.url:
                    seen.addresses.update([item.url])
                runs = inline.runs(item.text)
                seen.addresses.update(run.url for run in runs if run.url)
                yield "".join(run.words for run in runs)


def _rendered(markdown: str, seen: _Seen) -> str:
    """Return the text that Markdown shows, and count its addresses as seen."""
    inlines = [token for token in _PARSER.parse(markdown) if token.type == "inline"]
    return "\n".join(_show(token, seen) for token in inlines)


def _show(block: Token, seen: _Seen, *, has_plain_links: bool = False) -> str:
    """Return the text of a block, raised digits as marks; count its addresses as seen.

    An address that is shown as it is counts only where such are links: else it is compared as text.
    """
    shown, is_raised = "", False
    for token in block.children or ():
        if token.type == "html_inline":
            tag, address = _tag(token.content)
            is_raised = tag == "sup" or (is_raised and tag != "/sup")
            seen.addresses.update([address] if address else ())
            shown += "\n"
        elif token.type == "link_open" and (has_plain_links or token.markup != "autolink"):
            seen.addresses.update([str(token.attrs["href"])])
        elif token.type == "image":
            shown += token.content
        elif token.content or token.type in ("softbreak", "hardbreak"):
            content = token.content or "\n"
            if content == "*" and token.type == "text_special":
                content = "\0*"  # escaped, it begins no item
            shown += re.sub(r"[0-9]+", r"[^\g<0>]", content) if is_raised else content
    return shown


def _plain_addresses(block: Token) -> Iterator[str]:
    """Give each address outside of links, as written, with the characters that follow it."""
    written, is_linked = "", False
    for token in block.children or ():
        tag = _tag(token.content)[0] if token.type == "html_inline" else ""
        is_linked = (
            (is_linked or tag == "a" or token.type == "link_open")
            and tag != "/a"
            and token.type != "link_close"
        )
        is_apart = is_linked or token.type in ("html_inline", "link_close", "code_inline", "image")
        written += " " if is_apart else token.markup or token.content
    for word in re.split(rf"[\s<>{BULLET}]|\[\^", written):
        if found := _PLAIN_ADDRESS.search(word):
            yield word[found.start() :]


def _address_kept(word: str, addresses: Container[str]) -> str:
    """Return the longest known address that a word begins with, if only punctuation follows.

    Otherwise return the word.
    """
    end = len(word)
    while word[:end] not in addresses and word[end - 1 : end] in tuple(_BEHIND_ADDRESS):
        end -= 1
    address, behind = word[:end], word[end:]
    # A closing bracket behind, which the address still needs, was cut off: https://x.eu/p_(eu
    is_cut = any(
        closing in behind and address.count(opening) > address.count(closing)
        for opening, closing in ("()", "[]")
    )
    return address if address in addresses and not is_cut else word


# Python's parser and not the reader's patterns, so that a fault in those cannot hide itself.
class _Tag(HTMLParser):
    """One HTML tag: its name, with a slash when it closes, and the address that it links to."""

    name = ""
    address: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.name = tag
        self.address = dict(attrs).get("href") if tag == "a" else None

    def handle_endtag(self, tag: str) -> None:
        self.name = f"/{tag}"


def _tag(source: str) -> tuple[str, str | None]:
    if source.casefold() in ("<br>", "<li>", "</li>", "<ul>", "</ul>"):
        return "", None
    tag = _Tag()
    tag.feed(source)
    return tag.name, tag.address


_NO_LETTERS = re.compile(r"[^A-Za-z0-9]+")


# Only letters are compared: bullets, blanks and emphasis change when a page is normalised.
def _letters(shown: str) -> str:
    """Return the letters, digits and combining marks of a text, decomposed."""
    # Without its bullets most text is ASCII, of which a pattern takes the letters faster.
    shown = shown.replace(BULLET, "")
    if shown.isascii():
        return _NO_LETTERS.sub("", shown)
    return "".join(character for character in _decomposed(shown) if _is_letter(character))


def _words(shown: str) -> list[str]:
    decomposed = _decomposed(shown)
    apart = {ord(character): " " for character in set(decomposed) if not _is_letter(character)}
    return decomposed.translate(apart).split()


def _decomposed(shown: str) -> str:
    # Some characters that only look like a blank, and some without a look, count as letters.
    plain = text.normalised(shown)
    return plain if text.has_too_many_marks(plain) else unicodedata.normalize("NFD", plain)


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"
