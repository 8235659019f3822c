"""Positions: the order of rows, kept with as few changed rows as possible.

Positions have gaps (10, 20, 30), so that a row can be put between two others without changing them.
Each changed row is a history row and a line in the review of a publication.
"""

from collections.abc import Iterable, Sequence

from compliance.page.diff.sequences import longest_rising

STEP = 10


def next_position(present: Iterable[int], *, step: int = STEP) -> int:
    """Return the position after the last of those present, one step if there are none."""
    return max(present, default=0) + step


def arrange(current: Sequence[int | None]) -> list[int]:
    """Return positions for items in their wanted order, changing as few as possible.

    `current` has the present position of each item, None for a new one. The result rises strictly
    from at least 1. Changed items are spread evenly between the neighbours that keep their
    positions; those after the last of these follow in steps of 10.
    """
    arranged: list[int] = []
    last_position = 0
    for index, position in _longest_run(current):
        arranged += _spread(index - len(arranged), after=last_position, before=position)
        arranged.append(position)
        last_position = position
    while len(arranged) < len(current):
        last_position += STEP
        arranged.append(last_position)
    return arranged


def _spread(count: int, *, after: int, before: int) -> list[int]:
    """Return so many positions between two others, evenly spread."""
    width = before - after
    return [after + width * step // (count + 1) for step in range(1, count + 1)]


def _longest_run(current: Sequence[int | None]) -> list[tuple[int, int]]:
    """Return, by index and position, as many items as can all keep their positions.

    Two items can keep theirs if the numbers between them suffice for the items between them, which
    means that `position - index` does not fall. The first that keeps its position needs a number
    from 1 on for each item before it.
    """
    candidates: list[tuple[int, int]] = []
    for index, position in enumerate(current):
        if position is not None and position > index:
            candidates.append((index, position))
    # The index makes the pairs rise strictly where the slack stays the same.
    slacks = [(position - index, index) for index, position in candidates]
    return [candidates[place] for place in longest_rising(slacks)]
