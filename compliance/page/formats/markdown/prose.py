"""The prose of a section: Markdown blocks, and which of them a page can hold."""

from compliance.page import inline, text
from compliance.page.formats.markdown.syntax import (
    DELIMITER_ROW,
    LINK_DEFINITION,
    NOTE_START,
    UNDERLINE,
    page_parser,
)

_PARSER = page_parser()
# Parsed behind a text, it shows whether the text leaves a block open.
_TABLE = "| a |\n| - |\n| b |"


def prose_fault(prose: str) -> str | None:
    """Return a sentence that says why no page can hold this prose (Markdown), else None."""
    if problem := text.fault(prose, multiline=True):
        return problem
    for line in prose.split("\n"):
        if NOTE_START.match(line):
            return f"The line {line!r} begins like a footnote. Begin it with a word."
        if DELIMITER_ROW.match(line) or UNDERLINE.match(line):
            return f"The line {line!r} would make a table or a heading. Remove it."
        if LINK_DEFINITION.match(line):
            return (
                f"The line {line!r} defines a link for elsewhere. "
                "Write the address where the link is."
            )
    return block_fault(prose, ("table_open",)) if prose else None


def block_fault(markdown: str, refused: tuple[str, ...]) -> str | None:
    """Return a sentence on a block that must not be there or would swallow the table, else None."""
    if "<!--" in markdown:
        return "It holds an HTML comment, which nobody would see. Remove it."
    tokens = _PARSER.parse(markdown)
    if any(token.type in refused for token in tokens):
        return "It holds a table or a heading, and the page has one of each. Remove it."
    if _PARSER.parse(f"{markdown}\n\n{_TABLE}")[-1].type != "table_close":
        return (
            "It leaves a code block or an HTML block open, which would swallow the table. Close it."
        )
    return None


def first_heading(prose: str) -> str:
    """Return the words of the first heading in prose, empty where it has none."""
    if "#" not in prose and "\n" not in prose:
        return ""
    tokens = _PARSER.parse(prose)
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            return inline.plain(tokens[index + 1].content)
    return ""
