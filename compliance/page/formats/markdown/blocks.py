"""Write prose and footnotes so that a site builder shows what they show here."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from markdown_it.tree import SyntaxTreeNode

from compliance.page import inline

# Whatever else Markdown knows is text on the public page (`rendering.markdown`).
_PARSER = inline.parser().disable(
    ["html_inline", "html_block", "image", "strikethrough", "table", "code", "fence", "reference"]
)
_TAGS = {"em": "em", "strong": "strong", "code_inline": "code"}
_LISTS = ("bullet_list", "ordered_list")


class BlockWriter:
    """Writes blocks of Markdown as CommonMark programs read them.

    `words` and `address` write texts and where links lead. `line_start` finds what acts where a
    line begins, of which the first character is written as a reference.

    Emphasis and code become tags: where `*` opens emphasis differs between programs, and depends
    on whether a reference stands beside it.
    """

    def __init__(
        self,
        *,
        words: Callable[[str], str],
        address: Callable[[str], str],
        line_start: re.Pattern[str],
        line_break: str,
    ) -> None:
        self._words = words
        self._address = address
        self._line_start = line_start
        self._line_break = line_break

    def written(self, markdown: str) -> str:
        """Return prose or the text of a footnote anew, without anything that acts in a builder."""
        return self._blocks(SyntaxTreeNode(_PARSER.parse(markdown)).children)

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> str:
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
            return f"{node.markup if node.markup[0] == '#' else '##'} {self._line(node)}"
        if node.type == "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in self._lines(node))
        if node.type in _LISTS:
            return self._list(node)
        return "***"

    def _lines(self, node: SyntaxTreeNode) -> list[str]:
        return self._blocks(node.children).split("\n")

    def _paragraph(self, node: SyntaxTreeNode) -> str:
        return self._line_start.sub(_first_as_reference, self._inline(node.children))

    def _line(self, node: SyntaxTreeNode) -> str:
        return self._inline(node.children).replace("\n", " ")

    def _list(self, node: SyntaxTreeNode) -> str:
        items = [
            self._item(marker, item)
            for marker, item in zip(self.markers(node), node.children, strict=True)
        ]
        is_simple = all(
            [block.type for block in item.children] == ["paragraph"] for item in node.children
        )
        return ("\n" if is_simple else "\n\n").join(items)

    def markers(self, node: SyntaxTreeNode) -> list[str]:
        """Return what stands before the items of a list."""
        if node.type == "bullet_list":
            return [node.markup] * len(node.children)
        start = int(node.attrs.get("start", 1))
        return [f"{start + place}{node.markup}" for place in range(len(node.children))]

    def _item(self, marker: str, item: SyntaxTreeNode) -> str:
        # Python-Markdown takes four blanks for one level. Others need as many as the marker has.
        marker = f"{marker} ".ljust(4)
        indent = " " * len(marker)
        first, *others = self._lines(item)
        lines = [f"{marker}{first}", *(f"{indent}{line}" if line else "" for line in others)]
        return "\n".join(lines)

    def _inline(self, nodes: Sequence[SyntaxTreeNode]) -> str:
        return "".join(part for node in nodes for part in self._parts(node))

    def _parts(self, node: SyntaxTreeNode) -> Iterator[str]:
        if node.type == "softbreak":
            yield "\n"
        elif node.type == "hardbreak":
            yield f"{self._line_break}\n"
        elif node.type == "inline":
            yield self._inline(node.children)
        elif node.type == "link":
            yield f"[{self._inline(node.children)}]({self._address(str(node.attrs['href']))})"
        elif tag := _TAGS.get(node.type):
            words = self._inline(node.children) if node.children else self._words(node.content)
            yield f"<{tag}>{words}</{tag}>"
        else:
            yield self._words(node.content)


class PythonMarkdownBlockWriter(BlockWriter):
    """Writes blocks of Markdown as Python-Markdown reads them, which MkDocs uses."""

    def between(self, before: SyntaxTreeNode, after: SyntaxTreeNode) -> list[str]:
        """Return a comment between two lists or two quotes, which would become one."""
        are_lists = before.type in _LISTS and after.type in _LISTS
        are_quotes = before.type == after.type == "blockquote"
        return ["<!-- -->"] if are_lists or are_quotes else []

    def markers(self, node: SyntaxTreeNode) -> list[str]:
        """Return markers; numbers that do not begin with 1 are texts, since they would be lost."""
        if node.type == "bullet_list":
            return ["-"] * len(node.children)
        start = int(node.attrs.get("start", 1))
        numbers = range(start, start + len(node.children))
        return [f"{number}." if start == 1 else f"-   {number}&#46;" for number in numbers]


def _first_as_reference(match: re.Match[str]) -> str:
    return f"&#{ord(match.group())};"
