"""The text that HTML shows, line by line, and the elements and links in it."""

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import unquote

_INLINE = {"a", "b", "code", "del", "em", "i", "s", "span", "strong", "sub", "sup", "wbr", "kbd"}
_VOID = {"br", "hr", "img", "wbr", "input", "meta", "link", "col"}
_SILENT = {"script", "style", "template"}
Attributes = dict[str, str]


class ShownBlocks(HTMLParser):
    """Collects lines, elements and links from the element for which `is_content` is true."""

    def __init__(self, is_content: Callable[[str, Attributes], bool]) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.elements: list[tuple[str, Attributes]] = []
        self._is_content = is_content
        self._open: list[str] = []
        self._words = ""
        self._silent = 0
        # The next number of each open list, None where it has none, and the number of an item.
        self._numbers: list[int | None] = []
        self._number = ""

    @property
    def addresses(self) -> set[str]:
        """The addresses of links, decoded: some builders percent-encode characters in them."""
        links = (attributes["href"] for _, attributes in self.elements if "href" in attributes)
        return {unquote(address) for address in links}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if not self._open:
            if self._is_content(tag, attributes):
                self._open.append(tag)
            return
        self.elements.append((tag, attributes))
        self._end_line(tag)
        if tag in ("ol", "ul"):
            self._numbers.append(int(attributes.get("start", 1)) if tag == "ol" else None)
        elif tag == "li" and self._numbers and (number := self._numbers[-1]) is not None:
            self._number = f"{number}. "
            self._numbers[-1] = number + 1
        if tag not in _VOID:
            self._open.append(tag)
            self._silent += tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        self._end_line(tag)
        if tag in ("ol", "ul"):
            self._numbers.pop()
        elif tag == "li":
            self._number = ""
        while self._open.pop() != tag:
            pass
        self._silent -= tag in _SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if self._open and not self._silent:
            self._words += data

    def close(self) -> None:
        super().close()
        self._end_line("end")

    def _end_line(self, tag: str) -> None:
        if tag in _INLINE:
            return
        # VitePress fills its links to headings with a character without width.
        if words := " ".join(self._words.replace("\u200b", "").split()):
            self.lines.append(self._number + words)
            self._number = ""
        self._words = ""


def shown_blocks(html: str) -> ShownBlocks:
    """Return what a piece of HTML shows."""
    blocks = ShownBlocks(lambda tag, attributes: tag == "body")
    blocks.feed(f"<body>{html}</body>")
    blocks.close()
    return blocks
