"""Symbols such as `*` and `†` that mark a footnote."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from markdown_it.token import Token

from compliance.page.formats.markdown.source import SourceLine
from compliance.page.formats.markdown.syntax import (
    NAMED_NOTE,
    NOTE_START,
    SYMBOLS,
    THEMATIC_BREAK,
    page_parser,
)

_PARSER = page_parser()
_RUN = "|".join(f"\\{symbol}+" for symbol in SYMBOLS)
_LEADING = re.compile(_RUN)
_MAY_LEAD = re.compile(rf"\\?[{SYMBOLS}]")
_ITEM = re.compile(r" {0,3}\*\s")
# Behind a word or the end of a sentence, and before none.
_CITED = re.compile(rf"(?<=[\w.,;:!?)\]”\"'])(?:{_RUN})(?!\w)")
# Emphasis that began with a footnote would hardly end so many lines below.
_LINES_OF_EMPHASIS = 10


def find_symbols(lines: Sequence[SourceLine], carried: Collection[str]) -> Mapping[int, str]:
    """Return the symbols with which footnotes begin, by the indexes of their lines.

    A footnote begins a paragraph, or the line below another footnote, and its symbol is one that is
    `carried`. A list of several items that begin with `*` holds none.
    """
    found: dict[int, str] = {}
    if not carried:
        return found
    listed = _listed(lines)
    is_first, is_in_note = True, False
    for index, line in enumerate(lines):
        content = line.text.strip()
        if not content or THEMATIC_BREAK.match(line.text):
            is_first, is_in_note = True, False
            continue
        symbol = _leading(lines, index) if is_first or is_in_note else ""
        if symbol in carried and index not in listed:
            found[index] = symbol
        begins_note = NOTE_START.match(content) or NAMED_NOTE.match(content)
        is_in_note = is_in_note or index in found or bool(begins_note)
        is_first = content.startswith("#")
    return found


def _listed(lines: Sequence[SourceLine]) -> frozenset[int]:
    """Return the indexes of the lines that begin an item of a list of several, with `*`."""
    listed: set[int] = set()
    last: int | None = None
    is_below_blank = False
    for index, line in enumerate(lines):
        if _ITEM.match(line.text) and not THEMATIC_BREAK.match(line.text):
            if last is not None:
                listed.update((last, index))
            last = index
        elif line.text and is_below_blank and not line.text.startswith(" "):
            last = None
        is_below_blank = not line.text
    return frozenset(listed)


def _leading(lines: Sequence[SourceLine], index: int) -> str:
    """Return the symbol with which a reader sees a line begin, "" for none."""
    content = lines[index].text.strip()
    if not _MAY_LEAD.match(content):
        return ""
    paragraph = [content]
    for line in lines[index + 1 : index + _LINES_OF_EMPHASIS]:
        if not line.text:
            break
        paragraph.append(line.text.strip())
    found = _LEADING.match(next(_literal("\n".join(paragraph))))
    return found.group() if found else ""


def _literal(markdown: str) -> Iterator[str]:
    """Yield the words between code, tags, links and emphasis, the first also if there are none.

    A NUL stands for what is written as a character reference, which is never a mark.
    """
    [block] = _PARSER.parseInline(markdown)
    return _words(block)


def _words(block: Token) -> Iterator[str]:
    words = ""
    for token in block.children or ():
        if token.type == "text" or token.info == "escape":
            words += token.content
        elif token.type == "text_special":
            words += "\0"
        elif token.type in ("softbreak", "hardbreak"):
            words += "\n"
        else:
            yield words
            words = "\n" * token.content.count("\n")
    yield words


def without_symbol(content: str, symbol: str) -> str:
    """Return the first line of a footnote without the symbol with which it begins."""
    start = re.match(rf"(?:\\?\{symbol[0]}){{{len(symbol)}}}\s*", content)
    return content[start.end() :] if start else content


def cited_symbols(text: str) -> Iterator[tuple[int, str]]:
    """Yield the symbols with which a text seems to cite footnotes, each with its line's index."""
    if not any(symbol in text for symbol in SYMBOLS):
        return
    for block in _PARSER.parse(text):
        if block.type == "inline":
            index = block.map[0] if block.map else 0
            for words in _words(block):
                for found in _CITED.finditer(words):
                    yield index + words.count("\n", 0, found.start()), found.group()
                index += words.count("\n")
