"""Template tags that let a template be laid out freely where each blank of its output counts.

They are built in (see TEMPLATES in registry/settings.py), so no template has to load them.
"""

import re
from typing import cast

from django import template
from django.template.base import Node, NodeList, Parser, TextNode, Token
from django.template.context import Context

register = template.Library()

_BETWEEN_WORDS = re.compile(r"(?<=[^\s>])\s*\n\s*(?=[^\s<>])")
_BESIDE_TAG = re.compile(r"\s*\n\s*")


@register.tag
def trim_lines(parser: Parser, token: Token) -> Node:
    """Leave the line breaks and the indentation of the rest of this file out of what it renders.

    Between two words or two attributes a line break becomes one blank. Beside an HTML tag or a
    template tag nothing is left of it, as in JSX. Values are not touched. The tag stands first in
    files that are included within a line, and in those that render what a publication freezes.
    `{% newline %}` prints a line break there.
    """
    nodes = parser.parse()
    for node in cast("list[TextNode]", nodes.get_nodes_by_type(TextNode)):
        node.s = trimmed(node.s)
    return TrimmedNode(nodes)


@register.tag
def newline(parser: Parser, token: Token) -> Node:
    """Render a line break in a file with `{% trim_lines %}`."""
    return NewlineNode()


class NewlineNode(Node):
    """A line break of the output."""

    def render(self, context: Context) -> str:
        return "\n"


class TrimmedNode(Node):
    """The trimmed rest of a file."""

    child_nodelists = ("nodes",)

    def __init__(self, nodes: NodeList) -> None:
        self.nodes = nodes

    def render(self, context: Context) -> str:
        return self.nodes.render(context)


def trimmed(text: str) -> str:
    """Return a template's text without its layout."""
    return _BESIDE_TAG.sub("", _BETWEEN_WORDS.sub(" ", text))
