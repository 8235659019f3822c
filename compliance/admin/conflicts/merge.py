"""Two people's versions of a text as one, line by line."""

from collections import Counter
from collections.abc import Sequence

from compliance.page.diff.sequences import edit_steps

_Hunk = tuple[int, int, tuple[str, ...]]


def merged(base: Sequence[str], theirs: Sequence[str], yours: Sequence[str]) -> list[str] | None:
    """Return the base with the changes of both, theirs first where both add at one place; None where they collide.

    None, too, where it would bring back a line that one of both removed, lose one that one of both added, or hold one
    twice that stood nowhere twice: a line that was moved is one removed here and added there.
    """
    together = _together(base, theirs, yours)
    return (
        together if together is not None and _is_faithful(together, base, theirs, yours) else None
    )


def _together(base: Sequence[str], theirs: Sequence[str], yours: Sequence[str]) -> list[str] | None:
    # As keys of a dictionary: what both did alike is done once.
    hunks = sorted(
        dict.fromkeys([*_hunks(base, theirs), *_hunks(base, yours)]), key=lambda hunk: hunk[:2]
    )
    lines: list[str] = []
    at = 0
    inserted: tuple[int, tuple[str, ...]] = (-1, ())
    for start, end, replacement in hunks:
        if start < at:
            return None
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
    """Return whether each line that was removed is gone, each that was added is there, and none is newly doubled."""
    before, now, mine, held = set(base), set(theirs), set(yours), set(together)
    removed, added = before - (now & mine), (now | mine) - before
    doubled = _twice(together) - _twice(base) - _twice(theirs) - _twice(yours)
    return not doubled and not held & removed and added <= held


def _twice(lines: Sequence[str]) -> set[str]:
    return {line for line, times in Counter(lines).items() if times > 1}


def _hunks(base: Sequence[str], changed: Sequence[str]) -> list[_Hunk]:
    return [
        (i, k, tuple(changed[j:m]))
        for kind, i, k, j, m in edit_steps(base, changed)
        if kind != "equal"
    ]
