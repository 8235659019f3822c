"""The items of a table cell with their marks and links, in every dialect found on real pages."""

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from compliance.page import inline, text
from compliance.page.documents import is_contact, is_placeholder
from compliance.page.formats.base import Unreadable
from compliance.page.formats.column_content import CellContent
from compliance.page.formats.markdown.addresses import linking_parser
from compliance.page.formats.markdown.source import Notes, SourceCell
from compliance.page.formats.markdown.syntax import (
    BULLET,
    DIGITS,
    FROM_SUPERSCRIPT,
    NAMED_MARK,
    OTHER_BULLETS,
    SYMBOLS,
    TO_SUPERSCRIPT,
    page_parser,
)
from compliance.page.urls import looks_like_address

_PARSER = page_parser()
_LINKING_PARSER = linking_parser()
# Control characters, which a page is refused for, so that no text can hold them itself. A `*` that
# is escaped cites a footnote too: unescaped it might be emphasis.
_LITERAL = "\0"
_RAISED = "\1"
_ESCAPED_STAR = "\2"
_UNSEEN = "\3"
# A mark such as `[^a]` is the number of its footnote, in figures of its own, between two of these.
_NAMED = "\3"
_FIGURES = "".join(map(chr, range(0x0E, 0x18)))
_TO_FIGURES = str.maketrans("0123456789", _FIGURES)
_FROM_FIGURES = str.maketrans(_FIGURES, "0123456789")
_SEPARATING_TAGS = {"br", "ul", "ol", "li", "/ul", "/ol", "/li"}
_UNWRAPPED_TAGS = {
    "b",
    "strong",
    "em",
    "i",
    "code",
    "span",
    "/b",
    "/strong",
    "/em",
    "/i",
    "/code",
    "/span",
}
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9-]*)")
_HREF = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_RAISED_DIGIT = re.compile(rf"[{DIGITS}]")
_MARKS = rf"[{DIGITS}]+(?:[\s,]+[{DIGITS}]+)*"
_MARKS_AT_START = re.compile(rf"\s*({_MARKS})")
_RUNS = (f"[{symbol}{_ESCAPED_STAR}]+" if symbol == "*" else f"{symbol}+" for symbol in SYMBOLS)
_SYMBOL = "|".join([f"{_NAMED}[{_FIGURES}]+{_NAMED}", *_RUNS])
_ANY_SYMBOL = re.compile(f"[{SYMBOLS}]")
_ANY_MARK = re.compile(rf"[{DIGITS}]+|{_SYMBOL}")
_SYMBOL_AT_START = re.compile(rf"\s*({_SYMBOL})")
# Of a text from its end on: a search for the end would begin at each mark, and take quadratic time.
_NUMBERS_BACKWARDS = re.compile(rf"\s*({_MARKS})\s*")
_MARKS_BACKWARDS = re.compile(rf"\s*((?:{_ANY_MARK.pattern})(?:[\s,]*(?:{_ANY_MARK.pattern}))*)\s*")
# Shows itself: parsing it would take its time.
_PLAIN = re.compile(r"[^\\`*_\[\]<>&~!:]*\Z")
_LABELLED_MARK = re.compile(r"\[\^([0-9]{1,9})\]")
_NAME = re.compile(NAMED_MARK)
_BULLET = re.compile(BULLET)
# The search must not begin within a run of blanks: it would take quadratic time.
_SLASH = re.compile(r"(?<!\s)\s+/\s+")
_OTHER_BULLET = re.compile(rf"\s*[*{OTHER_BULLETS}]\s+")
_SEPARATORS_BACKWARDS = re.compile(r"[\s,;/|]*")
# So many characters around one that cannot be seen tell whether its effect is seen.
_NEIGHBOURS = 100
# The words of a longer cell are not asked for: parsing it twice would take its time.
_LONG = 1000
_WORD = re.compile(rf"[\w{_LITERAL}{SYMBOLS}{_ESCAPED_STAR}]")


# A tuple and no dataclass: each item of a page takes several, and they are made much faster.
class TextRun(NamedTuple):
    """A run of text; `shape` is the same with a NUL for every escaped character.

    Patterns search the shape, so that escaped characters are never taken for syntax.
    """

    text: str
    shape: str
    url: str | None = None

    def between(self, start: int, end: int | None = None) -> "TextRun":
        """Return a part of it."""
        return TextRun(self.text[start:end], self.shape[start:end], self.url)


_NOTHING = TextRun("", "")
_BLANK = TextRun(" ", " ")


@dataclass(frozen=True, slots=True)
class CellItem:
    """One entry of a cell.

    Its text is inline Markdown, `plain` the words of it. The marks' numbers are in order; `url` is
    a document's address.
    """

    text: str
    footnotes: tuple[int, ...] = ()
    url: str | None = None

    @property
    def plain(self) -> str:
        """The words that a reader sees."""
        return inline.plain(self.text)


def label(cell: SourceCell, notes: Notes) -> str:
    """Return the words of a title or a column label; a superscript in it is part of the text."""
    pieces = [piece for pieces in _items(cell, notes) for piece in pieces]
    return _text(_joined(pieces, cell), cell)


def label_marks(cell: SourceCell, notes: Notes) -> set[int]:
    """Return the numbers of the footnotes that a title or label seems to cite."""
    shape = "".join(piece.shape for pieces in _items(cell, notes) for piece in pieces)
    return set(_numbers(shape))


def content(cell: SourceCell) -> CellContent:
    """Return the words of a cell without marks and bullets; a long cell is given as it is."""
    if len(cell.source) > _LONG:
        return CellContent(cell.source, "](" in cell.source)
    items = _list_items(cell, Notes(), slashes=False)
    shown = (_glued(_without_last_marks(_merged(pieces), cell)[0]).text.strip() for pieces in items)
    has_link = any(piece.url is not None for pieces in items for piece in pieces)
    return CellContent(" ".join(shown), has_link)


def carried_symbols(cell: SourceCell) -> set[str]:
    """Return the symbols at the ends of a cell's items, each of which may cite a footnote."""
    if not _ANY_SYMBOL.search(cell.source):
        return set()
    carried: set[str] = set()
    for pieces in _list_items(cell, Notes(), slashes=True):
        is_behind_link = False
        for piece in _merged(pieces):
            if found := _MARKS_BACKWARDS.match(piece.shape[::-1]):
                carried.update(_ANY_MARK.findall(found[1]))
            if is_behind_link and (first := _ANY_MARK.match(piece.shape.lstrip())):
                carried.add(first.group())
            is_behind_link = piece.url is not None
    return {_unescaped(mark) for mark in carried if mark[0] not in DIGITS}


def claim(cell: SourceCell, notes: Notes) -> tuple[CellItem, ...]:
    """Return a claim's wording, several lines of it joined with a blank; none if it is empty."""
    items = _list_items(cell, notes, slashes=False)
    if len(items) > 1:
        notes.add(cell.line, "The lines of a plain cell were joined with a blank.")
    joined = [piece for pieces in items for piece in [TextRun(" ", " "), *pieces]]
    return (_item(joined, cell, notes),) if joined else ()


def entries(cell: SourceCell, notes: Notes, *, slashes: bool = False) -> tuple[CellItem, ...]:
    """Return the entries of a cell; with `slashes`, `A / B` in a cell without bullets are two."""
    items = _list_items(cell, notes, slashes=slashes)
    return tuple(_item(pieces, cell, notes) for pieces in items)


def documents(cell: SourceCell, notes: Notes) -> tuple[CellItem, ...]:
    """Return the documents in a cell: each link is one, and so is an item without a link."""
    found = [
        document
        for pieces in _list_items(cell, notes, slashes=True)
        for document in _documents(_merged(pieces), cell, notes)
    ]
    for document in found:
        if is_contact(document.plain, document.url):
            notes.add(
                cell.line,
                f"{document.plain!r} is a contact, no document; it is kept. Put the address of "
                "the policy here, and the contact in a column of text or in the prose.",
            )
    return tuple(found)


def _documents(pieces: list[TextRun], cell: SourceCell, notes: Notes) -> Iterator[CellItem]:
    """Give the documents of an item; words belong to the link before them, or to the first."""
    links = [index for index, piece in enumerate(pieces) if piece.url is not None]
    if not links:
        item = _item(pieces, cell, notes)
        _note_no_document(item.plain, cell, notes)
        yield item
    if len(links) > 1:
        notes.add(cell.line, "Several links in one item became one document each.")
    for place, index in enumerate(links):
        is_last = place == len(links) - 1
        before = pieces[:index] if place == 0 else []
        after = pieces[index + 1 :] if is_last else pieces[index + 1 : links[place + 1]]
        yield _document(_glued(before), pieces[index], _glued(after), cell, notes, is_last=is_last)


def _note_no_document(label: str, cell: SourceCell, notes: Notes) -> None:
    if looks_like_address(label):
        notes.add(
            cell.line,
            f"{label!r} looks like an address but is no link; it is kept as text. "
            "Begin it with https://.",
        )
    elif is_placeholder(label, None):
        notes.add(
            cell.line,
            f"{label!r} names no document; it is kept as text. Link the document, or leave the "
            "cell empty.",
        )


def _document(
    before: TextRun, link: TextRun, after: TextRun, cell: SourceCell, notes: Notes, *, is_last: bool
) -> CellItem:
    inner, marks = _without_marks(link, cell)
    behind, after = _marks_at_start(after, cell)
    marks += behind
    # Between two links, a comma or slash only divides them.
    if not is_last:
        separators = _SEPARATORS_BACKWARDS.match(after.shape[::-1])
        length = len(after.shape) - (separators.end() if separators else 0)
        after = after.between(0, length) if _WORD.search(after.shape) else _NOTHING
    if before.text.strip() or after.text.strip():
        notes.add(cell.line, "Words beside a link became part of its label.")
    _check_link(inline.Run(inner.text, link.url), cell)
    item = _item([_glued([before, inner, after])], cell, notes)
    return CellItem(item.text, _once([*marks, *item.footnotes], cell), link.url)


def _list_items(cell: SourceCell, notes: Notes, *, slashes: bool) -> list[list[TextRun]]:
    """Return the pieces of each item that is not empty, without its bullet."""
    written = [pieces for pieces in _items(cell, notes, _LINKING_PARSER) if _is_filled(pieces)]
    is_bulleted = any(BULLET in piece.shape for pieces in written for piece in pieces)
    if is_bulleted:
        items = [part for pieces in written for part in _split(pieces, _BULLET)]
    elif slashes and len(written) == 1 and "<li" not in cell.source.casefold():
        items = _split(written[0], _SLASH)
    else:
        items = written
    has_other_bullets = False
    if not is_bulleted:
        without = [_without_bullet(pieces) for pieces in items]
        has_other_bullets, items = without != items, without
    if has_other_bullets or (not is_bulleted and len(items) > 1):
        notes.add(cell.line, f"The list was written with `{BULLET}` and `<br>`.")
    return [pieces for pieces in items if _is_filled(pieces)]


def _is_filled(pieces: Sequence[TextRun]) -> bool:
    return any(piece.url is not None or text.normalised(piece.text).strip() for piece in pieces)


def _without_bullet(pieces: list[TextRun]) -> list[TextRun]:
    if pieces and pieces[0].url is None and (bullet := _OTHER_BULLET.match(pieces[0].shape)):
        return [pieces[0].between(bullet.end()), *pieces[1:]]
    return pieces


def _split(pieces: Sequence[TextRun], separator: re.Pattern[str]) -> list[list[TextRun]]:
    """Return the items into which a separator outside of links divides some pieces."""
    items: list[list[TextRun]] = [[]]
    for piece in pieces:
        start = 0
        for found in separator.finditer(piece.shape) if piece.url is None else ():
            items[-1].append(piece.between(start, found.start()))
            items.append([])
            start = found.end()
        items[-1].append(piece.between(start))
    return items


def _merged(pieces: Sequence[TextRun]) -> list[TextRun]:
    """Return the pieces with neighbours of the same link as one."""
    merged: list[TextRun] = []
    for piece in pieces:
        # The same object, not an equal text: `[A](u)[B](u)` are two links.
        if merged and merged[-1].url is piece.url:
            merged[-1] = _glued([merged[-1], piece])._replace(url=piece.url)
        else:
            merged.append(piece)
    return merged


def _glued(pieces: Sequence[TextRun]) -> TextRun:
    return TextRun(
        "".join(piece.text for piece in pieces), "".join(piece.shape for piece in pieces)
    )


def _joined(pieces: Sequence[TextRun], cell: SourceCell) -> TextRun:
    if any(piece.url is not None for piece in pieces):
        raise cell.refusal(
            "a link stands where its address would be lost. Write its text alone, and "
            "the link below."
        )
    return _glued(pieces)


def _item(pieces: Sequence[TextRun], cell: SourceCell, notes: Notes) -> CellItem:
    """Return a text and the marks at its end; raises Unreadable for marks without a text."""
    kept, marks = _without_last_marks(_merged(pieces), cell)
    _check_no_name(kept, cell)
    if any(_RAISED_DIGIT.search(piece.shape) for piece in kept):
        words = "".join(piece.text for piece in kept).strip()
        notes.add(cell.line, f"A superscript within {words!r} was read as part of it.")
    for symbol in _cited_within(kept, cell):
        notes.add(cell.line, f"The mark `{symbol}` within a text was read as part of it.")
    _text(_glued(kept), cell)
    runs = _runs(kept)
    for run in runs:
        _check_link(run, cell)
    item = CellItem(inline.written(run for run in runs if run.words), _once(marks, cell))
    if not item.text:
        raise cell.refusal("an item has no text. Write what the mark belongs to.")
    return item


def _check_no_name(pieces: Sequence[TextRun], cell: SourceCell) -> None:
    """Refuse a mark such as `[^a]` that is none at the end of a text, or has no footnote."""
    for piece in pieces:
        if _NAMED in piece.shape:
            raise cell.refusal(
                "a mark such as `[^a]` stands within a text. Put it at the end of the text."
            )
        if found := _NAME.search(piece.shape):
            column = cell.column + max(cell.source.find(found.group()), 0)
            raise Unreadable(
                f"there is no footnote {found.group()} below the table. Write the one that is "
                "cited, or its right name; a bracket that begins no mark is written `\\[`.",
                cell.line,
                column,
            )


def _without_last_marks(pieces: list[TextRun], cell: SourceCell) -> tuple[list[TextRun], list[int]]:
    """Return pieces without the marks at their end, which may stand within a link and behind it."""
    kept, marks = list(pieces), []
    while kept:
        last, found = _without_marks(kept.pop(), cell)
        marks += found
        if last.url is not None or last.text.strip():
            kept.append(last)
            break
    return kept, marks


def _runs(pieces: Sequence[TextRun]) -> list[inline.Run]:
    """Return pieces as runs of words, without the blanks before and behind all of them."""
    words = [text.normalised(piece.text) for piece in pieces]
    if words:
        words[0] = words[0].lstrip()
        words[-1] = words[-1].rstrip()
    return [
        inline.Run(run_words, piece.url) for run_words, piece in zip(words, pieces, strict=True)
    ]


def _check_link(run: inline.Run, cell: SourceCell) -> None:
    if run.url is None:
        return
    if not run.words.strip() or not run.url:
        raise cell.refusal(
            "a link has no text or no address. Write both: `[Privacy Policy](https://…)`."
        )
    if problem := text.fault(run.url):
        raise cell.refusal(f"the address {run.url!r} cannot be read: {problem}")


def _without_marks(piece: TextRun, cell: SourceCell) -> tuple[TextRun, list[int]]:
    if cell.symbols:
        return _without_symbols(piece, cell.symbols)
    found = _NUMBERS_BACKWARDS.match(piece.shape[::-1])
    if not found:
        return piece, []
    start = len(piece.shape) - found.end()
    return piece.between(0, start), _numbers(piece.shape[start:])


def _without_symbols(piece: TextRun, symbols: Mapping[str, int]) -> tuple[TextRun, list[int]]:
    """Return a piece without the marks at its end; symbols that cite nothing stay."""
    found = _MARKS_BACKWARDS.match(piece.shape[::-1])
    if not found:
        return piece, []
    length = len(piece.shape)
    kept, cited = [piece.between(0, length - found.end())], []
    for mark in _ANY_MARK.finditer(piece.shape, length - found.end(1), length - found.start(1)):
        number = _cited(mark.group(), symbols)
        if number is not None:
            cited.append(number)
            continue
        begins_behind_blank = mark.start() > length - found.end()
        kept += [_BLANK] if begins_behind_blank else []
        kept.append(piece.between(*mark.span()))
    return _glued(kept)._replace(url=piece.url), cited


def _marks_at_start(piece: TextRun, cell: SourceCell) -> tuple[list[int], TextRun]:
    """Return the footnotes that are cited directly behind a link, and the words behind them."""
    cited: list[int] = []
    end = 0
    while True:
        if found := _MARKS_AT_START.match(piece.shape, end):
            cited += _numbers(found[1])
        elif cell.symbols and (found := _SYMBOL_AT_START.match(piece.shape, end)):
            number = _cited(found[1], cell.symbols)
            if number is None:
                break
            cited.append(number)
        else:
            break
        end = found.end()
    return cited, piece.between(end)


def _cited_within(pieces: Sequence[TextRun], cell: SourceCell) -> Iterator[str]:
    """Give the symbols of footnotes that stand where no mark is read."""
    for piece in pieces if cell.symbols else ():
        for found in _ANY_MARK.finditer(piece.shape):
            if _unescaped(found.group()) in (cell.symbols or ()):
                yield _unescaped(found.group())


def _cited(mark: str, symbols: Mapping[str, int]) -> int | None:
    if mark[0] in DIGITS:
        return int(mark.translate(FROM_SUPERSCRIPT))
    if mark[0] == _NAMED:
        return -int(mark.strip(_NAMED).translate(_FROM_FIGURES))
    return symbols.get(_unescaped(mark))


def _unescaped(mark: str) -> str:
    return mark.replace(_ESCAPED_STAR, "*")


def _numbers(marks: str) -> list[int]:
    return [int(mark.translate(FROM_SUPERSCRIPT)) for mark in re.findall(rf"[{DIGITS}]+", marks)]


def _once(marks: Sequence[int], cell: SourceCell) -> tuple[int, ...]:
    if len(set(marks)) < len(marks):
        [(twice, _)] = Counter(marks).most_common(1)
        symbols = {number: symbol for symbol, number in (cell.symbols or {}).items()}
        raise cell.refusal(
            f"footnote {symbols.get(twice, twice)} marks one text twice. Leave one mark."
        )
    return tuple(sorted(marks))


def _text(piece: TextRun, cell: SourceCell) -> str:
    """Return the printed words; raises Unreadable for a character that no text may hold."""
    printed = text.normalised(piece.text).strip()
    if problem := text.fault(printed):
        raise cell.refusal(f"{printed!r} cannot be read: {problem}")
    return printed


def _items(cell: SourceCell, notes: Notes, parser: MarkdownIt = _PARSER) -> list[list[TextRun]]:
    """Return the pieces of a cell, divided at `<br>` and list tags."""
    if _PLAIN.match(cell.source):
        return [[TextRun(cell.source, cell.source)]]
    items: list[list[TextRun]] = [[]]
    url: str | None = None
    is_raised = False
    for token in parser.parseInline(cell.source)[0].children or ():
        tag = _tag(token)
        if token.type == "link_open" or tag == "a":
            url = _address(token, cell)
            # An empty run stands for a link even without a text, so that such a link is refused.
            items[-1].append(TextRun("", "", url))
        elif token.type == "link_close" or tag == "/a":
            url = None
            # An empty run divides this link from one that touches it.
            items[-1].append(TextRun("", ""))
        elif tag in ("sup", "/sup"):
            is_raised = tag == "sup"
        elif tag in _SEPARATING_TAGS:
            items.append([])
        elif token.type in ("em_open", "strong_open") or tag in _UNWRAPPED_TAGS:
            notes.add(cell.line, "Emphasis was dropped.")
        elif token.content or token.type in ("s_open", "image"):
            items[-1].append(_piece(token, cell, notes, url=url, is_raised=is_raised))
    return [
        [_with_raised_marks(_without_unseen(piece), cell) for piece in _merged(pieces)]
        for pieces in items
    ]


def _tag(token: Token) -> str | None:
    """Return the name of an HTML tag in lower case, with its slash; None for another token."""
    match = _TAG.match(token.content) if token.type == "html_inline" else None
    return match[1].casefold() if match else None


def _address(token: Token, cell: SourceCell) -> str:
    if "title" in token.attrs:
        raise cell.refusal(
            "a link has a title, for which there is no place. Write it as part of the text."
        )
    if token.meta.get("is_doubtful"):
        address = token.attrs["href"]
        raise cell.refusal(
            f"where the address {address} ends is doubtful. Write `[its label](the address)`."
        )
    if token.type == "link_open":
        return str(token.attrs["href"])
    found = _HREF.search(token.content)
    # The Markdown parser leaves HTML as it is written, with its character references.
    return html.unescape(next(filter(None, found.groups()), "")) if found else ""


def _piece(
    token: Token, cell: SourceCell, notes: Notes, *, url: str | None, is_raised: bool
) -> TextRun:
    """Return the text that a token shows; raises Unreadable if it shows more than a text."""
    content = token.content
    if token.type == "html_inline":
        raise cell.refusal(
            f"{content} has no place in a cell. Write the text without it, or `&lt;` for "
            "a `<` that is text."
        )
    if token.type == "s_open":
        raise cell.refusal(
            "text is struck through. Write it without the strokes, or say in words what no longer "
            "holds."
        )
    if token.type == "image":
        raise cell.refusal("an image has no place in a cell. Say in words what it shows.")
    if is_raised:
        if not re.fullmatch(r"[0-9\s,]+", content):
            raise cell.refusal(
                f"{content!r} is raised and is no footnote's number. Write it without <sup>."
            )
        raised = content.translate(TO_SUPERSCRIPT)
        return TextRun(_RAISED + raised, _RAISED + raised, url)
    if token.type == "code_inline":
        notes.add(cell.line, "Emphasis was dropped.")
    if token.type == "text":
        return TextRun(content, content, url)
    if token.info == "entity":
        return _referenced(content, url)
    if content == "*" and token.info == "escape":
        return TextRun(content, _ESCAPED_STAR, url)
    return TextRun(content, _LITERAL * len(content), url)


def _with_names(piece: TextRun, symbols: Mapping[str, int]) -> TextRun:
    """Return a piece with the number below 0 of its footnote for each mark such as `[^a]`."""
    parts, start = [], 0
    for found in _NAME.finditer(piece.shape):
        if number := symbols.get(found.group().casefold()):
            mark = f"{_NAMED}{str(-number).translate(_TO_FIGURES)}{_NAMED}"
            parts += [piece.between(start, found.start()), TextRun(mark, mark)]
            start = found.end()
    return _glued([*parts, piece.between(start)])._replace(url=piece.url)


def _referenced(character: str, url: str | None) -> TextRun:
    """Return the text of a reference; blanks and what cannot be seen act as themselves."""
    plain = text.normalised(character.replace("\t", " "))
    if plain == " ":
        return TextRun(" ", " ", url)
    return TextRun(character, (_LITERAL if plain else _UNSEEN) * len(character), url)


def _without_unseen(piece: TextRun) -> TextRun:
    """Return a piece without the referenced characters that nobody sees where they stand."""
    if _UNSEEN not in piece.shape:
        return piece
    words, shape = list(piece.text), list(piece.shape)
    for place, mark in enumerate(piece.shape):
        if mark != _UNSEEN:
            continue
        before = "".join(words[max(0, place - _NEIGHBOURS) : place])
        after = "".join(words[place + 1 : place + _NEIGHBOURS])
        is_seen = text.normalised(before + words[place] + after) != text.normalised(before + after)
        words[place] = words[place] if is_seen else ""
        shape[place] = _LITERAL if is_seen else ""
    return TextRun("".join(words), "".join(shape), piece.url)


def _with_raised_marks(piece: TextRun, cell: SourceCell) -> TextRun:
    """Return a piece with `[^1]` as superscript digits, and a blank between marks that touch."""
    if cell.symbols and "[^" in piece.shape:
        piece = _with_names(piece, cell.symbols)
    if _RAISED not in piece.shape and "[^" not in piece.shape:
        return piece
    parts, start = [], 0
    for found in _LABELLED_MARK.finditer(piece.shape):
        mark = _RAISED + found[1].translate(TO_SUPERSCRIPT)
        parts += [piece.between(start, found.start()), TextRun(mark, mark)]
        start = found.end()
    whole, parts, start = _glued([*parts, piece.between(start)]), [], 0
    for found in re.finditer(_RAISED, whole.shape):
        # `A<sup>1</sup><sup>2</sup>` cites the footnotes 1 and 2, not 12.
        touches = whole.shape[: found.start()][-1:] in tuple(DIGITS)
        parts += [
            whole.between(start, found.start()),
            TextRun(" ", " ") if touches else TextRun("", ""),
        ]
        start = found.end()
    return _glued([*parts, whole.between(start)])._replace(url=piece.url)
