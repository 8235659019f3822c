"""Write prose and footnotes so that a site builder shows what they show here."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from markdown_it.tree import SyntaxTreeNode

from compliance.page import inline

_PARSER = inline.parser()
_EMPHASIS = ("em", "strong")
_LISTS = ("bullet_list", "ordered_list")
# Python-Markdown takes four blanks for one level. Others need as many as the marker of an item has.
_LEVEL = "    "
# Stands for nothing where Python-Markdown needs something.
_COMMENT = "<!-- -->"


class BlockWriter:
    """Writes blocks of Markdown as CommonMark programs read them.

    `words` and `address` write texts and where links lead. `line_start` finds what acts where a
    line begins, of which the first character is written as a reference.

    A paragraph is one line: Vue drops a line break between two tags, and programs differ in what
    may begin a line within a paragraph.
    """

    def __init__(
        self,
        *,
        words: Callable[[str], str],
        address: Callable[[str], str],
        line_start: re.Pattern[str],
        line_break: str,
    ) -> None:
        self.words = words
        self._address = address
        self._line_start = line_start
        self._line_break = line_break

    def written(self, markdown: str) -> str:
        """Return canonical prose or a footnote anew, without anything that acts in a builder."""
        return self.blocks(SyntaxTreeNode(_PARSER.parse(markdown)))

    def blocks(self, parent: SyntaxTreeNode) -> str:
        """Return the blocks within a block."""
        nodes = parent.children
        parts = [self._block(node) for node in nodes[:1]]
        for before, node in pairwise(nodes):
            parts += [*self.between(before, node), self._block(node)]
        return "\n\n".join(parts)

    def between(self, before: SyntaxTreeNode, after: SyntaxTreeNode) -> list[str]:
        """Return what keeps two blocks apart, beside a blank line."""
        return []

    def _block(self, node: SyntaxTreeNode) -> str:
        if node.type == "paragraph":
            return self._paragraph(node)
        if node.type == "heading":
            return self.heading(node, self._inline(node.children))
        if node.type == "blockquote":
            lines = self.blocks(node).split("\n")
            return "\n".join(f"> {line}".rstrip(" ") for line in lines)
        if node.type in _LISTS:
            return self._list(node)
        return "***"

    def _paragraph(self, node: SyntaxTreeNode) -> str:
        words = self._inline(node.children)
        if self._line_start.match(words):
            return f"&#{ord(words[0])};{words[1:]}"
        return words

    def _list(self, node: SyntaxTreeNode) -> str:
        items = [self.item(node, place) for place in range(len(node.children))]
        is_simple = all(
            [block.type for block in item.children] == ["paragraph"] for item in node.children
        )
        return ("\n" if is_simple else "\n\n").join(items)

    def item(self, node: SyntaxTreeNode, place: int) -> str:
        """Return the item at a place of a list."""
        start = _start(node)
        bullet = node.markup if start is None else f"{start + place}{node.markup}"
        marker = f"{bullet} ".ljust(len(_LEVEL))
        return _indented(marker, " " * len(marker), self.blocks(node.children[place]))

    def _inline(self, nodes: Sequence[SyntaxTreeNode]) -> str:
        return "".join(part for node in nodes for part in self._parts(node))

    def _parts(self, node: SyntaxTreeNode) -> Iterator[str]:
        if node.type == "softbreak":
            yield " "
        elif node.type == "hardbreak":
            yield self._line_break
        elif node.type == "inline":
            yield self._inline(node.children)
        elif node.type == "link":
            yield f"[{self._inline(node.children)}]({self._address(str(node.attrs['href']))})"
        elif node.type == "code_inline":
            yield self.code(node)
        elif node.type in _EMPHASIS:
            yield self.emphasis(node, self._inline(node.children))
        else:
            yield self.words(node.content)

    def heading(self, node: SyntaxTreeNode, words: str) -> str:
        """Return a heading."""
        return f"{'#' * int(node.tag[1])} {words}"

    def emphasis(self, node: SyntaxTreeNode, words: str) -> str:
        """Return emphasised words. What is beside the marks acts on them as before."""
        return f"{node.markup}{words}{node.markup}"

    def code(self, node: SyntaxTreeNode) -> str:
        """Return code within a text as a tag: Vue runs what stands between backticks too."""
        return f"<code>{self.words(node.content)}</code>"


class MdxBlockWriter(BlockWriter):
    """Writes blocks of Markdown as MDX reads them."""

    def code(self, node: SyntaxTreeNode) -> str:
        """Return code between backticks: of a paragraph with nothing but tags, only these stay."""
        is_padded = node.content[0] in "` " or node.content[-1] in "` "
        blank = " " if is_padded and node.content.strip() else ""
        return f"{node.markup}{blank}{node.content}{blank}{node.markup}"


class PythonMarkdownBlockWriter(BlockWriter):
    """Writes blocks of Markdown as Python-Markdown reads them, which MkDocs uses.

    Emphasis becomes tags: Python-Markdown and its extensions take other `*` for it than CommonMark.
    """

    def heading(self, node: SyntaxTreeNode, words: str) -> str:
        """Return a heading; one in a list or a quote stops the search plugin of Material."""
        return f"<strong>{words}</strong>" if node.level else super().heading(node, words)

    def emphasis(self, node: SyntaxTreeNode, words: str) -> str:
        """Return emphasised words."""
        return f"<{node.type}>{words}</{node.type}>"

    def between(self, before: SyntaxTreeNode, after: SyntaxTreeNode) -> list[str]:
        """Return a comment between two lists or two quotes, which would become one."""
        are_lists = before.type in _LISTS and after.type in _LISTS
        are_quotes = before.type == after.type == "blockquote"
        return [_COMMENT] if are_lists or are_quotes else []

    def item(self, node: SyntaxTreeNode, place: int) -> str:
        """Return an item; its number is a text where a list does not begin with 1."""
        item, start = node.children[place], _start(node)
        first = item.children[0].type if item.children else ""
        words = self.blocks(item)
        if start not in (None, 1):
            number = f"{start + place}&#46;"
            words = f"{number} {words}" if first == "paragraph" else f"{number}\n\n{words}"
        elif first not in ("paragraph", "heading"):
            words = f"{_COMMENT}\n\n{words}"
        bullet = f"{place + 1}." if start == 1 else "-"
        return _indented(f"{bullet} ".ljust(len(_LEVEL)), _LEVEL, words.strip(" \n"))


def _start(node: SyntaxTreeNode) -> int | None:
    """Return the first number of a list, None for one with bullets."""
    return int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None


def _indented(marker: str, indent: str, words: str) -> str:
    first, *others = words.split("\n")
    lines = [
        f"{marker}{first}".rstrip(" "),
        *(f"{indent}{line}" if line else "" for line in others),
    ]
    return "\n".join(lines)
