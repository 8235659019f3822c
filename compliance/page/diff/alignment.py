"""Which item of a list continues which earlier one, and in which order old and new are shown."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from compliance.page.diff.sequences import longest_rising
from compliance.page.matching import Keys, match_keys


class AlignedItem(NamedTuple):
    """An item by its index in the old and in the new list; None where it is in one only."""

    old: int | None
    new: int | None
    is_moved: bool = False


def align(old: Sequence[Keys], new: Sequence[Keys]) -> list[AlignedItem]:
    """Return the new items in order, and each removed one after the item that it followed.

    Items continue each other as in `match_keys`. As few as possible count as moved: those outside
    of a longest run that kept its order.
    """
    if old == new and all(keys and keys[0] is not None for keys in new):
        return [AlignedItem(place, place) for place in range(len(new))]
    continued = match_keys(old, new)
    paired = [index for index, partner in enumerate(continued) if partner is not None]
    old_indices = [partner for partner in continued if partner is not None]
    in_order = longest_rising(old_indices)
    settled = {paired[position] for position in in_order}
    return list(_with_removed(continued, settled, len(old)))


def _with_removed(
    continued: list[int | None], settled: set[int], old_count: int
) -> Iterator[AlignedItem]:
    kept = set(continued)
    stops = {continued[index] for index in settled}
    yield from _removed(0, old_count, kept, stops)
    for index, partner in enumerate(continued):
        yield AlignedItem(partner, index, partner is not None and index not in settled)
        if partner is not None and index in settled:
            yield from _removed(partner + 1, old_count, kept, stops)


def _removed(
    start: int, end: int, kept: set[int | None], stops: set[int | None]
) -> Iterator[AlignedItem]:
    """Give the removed items from one old index up to the next that is settled."""
    for index in range(start, end):
        if index in stops:
            return
        if index not in kept:
            yield AlignedItem(index, None)
