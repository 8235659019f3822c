"""Lists that people paste from Word, Excel, Notion and the like: their lines without list marks."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from compliance.page.text import normalised

# Bullets of office programs and web pages; the last are those of Word's Symbol and Wingdings fonts.
_BULLETS = "•‣▪▫◦●○■□·∙⁃–—*\\-\uf0b7\uf0a7\uf0d8\uf0fc\uf0a8\uf071"
_BULLET = re.compile(
    rf"(?P<mark>(?:[*-]\s+)?(?:\[[ xX]?\]|[☐☑☒])|[{_BULLETS}]|[o§Øüvq](?=\t))(?P<rest>\s+\S.*)"
)
_NUMBER = re.compile(r"(?P<mark>\(?(?P<place>[0-9]{1,3})[.)])(?P<rest>\s+\S.*)")
_SECTION = re.compile(r"(?P<mark>[0-9]{1,3}(?:\.[0-9]{1,3})+[.)])(?P<rest>\s+\S.*)")
_LETTER = re.compile(r"(?P<mark>\(?(?P<place>[a-zA-Z]|[ivx]{2,5}|[IVX]{2,5})[.)])(?P<rest>\s+\S.*)")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv")


@dataclass(frozen=True)
class PastedList:
    """The lines of a pasted text without list marks and outer blanks, and the marks, each once."""

    lines: tuple[str, ...]
    marks: tuple[str, ...] = ()


def read_pasted(
    text: str, *, known: Set[str] = frozenset(), takes_lone_numbers: bool = True
) -> PastedList:
    """Return the lines of a text, without the marks of the lists that they were.

    A bullet is a mark wherever a blank or a tab follows it. A number or a letter is one if all of
    them count upwards, as in a list; so "3.5 Sonnet" and "A. Lincoln" stay. One number alone is one
    with `takes_lone_numbers`. Lines that are `known` were not pasted and stay as they are.
    """
    lines = [normalised(line).strip() for line in text.splitlines()]
    marks: dict[str, None] = {}
    for pattern, is_list in (
        (_BULLET, _always),
        (_SECTION, _always),
        (_NUMBER, _counts if takes_lone_numbers else _counts_lines),
        (_LETTER, _spells),
    ):
        found = {
            place: match
            for place, line in enumerate(lines)
            if line not in known and (match := pattern.fullmatch(line))
        }
        if is_list(list(found.values())):
            for place, match in found.items():
                marks[match["mark"]] = None
                lines[place] = match["rest"].strip()
    return PastedList(tuple(line for line in lines if line), tuple(marks))


def tab_fault(lines: Sequence[str]) -> str:
    """Return a sentence on lines that hold a tab, as rows of a spreadsheet do; empty for none."""
    rows = [line for line in lines if "\t" in line]
    if not rows:
        return ""
    first, second, *_ = [cell.strip() for cell in rows[0].split("\t") if cell.strip()]
    more = f" Lines like it: {len(rows)}." if len(rows) > 1 else ""
    return (
        f"A tab stands between “{first}” and “{second}”, as between cells of a spreadsheet.{more} "
        "Paste only the column that belongs here, or write a blank for the tab."
    )


def _always(found: Sequence[re.Match[str]]) -> bool:
    return True


def _counts(found: Sequence[re.Match[str]]) -> bool:
    """Return whether the numbers rise, or begin anew at 1 as in a second list."""
    places = [int(match["place"]) for match in found]
    return all(after > before or after == 1 for before, after in pairwise(places))


def _counts_lines(found: Sequence[re.Match[str]]) -> bool:
    return len(found) > 1 and _counts(found)


def _spells(found: Sequence[re.Match[str]]) -> bool:
    """Return whether the letters are a, b, c … or i, ii, iii …, of more than one line.

    One letter with a bracket, `a)`, is enough; with a point it may be an initial.
    """
    places = [match["place"].casefold() for match in found]
    if len(places) == 1:
        return found[0]["mark"].endswith(")") and places[0] in ("a", "i")
    alphabet = [chr(ord("a") + number) for number in range(26)]
    return places in (alphabet[: len(places)], list(_ROMAN[: len(places)]))
