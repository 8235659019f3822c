"""Markdown of a page as HTML: prose, footnotes and the texts of cells.

What is marked as safe was reduced to an allow-list by nh3, or is made of escaped words and checked
addresses.
"""

import re
from collections.abc import Callable, Sequence
from urllib.parse import urljoin, urlsplit

import nh3
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from compliance.page import inline, urls

# No raw HTML, images, code blocks, tables or definitions of links: these stay text.
_INLINE_RULES = ["emphasis", "link", "escape", "entity", "newline", "backticks", "autolink"]
_BLOCK_RULES = ["heading", "lheading", "list", "blockquote", "hr"]


def _parser(*rules: str) -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False}).enable(rules)
    # The words of `<https://…>` would be decoded, which other programs show as they are written.
    for name in ("normalizeLinkText",):
        setattr(parser, name, _same)
    return parser


def _same(words: str) -> str:
    return words


_PROSE = _parser(*_INLINE_RULES, *_BLOCK_RULES)
_NOTES = _parser(*_INLINE_RULES)
_INLINE_TAGS = {"em", "strong", "code", "br", "a"}
_BLOCK_TAGS = {"p", "ul", "ol", "li", "blockquote", "hr", "h2", "h3", "h4", "h5", "h6"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, **{f"h{level}": {"id"} for level in range(2, 7)}}
_UNLINKED = re.compile(r"<a>(.*?)</a>", re.DOTALL)
_LOWEST_HEADING = 6


class Headings:
    """Gives the headings of a page their levels and ids, from its first section to its last.

    Levels are those of the outline below the page's title, so none is left out: `##` and `####`
    become `<h2>` and `<h3>`. Below a title at another level than 1, all of them are lower.
    """

    def __init__(self, free_id: Callable[[str], str], title_level: int = 1) -> None:
        self._free_id = free_id
        self._title_level = title_level
        self._open: list[int] = []
        # The id and the words of the last heading, which names the tables below it.
        self.id = ""
        self.words = ""

    def place(self, opening: Token, content: Token, closing: Token) -> None:
        """Give the three tokens of a heading its level and id."""
        written = int(opening.tag[1:])
        while self._open and self._open[-1] >= written:
            self._open.pop()
        self._open.append(written)
        level = min(self._title_level + len(self._open), _LOWEST_HEADING)
        opening.tag = closing.tag = f"h{level}"
        words = inline.plain(content.content)
        id = self._free_id(f"section {words}")
        opening.attrSet("id", id)
        # A heading in a quote or a list heads only that.
        if opening.level == 0:
            self.id, self.words = id, words


def prose_html(prose: str, headings: Headings, link_base: str = "") -> SafeString:
    """Return the prose of a section as HTML blocks."""
    tokens = _PROSE.parse(prose)
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            headings.place(*tokens[index : index + 3])
    html = _PROSE.renderer.render(tokens, _PROSE.options, {})
    return _cleaned(html, _INLINE_TAGS | _BLOCK_TAGS, link_base)


def note_html(note: str, link_base: str = "") -> SafeString:
    """Return a footnote as inline HTML."""
    return _cleaned(_NOTES.renderInline(note), _INLINE_TAGS, link_base)


def runs_html(runs: Sequence[inline.Run], link_base: str = "") -> str:
    """Return runs of words as HTML with their links; without links the words, not yet escaped."""
    # Most texts have no link, and leaving them to the template takes half of the time.
    if not any(run.url for run in runs):
        return "".join(run.words for run in runs)
    return format_html_join("", "{}", ((_run_html(run, link_base),) for run in runs))


def _run_html(run: inline.Run, link_base: str) -> str:
    address = published_address(run.url, link_base) if run.url else None
    if address is None:
        return run.words
    return format_html('<a href="{}">{}</a>', address, run.words)


def published_address(url: str, link_base: str = "") -> str | None:
    """Return where a link leads: an https or mailto URL; None if it may not be published."""
    scheme = urlsplit(url).scheme
    if scheme in ("https", "mailto"):
        return url if urls.link_fault(url) is None else None
    return None if scheme else _joined(link_base, url)


def _cleaned(html: str, tags: set[str], link_base: str) -> SafeString:
    """Return HTML reduced to some tags and to links whose address may be published."""
    # nh3's own rewriting of relative links would make `//evil.com` a link, so `_joined` decides.
    cleaned = nh3.clean(
        html,
        tags=tags,
        attributes=_ATTRIBUTES,
        url_schemes={"https", "mailto"},
        url_relative=lambda url: _joined(link_base, url),
        attribute_filter=_published_link,
        link_rel=None,
    )
    # A link that lost its address is its text.
    unlinked = _UNLINKED.sub(r"\1", cleaned)
    return mark_safe(unlinked)  # noqa: S308  the allow-list above is what makes it safe


def _published_link(tag: str, attribute: str, value: str) -> str | None:
    """Return an attribute; None for the address of a link that may not be published."""
    # `_joined` judges relative ones, after this.
    is_whole_address = attribute == "href" and urlsplit(value).scheme
    return published_address(value) if is_whole_address else value


def _joined(base: str, url: str) -> str | None:
    """Return a relative link as an address on the register's site; None if it leads elsewhere."""
    # `//evil.com` names another host, and so does a backslash in browsers.
    if not base or urlsplit(url).netloc or url.startswith(("//", "/\\", "\\")):
        return None
    joined = urljoin(base, url)
    same_host = urlsplit(joined)[:2] == urlsplit(base)[:2]
    return joined if same_host and urls.url_fault(joined) is None else None
