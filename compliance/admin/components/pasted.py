"""Lists that people paste from Word, Excel, Notion and the like: their lines without list marks."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from compliance.page.text import normalised

# Bullets of office programs and web pages; the last are those of Word's Symbol and Wingdings fonts.
_BULLETS = "•‣▪▫◦●○■□·∙⁃–—*\\-\uf0b7\uf0a7\uf0d8\uf0fc\uf0a8\uf071"
# "> 30 days" begins with no bullet.
_ARROW = r"[→⇒➔➜➤➡▶►▸❯>»›]\ufe0f?(?=\s+[^\s\d])"
_BULLET = re.compile(
    rf"(?P<mark>(?:[*-]\s+)?(?:\[[ xX]?\]|[☐☑☒])|[{_BULLETS}]|[o§Øüvq](?=\t)|{_ARROW})"
    r"(?P<rest>\s+\S.*)"
)
_NUMBER = re.compile(r"(?P<mark>\(?(?P<place>[0-9]{1,3})[.)])(?P<rest>\s+\S.*)")
# Without a blank, or with what may belong to a name: only where several lines count 1, 2, 3.
_TOUCHING_NUMBER = re.compile(r"(?P<mark>(?P<place>[1-9][0-9]{0,2})[.)])(?P<rest>[^\W\d_].*)")
_RANK = re.compile(r"(?P<mark>#(?P<place>[0-9]{1,3})[:.)]?)(?P<rest>\s+\S.*)")
_OTHER_NUMBER = re.compile(r"(?P<mark>(?P<place>[0-9]{1,3})(?::|\s?[-–—]))(?P<rest>\s+\S.*)")
# Word divides the number of an outline from its text with a tab.
_OUTLINE = re.compile(r"(?P<mark>(?P<place>[0-9]{1,3}(?:\.[0-9]{1,3})+))(?P<rest>\t\s*\S.*)")
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
    with `takes_lone_numbers`. What may belong to a name, such as "1.Uno", "#1 Uno" or "1: Uno", is
    one if the lines count 1, 2, 3. Lines that are `known` were not pasted and stay as they are.
    """
    lines = [normalised(line).strip() for line in text.splitlines()]
    marks: dict[str, None] = {}
    for pattern, is_list in (
        (_BULLET, _always),
        (_SECTION, _always),
        (_OUTLINE, _is_outline),
        (_NUMBER, _counts if takes_lone_numbers else _counts_lines),
        (_TOUCHING_NUMBER, _counts_on),
        (_RANK, _counts_on),
        (_OTHER_NUMBER, _counts_on),
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


def _counts_on(found: Sequence[re.Match[str]]) -> bool:
    """Return whether the numbers of several lines are 1, 2, 3 …"""
    places = [int(match["place"]) for match in found]
    return len(places) > 1 and places == list(range(1, len(places) + 1))


def _is_outline(found: Sequence[re.Match[str]]) -> bool:
    """Return whether numbers such as 1.1 begin at 1 and each follows from the one before it.

    "3.5" before a tab may be a cell of a spreadsheet.
    """
    places = [tuple(map(int, match["place"].split("."))) for match in found]
    if not places or places[0][-1] != 1 or (len(places) == 1 and set(places[0]) != {1}):
        return False
    return all(_follows(after, before) for before, after in pairwise(places))


def _follows(after: tuple[int, ...], before: tuple[int, ...]) -> bool:
    """Return whether a number of an outline comes next: behind 1.1 it is 1.2, 1.1.1 or 2.1."""
    if after == (*before, 1):
        return True
    for length in range(1, len(before) + 1):
        *above, last = before[:length]
        expected = (*above, last + 1)
        rest = after[length:]
        if after[:length] == expected and all(number == 1 for number in rest):
            return True
    return False


def _spells(found: Sequence[re.Match[str]]) -> bool:
    """Return whether the letters are a, b, c … or i, ii, iii …, of more than one line.

    One letter with a bracket, `a)`, is enough; with a point it may be an initial.
    """
    places = [match["place"].casefold() for match in found]
    if len(places) == 1:
        return found[0]["mark"].endswith(")") and places[0] in ("a", "i")
    alphabet = [chr(ord("a") + number) for number in range(26)]
    return places in (alphabet[: len(places)], list(_ROMAN[: len(places)]))
