"""Positions: an order kept with as few changes as possible."""

from collections.abc import Iterable, Sequence

from compliance.page.diff.sequences import longest_rising

STEP = 10


def next_position(present: Iterable[int], *, step: int = STEP) -> int:
    """Return the position after the last of those present."""
    return max(present, default=0) + step


def arrange(current: Sequence[int | None]) -> list[int]:
    """Return strictly rising positions, at least 1, for items in the wanted order, changing as few as possible.

    `current` holds each item's present position, None for a new one. What changes is spread evenly between its
    neighbours that stay, or in steps of 10 after the last.
    """
    kept = _longest_run(current)
    arranged: list[int] = []
    last_index, last = -1, 0
    for index in [*kept, len(current)]:
        between = index - last_index - 1
        position = current[index] if index < len(current) else None
        if position is None:
            arranged += [last + STEP * (step + 1) for step in range(between)]
        else:
            arranged += [
                last + (position - last) * (step + 1) // (between + 1) for step in range(between)
            ]
            arranged.append(position)
            last_index, last = index, position
    return arranged


def _longest_run(current: Sequence[int | None]) -> list[int]:
    """Return, rising, the indices of the most items that can all keep their position.

    Two of them can when whole numbers are left for the items between them: `position - index` must not fall.
    """
    able = [
        index for index, position in enumerate(current) if position is not None and position > index
    ]
    slacks = [((current[index] or 0) - index, index) for index in able]
    return [able[place] for place in longest_rising(slacks)]
