"""Inline Markdown: the text of an item, which may hold links and escapes but no other syntax."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from compliance.page import lengths, text

BULLET = "•"
DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"

# A text without any of these shows itself, which spares parsing it.
_MARKUP = re.compile(r"[\\`*_\[\]<&~]")


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of a text, as a reader sees them, and the address of their link."""

    words: str
    url: str | None = None


def parser() -> MarkdownIt:
    """Return a parser of GFM (CommonMark, tables, strikethrough) that leaves every URL as it is."""
    # With `html`, tags are tokens of their own, which a reader understands or refuses.
    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    # The parser would percent-encode addresses and drop those of some schemes. An address is kept
    # byte for byte; `compliance.page.urls` judges which may be published.
    for name, same in (
        ("validateLink", _true),
        ("normalizeLink", _same),
        ("normalizeLinkText", _same),
    ):
        setattr(made, name, same)
    return made


def _true(url: str) -> bool:
    return True


def _same(url: str) -> str:
    return url


_PARSER = parser()


# A comparison asks for the name of a row again for every mark in it.
@lru_cache(maxsize=10_000)
def plain(markdown: str) -> str:
    """Return the words that a reader sees of inline Markdown: links give their text."""
    if not _MARKUP.search(markdown):
        return markdown
    [inline] = _PARSER.parseInline(markdown)
    return "".join(
        " " if token.type in ("softbreak", "hardbreak") else token.content
        for token in inline.children or ()
        if token.type != "html_inline"
    )


def runs(markdown: str) -> tuple[Run, ...]:
    """Return the runs of words of inline Markdown, each with its link, in their order."""
    if not _MARKUP.search(markdown):
        return (Run(markdown),) if markdown else ()
    [inline] = _PARSER.parseInline(markdown)
    return tuple(_runs(inline.children or ()))


def _runs(tokens: Iterable[Token]) -> Iterator[Run]:
    words, url = "", None
    for token in tokens:
        if token.type in ("link_open", "link_close"):
            if words or url is not None:
                yield Run(words, url)
            words, url = "", str(token.attrs["href"]) if token.type == "link_open" else None
        elif token.type in ("softbreak", "hardbreak"):
            words += " "
        elif token.type != "html_inline":
            words += token.content
    if words:
        yield Run(words)


def heading_words(written: str) -> str:
    """Return what stands behind the first `#` of a heading without those that may close it."""
    stripped = written.strip(" \t")
    words = stripped.rstrip("#")
    # Others belong to the last word: `C#`.
    is_closed = not words or words.endswith((" ", "\t"))
    return words.rstrip(" \t") if is_closed else stripped


def written(parts: Iterable[Run]) -> str:
    """Return runs as inline Markdown, the one way in which it is written."""
    return written_with(escape, destination, parts)


def written_with(
    write_words: Callable[[str], str], write_address: Callable[[str], str], parts: Iterable[Run]
) -> str:
    """Return runs as inline Markdown, with words and addresses as the two functions write them."""
    markdown = ""
    for run in parts:
        if run.url is None:
            markdown += write_words(run.words)
            continue
        # `!` before a link makes an image of it, and `[^` begins a footnote's mark.
        if markdown.endswith("!"):
            markdown = f"{markdown[:-1]}\\!"
        words = re.sub(r"\A\^", r"\\^", write_words(run.words))
        markdown += f"[{words}]({write_address(run.url)})"
    return markdown


def normal(markdown: str) -> str:
    """Return inline Markdown as `written` gives it, normalised; emphasis is dropped."""
    plain_runs: list[Run] = []
    for run in runs(markdown):
        # References (`&nbsp;`) have become characters, and blanks may meet where a link begins.
        words = text.normalised(run.words)
        if not plain_runs or plain_runs[-1].words.endswith(" "):
            words = words.lstrip(" ")
        plain_runs.append(Run(words, run.url))
    return written(plain_runs).rstrip(" ")


def fault(markdown: str) -> str | None:
    """Return a sentence on anything but words, escapes and links in inline Markdown, else None.

    A text that is too long is refused before it is parsed.
    """
    if problem := lengths.ITEM.fault(markdown):
        return problem
    if not _MARKUP.search(markdown):
        return None
    [inline] = _PARSER.parseInline(markdown)
    for token in inline.children or ():
        if token.type == "html_inline":
            return f"{token.content} has no place in it. Write `&lt;` for a `<` that is text."
        if token.type == "image":
            return "An image has no place in it. Say in words what it shows."
        if token.type == "s_open":
            return (
                "It holds text that is struck through. Write it without the strokes, or say in "
                "words what no longer holds."
            )
        if token.type == "link_open" and "title" in token.attrs:
            return (
                "It holds a link with a title, for which there is no place. Write the title "
                "as part of the text."
            )
    links = [run for run in runs(markdown) if run.url is not None]
    if any(not (run.url and text.normalised(run.words).strip()) for run in links):
        return "It holds a link without a text or an address. Write both: `[Terms](https://…)`."
    return None


_ACTING_IN_URL = re.compile(r"[\\|<>`]|&(?=#?[A-Za-z0-9]+;)")


def destination(url: str) -> str:
    """Return an address as it stands in the brackets of a link."""
    escaped = _ACTING_IN_URL.sub(
        lambda match: "&amp;" if match.group() == "&" else f"\\{match.group()}", url
    )
    if re.search(r"\s", url):
        return f"<{escaped}>"
    return escaped if parentheses_pair(url) else re.sub(r"[()]", r"\\\g<0>", escaped)


def parentheses_pair(url: str) -> bool:
    """Return whether the parentheses in an address pair, so that they need no escape in a link."""
    depth = 0
    for character in url:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not 0 <= depth <= 30:  # CommonMark lets a parser stop at 32
            return False
    return depth == 0


# A backslash escapes ASCII punctuation only (CommonMark): bullets and superscripts need these.
_REFERENCES = {
    "<": "&lt;",
    "&": "&amp;",
    BULLET: "&bull;",
    "¹": "&sup1;",
    "²": "&sup2;",
    "³": "&sup3;",
}
_PUNCTUATION = re.escape("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
# Noncharacters, for which a writer puts references.
_STAND_INS = "\ufdd0-\ufdef"
_ACTING = re.compile(
    rf"""
      [{BULLET}{DIGITS}<]                                # would be a bullet, a mark, a tag
    | &(?=\#?[A-Za-z0-9]+;)                              # would begin a character reference
    | [`\[\]|]
    | [*~]+
    | _+
    | \\(?=[{_PUNCTUATION}{BULLET}{DIGITS}{_STAND_INS}]|$)
    | :(?=//) | (?<=www)\.                               # GFM would make a link of it
    """,
    re.VERBOSE | re.IGNORECASE,
)


# Most texts hold nothing of it, which this tells faster.
_MAY_ACT = re.compile(rf"[{BULLET}{DIGITS}<&`\[\]|*~_\\:]|w\.", re.IGNORECASE)


def escape(value: str) -> str:
    """Return a single-line text with escapes where a character could act as Markdown."""
    if not _MAY_ACT.search(value):
        return value
    return _ACTING.sub(_escaped, value)


def _escaped(match: re.Match[str]) -> str:
    run = match.group()
    if run[0] in "*~_" and _is_idle(match):
        return run
    if run in ("<", "&") or run == BULLET or run in DIGITS:
        return _reference(match)
    return "".join(f"\\{character}" for character in run)


def _is_idle(match: re.Match[str]) -> bool:
    """Return whether a run of `*`, `~` or `_` cannot open or close emphasis where it stands."""
    # CommonMark's flanking rules: a run between blanks does nothing, nor does `_` within a word.
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if before == after == " ":
        return True
    return match.group()[0] == "_" and before.isalnum() and after.isalnum()


def _reference(match: re.Match[str]) -> str:
    character = match.group()
    return _REFERENCES.get(character) or f"&#{ord(character)};"
