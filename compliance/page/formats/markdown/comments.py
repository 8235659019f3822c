"""HTML comments of a page, which are dropped where CommonMark shows nothing of them."""

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from compliance.page.formats.base import Unreadable
from compliance.page.formats.markdown.dialects import find_comments
from compliance.page.formats.markdown.syntax import page_parser

# Texts are looked at only where one holds what could begin a comment.
_BLOCKS = page_parser()
_BLOCKS.core.ruler.enableOnly(["normalize", "block"])
_CELLS = ("th_open", "td_open")
# Browsers end a comment at `--!>` too, and show what follows.
_DOUBTFUL_END = "--!>"


def without_comments(page: str) -> tuple[list[str], dict[int, bool]]:
    """Return the lines of a page without comments, and the numbers of the lines they were on.

    With each number is given whether the comment is a block, which ends a paragraph before it.

    A comment is what CommonMark takes for one: it begins a line, or stands in a paragraph or a
    heading as a whole. In code and escaped it is a text, and in a cell it stays. Lines with
    nothing but a comment are empty then. Raises Unreadable for a comment that begins a line and
    does not end, or that has a text behind it.
    """
    lines, comment_lines = page.split("\n"), dict[int, bool]()
    if "<!--" not in page:
        return lines, comment_lines
    tokens = _BLOCKS.parse(page)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if not token.map or "<!--" not in token.content:
            continue
        if token.type == "html_block" and lines[token.map[0]].lstrip().startswith("<!--"):
            _check_block(token.content.strip(), token.map[0] + 1)
            for index in range(*token.map):
                lines[index] = ""
                comment_lines[index + 1] = True
        elif token.type == "inline" and before and before.type not in _CELLS:
            comment_lines.update(dict.fromkeys(_clear(lines, token), False))
    return lines, comment_lines


def _check_block(html: str, line: int) -> None:
    """Raise Unreadable if HTML that begins with a comment is more than comments."""
    if _DOUBTFUL_END in html:
        raise Unreadable(
            "programs disagree on where the HTML comment that begins here ends. "
            f"Write its {_DOUBTFUL_END!r} in another way.",
            line,
            1,
        )
    end = 0
    while html.startswith("<!--", end):
        # CommonMark 0.31: `<!-->` and `<!--->` are whole comments.
        whole = re.compile("<!---?>").match(html, end)
        close = html.find("-->", end + 4)
        if not whole and close < 0:
            raise Unreadable(
                "the HTML comment that begins here never ends. Write `-->` where it does, "
                "or `&lt;!--` if it is a text.",
                line,
                1,
            )
        end = whole.end() if whole else close + 3
        end += len(html[end:]) - len(html[end:].lstrip())
    if end < len(html):
        text_line = line + html.count("\n", 0, end)
        raise Unreadable(
            "a text stands behind an HTML comment. Write it in a line of its own, below a "
            "blank line.",
            text_line,
            1,
        )


def _clear(lines: list[str], block: Token) -> Iterator[int]:
    """Take the comments out of the lines of a text, and give the numbers of these lines."""
    first_line = (block.map or [0])[0]
    content, position = block.content, 0
    kept: list[str] = []
    for start, end in find_comments(content):
        comment = content[start:end]
        if _DOUBTFUL_END in comment:
            continue
        breaks = comment.count("\n")
        number = first_line + content.count("\n", 0, start) + 1
        yield from range(number, number + breaks + 1)
        kept += [content[position:start], "\n" * breaks]
        position = end
    cleared = "".join([*kept, content[position:]])
    _rewrite(lines, first_line, content.split("\n"), cleared.split("\n"))


def _rewrite(lines: list[str], start: int, before: Sequence[str], after: Sequence[str]) -> None:
    for index, (old, new) in enumerate(zip(before, after, strict=True), start):
        if old != new:
            place = lines[index].rfind(old)
            end = lines[index][place + len(old) :]
            # Blanks before a comment at the end of a line are no line break.
            written = new if old.endswith(" ") else new.rstrip()
            lines[index] = lines[index][:place] + written + end
