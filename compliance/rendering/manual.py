"""The manual of the staff, written in Markdown, as HTML with an anchor for each heading."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from compliance.page import inline

_MANUAL = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {"p", "ul", "ol", "li", "blockquote", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}
_TAGS |= {"em", "strong", "code", "pre", "br", "a"}
_TAGS |= {"table", "thead", "tbody", "tr", "th", "td"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, **{f"h{level}": {"id"} for level in range(1, 7)}}
_UNLINKED = re.compile(r"<a>(.*?)</a>", re.DOTALL)
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the manual: its words, its anchor, and its level from 1 to 6."""

    words: str
    anchor: str
    level: int


def headings(text: str) -> list[Heading]:
    """Return the headings of a text, with the anchors that GitHub gives them too."""
    return list(_anchored(_MANUAL.parse(text)))


def manual_html(text: str) -> SafeString:
    """Return a text as HTML, without its pictures and without links to other files."""
    tokens = _MANUAL.parse(text)
    list(_anchored(tokens))
    for token in tokens:
        if token.children:
            token.children = [child for child in token.children if child.type != "image"]
    html = _MANUAL.renderer.render(tokens, _MANUAL.options, {}).replace("<p></p>\n", "")
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"https"},
        url_relative=_link_in_page,
        link_rel=None,
    )
    unlinked = _UNLINKED.sub(r"\1", cleaned)
    return mark_safe(unlinked)  # noqa: S308  the allow-list above is what makes it safe


def _anchored(tokens: list[Token]) -> Iterator[Heading]:
    """Give each heading its anchor, and yield them."""
    used: Counter[str] = Counter()
    for index, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        words = inline.plain(tokens[index + 1].content)
        anchor = _NOT_IN_ANCHORS.sub("", words.lower()).replace(" ", "-")
        used[anchor] += 1
        if used[anchor] > 1:
            anchor = f"{anchor}-{used[anchor] - 1}"
        token.attrSet("id", anchor)
        yield Heading(words, anchor, int(token.tag[1:]))


def _link_in_page(url: str) -> str | None:
    return url if url.startswith("#") else None
