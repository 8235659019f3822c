"""Which item of a list continues which earlier one, and in which order old and new are shown."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from compliance.page.diff.sequences import longest_rising

Keys = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class AlignedItem:
    """An item by its index in the old and in the new list; None where it is in one only."""

    old: int | None
    new: int | None
    is_moved: bool = False


def partners(old: Sequence[Keys], new: Sequence[Keys]) -> list[int | None]:
    """Return for each new item the index of the old one that it continues, None for an added one.

    Every item has the same number of keys, the most reliable first: items are paired by the first
    key, then what is left by the second, and so on. A key that is None pairs nothing.
    """
    continued: list[int | None] = [None] * len(new)
    free = set(range(len(old)))
    key_count = len(next(iter([*old, *new]), ()))
    for rank in range(key_count):
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for index in sorted(free):
            waiting[old[index][rank]].append(index)
        for index, keys in enumerate(new):
            if continued[index] is None and keys[rank] is not None and waiting[keys[rank]]:
                continued[index] = waiting[keys[rank]].popleft()
        free -= set(continued)
    return continued


def align(old: Sequence[Keys], new: Sequence[Keys]) -> list[AlignedItem]:
    """Return the new items in order, and each removed one after the item that it followed.

    Items continue each other as in `partners`. As few as possible count as moved: those outside of
    a longest run that kept its order.
    """
    continued = partners(old, new)
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
