"""The flavours of Markdown that are written: the canonical one, and one for each site builder.

A builder takes more than Markdown for code: templates, JSX, attribute lists, directives, emoji
codes. The flavour for it is a table of what acts there and of what is written instead: nearly
always a backslash before each character or, as Python-Markdown shows most backslashes, a reference.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import punctuation

from compliance.page import inline
from compliance.page.formats.base import Unwritable
from compliance.page.formats.markdown.blocks import (
    BlockWriter,
    MdxBlockWriter,
    PythonMarkdownBlockWriter,
)


@dataclass(frozen=True, slots=True)
class Flavour:
    """How the texts of a page are written for the programs that read the file.

    `words` writes plain words of one line, `address` where a link leads, `blocks` the canonical
    Markdown of prose or of a footnote. `line_break` stands between the items of a cell.
    """

    name: str
    label: str
    words: Callable[[str], str]
    address: Callable[[str], str]
    blocks: Callable[[str], str]
    line_break: str = "<br>"


# What acts, as a regular expression, and what is written instead: None escapes its characters. The
# first that fits counts.
_Table = dict[str, str | None]

_IN_ALL_BUILDERS: _Table = {
    r"[\\`*~\[\]{}<>|#$^]": None,
    r"&(?=#?[a-z0-9]+;)": None,
    # Within a word it does nothing anywhere, and API ids are full of it.
    r"(?<![^\W_])_|_(?![^\W_])": None,
    # Beside a mark of emphasis, a blank of another kind would take its effect away.
    r"[^\S ]": None,
    # A link may follow, and would become an image.
    r"!\Z": None,
    r"/(?=/)": None,
}
_IN_VITEPRESS: _Table = {
    # Vue runs what stands between two braces, even where they were escaped.
    r"\{\{": r"<span v-pre>\{\{</span>",
    **_IN_ALL_BUILDERS,
    # Emoji codes, emoticons, and what linkify takes for an address: `Acme.ai`, `a@b.eu`.
    r":(?=\S)|;(?=[-()])|-(?=\))": None,
    r"@|(?<=\S)\.(?=[^\W\d_]{2})": None,
}
_IN_MDX: _Table = {
    **_IN_ALL_BUILDERS,
    # Plugins of remark look for addresses and emoji codes when escapes are resolved. They leave a
    # string in braces alone.
    r":(?=\S)": '{":"}',
    r"@": '{"@"}',
    r"(?<=www)\.": '{"."}',
}
_IN_MKDOCS: _Table = {
    **_IN_ALL_BUILDERS,
    r":(?=\S)|@|(?<=www)\.": None,
    # Marked text and keys, in extensions
    r"=(?==)|\+(?=\+)": None,
}

# Where a line begins: lists, containers, definitions and underlines.
_LINE_START = r"[-+=:!?/.%;\"]|\d(?=\d*[.)])"
# Only whole words, and only there, are statements of a module.
_LINE_START_IN_MDX = rf"{_LINE_START}|i(?=mport\b)|e(?=xport\b)"


def _writer_of_words(table: _Table, escape: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function that writes plain words without what acts according to a table."""
    replacements = list(table.values())
    acting = re.compile(
        "|".join(f"(?P<_{place}>{pattern})" for place, pattern in enumerate(table)), re.IGNORECASE
    )

    def replaced(match: re.Match[str]) -> str:
        replacement = replacements[int(str(match.lastgroup)[1:])]
        return escape(match.group()) if replacement is None else replacement

    return lambda words: acting.sub(replaced, words)


_NAMED = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def _references(characters: str) -> str:
    return "".join(_NAMED.get(character) or f"&#{ord(character)};" for character in characters)


def _backslashes(characters: str) -> str:
    # CommonMark knows backslashes before ASCII punctuation only.
    return "".join(f"\\{c}" if c in punctuation else _references(c) for c in characters)


_ACTING_IN_ADDRESS = re.compile(r"[\\`|<>{}\[\]\"'^$]|&(?=#?[a-z0-9]+;)", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_INERT_SCHEMES = ("http", "https", "mailto")


def _address(url: str) -> str:
    """Return an address as a builder reads it; raises Unwritable if it might run a script."""
    # Browsers drop control characters and blanks before and within a scheme.
    scheme = _SCHEME.match(re.sub(r"[\x00-\x20]", "", url))
    if scheme and scheme[1].casefold() not in _INERT_SCHEMES:
        raise Unwritable(
            f"The link to {url!r} cannot be written for a site builder, which would publish it. "
            "Use an address that begins with https://."
        )
    written = re.sub(r"\s", "%20", _ACTING_IN_ADDRESS.sub(_reference, url))
    return written if inline.parentheses_pair(url) else re.sub(r"[()]", _reference, written)


def _reference(match: re.Match[str]) -> str:
    return _references(match.group())


def _builder_flavour(
    name: str,
    label: str,
    table: _Table,
    *,
    escape: Callable[[str], str] = _backslashes,
    line_start: str = _LINE_START,
    line_break: str = "<br>",
    block_writer: type[BlockWriter] = BlockWriter,
) -> Flavour:
    words = _writer_of_words(table, escape)
    blocks = block_writer(
        words=words,
        address=_address,
        line_start=re.compile(line_start),
        line_break=line_break,
    )
    return Flavour(name, label, words, _address, blocks.written, line_break)


def _same(markdown: str) -> str:
    return markdown


GFM = Flavour("gfm", "GitHub", inline.escape, inline.destination, _same)
FLAVOURS = {
    flavour.name: flavour
    for flavour in (
        GFM,
        _builder_flavour("vitepress", "VitePress", _IN_VITEPRESS),
        _builder_flavour(
            "mdx",
            "MDX",
            _IN_MDX,
            line_start=_LINE_START_IN_MDX,
            line_break="<br />",
            block_writer=MdxBlockWriter,
        ),
        _builder_flavour(
            "mkdocs",
            "MkDocs",
            _IN_MKDOCS,
            escape=_references,
            block_writer=PythonMarkdownBlockWriter,
        ),
    )
}
