"""Inline Markdown: the text of an item, which may hold links and escapes but no other syntax."""

import re

from markdown_it import MarkdownIt

BULLET = "•"
DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"

# A text without any of these shows itself, which spares parsing it.
_MARKUP = re.compile(r"[\\`*_\[\]<&~]")
_PARSER = MarkdownIt("commonmark", {"html": True}).enable("strikethrough")


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
_ACTING = re.compile(
    rf"""
      [{BULLET}{DIGITS}<]                                # would be a bullet, a mark, a tag
    | &(?=\#?[A-Za-z0-9]+;)                              # would begin a character reference
    | [`\[\]|]
    | [*~]+
    | _+
    | \\(?=[{_PUNCTUATION}{BULLET}{DIGITS}]|$)
    | :(?=//) | (?<=www)\.                               # GFM would make a link of it
    """,
    re.VERBOSE | re.IGNORECASE,
)


def escape(value: str) -> str:
    """Return a single-line text with escapes where a character could act as Markdown."""
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
