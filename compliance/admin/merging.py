"""Two people's versions of a text as one, line by line."""

from collections.abc import Sequence

from compliance.sequences import steps

_Hunk = tuple[int, int, tuple[str, ...]]


def merged(base: Sequence[str], theirs: Sequence[str], yours: Sequence[str]) -> list[str] | None:
    """Return the base with the changes of both, theirs first where both add at one place; None where they collide."""
    # As keys of a dictionary: what both did alike is done once.
    hunks = sorted(dict.fromkeys([*_hunks(base, theirs), *_hunks(base, yours)]), key=lambda hunk: hunk[:2])
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


def _hunks(base: Sequence[str], changed: Sequence[str]) -> list[_Hunk]:
    return [(i, k, tuple(changed[j:m])) for kind, i, k, j, m in steps(base, changed) if kind != "equal"]
