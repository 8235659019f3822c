"""Merge two versions of a text, line by line (a three-way merge)."""

from collections import Counter
from collections.abc import Sequence

from compliance.page.diff.sequences import edit_steps

_Hunk = tuple[int, int, tuple[str, ...]]


def merged(base: Sequence[str], theirs: Sequence[str], yours: Sequence[str]) -> list[str] | None:
    """Return the base with the changes of both, or None where they collide.

    Where both insert lines at one place, theirs come first. The result is None, too, where it
    would bring back a line that one of them removed, lose one that one of them added, or repeat a
    line that stood nowhere twice. All three happen when a line was moved: for a merge by lines
    that is a removal here and an insertion there.
    """
    lines = _applied(base, theirs, yours)
    if lines is None or not _is_faithful(lines, base, theirs, yours):
        return None
    return lines


def _applied(base: Sequence[str], theirs: Sequence[str], yours: Sequence[str]) -> list[str] | None:
    # The keys of a dictionary hold a change once that both made alike.
    hunks = sorted(
        dict.fromkeys([*_hunks(base, theirs), *_hunks(base, yours)]), key=lambda hunk: hunk[:2]
    )
    lines: list[str] = []
    at = 0
    inserted: tuple[int, tuple[str, ...]] = (-1, ())
    for start, end, replacement in hunks:
        # Both changed the same lines.
        if start < at:
            return None
        # Both insert at one place: a line that both added stands there once.
        if inserted[0] == start == end:
            replacement = tuple(line for line in replacement if line not in inserted[1])
        elif start == end:
            inserted = start, replacement
        lines += [*base[at:start], *replacement]
        at = end
    return [*lines, *base[at:]]


def _is_faithful(
    together: Sequence[str], base: Sequence[str], theirs: Sequence[str], yours: Sequence[str]
) -> bool:
    """Return whether removed lines are gone, added ones there, and none is newly repeated."""
    before, merged_lines = set(base), set(together)
    removed = before - (set(theirs) & set(yours))
    added = (set(theirs) | set(yours)) - before
    repeated = _repeated(together) - _repeated(base) - _repeated(theirs) - _repeated(yours)
    return not repeated and not merged_lines & removed and added <= merged_lines


def _repeated(lines: Sequence[str]) -> set[str]:
    return {line for line, times in Counter(lines).items() if times > 1}


def _hunks(base: Sequence[str], changed: Sequence[str]) -> list[_Hunk]:
    return [
        (i, k, tuple(changed[j:m]))
        for kind, i, k, j, m in edit_steps(base, changed)
        if kind != "equal"
    ]
