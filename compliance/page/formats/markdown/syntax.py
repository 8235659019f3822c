"""What the Markdown writer and reader share: marks, kinds of lines, and the parser."""

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt

from compliance.page import inline
from compliance.page.inline import BULLET, DIGITS

__all__ = ["BULLET", "DIGITS"]

OTHER_BULLETS = "–·◦●▪‣+-"
TO_SUPERSCRIPT = str.maketrans("0123456789", DIGITS)
FROM_SUPERSCRIPT = str.maketrans(DIGITS, "0123456789")

# Besides numbers these mark a footnote and the places that cite it, alone or repeated.
SYMBOLS = "*†‡§¶※"

NOTE_START = re.compile(
    rf"(?:(?P<raised>[{DIGITS}]+)|<sup>\s*(?P<tagged>[0-9]{{1,9}})\s*</sup>"
    r"|\[\^(?P<labelled>[0-9]{1,9})\]:)\s*"
)
DELIMITER_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*\Z")
UNDERLINE = re.compile(r"(?:=+|-+)\s*\Z")
# `[^a]`, which is no number; GitHub looks for its footnote without regard to case.
NAMED_MARK = r"\[\^(?![0-9]{1,9}\])[^\]\[\s]+\]"
NAMED_NOTE = re.compile(rf"({NAMED_MARK}):\s*")
THEMATIC_BREAK = re.compile(r" {0,3}(?:(?:-[ ]*){3,}|(?:\*[ ]*){3,}|(?:_[ ]*){3,})\Z")
LINK_DEFINITION = re.compile(r"\s*\[(?!\^)[^\]]+\]:")


def superscript(numbers: Iterable[int]) -> str:
    """Return footnote numbers as marks, in number order, with a blank between two."""
    return " ".join(str(number).translate(TO_SUPERSCRIPT) for number in sorted(numbers))


def note_number(start: re.Match[str]) -> int:
    """Return the number with which a footnote begins, given a match of NOTE_START."""
    return int(
        (start["raised"] or start["tagged"] or start["labelled"]).translate(FROM_SUPERSCRIPT)
    )


def page_parser() -> MarkdownIt:
    """Return a parser of pages, in which escaped and referenced characters are never syntax."""
    return inline.parser().disable("text_join")  # they stay tokens of their own
