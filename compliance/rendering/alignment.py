"""Which part of a page continues which earlier one, and in which order both are shown."""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from compliance.page.diff.sequences import longest_rising

Keys = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order that shows old and new; an index is None where there is no such item."""

    old: int | None
    new: int | None
    is_moved: bool = False


def woven(old: Sequence[Keys], new: Sequence[Keys]) -> list[Place]:
    """Return the new items in order, and each removed one after the item that it followed.

    Each item has the same number of keys, the surest first; a key that is None tells nothing. An item is moved when it
    is not among the most that still follow one another as before.
    """
    partners = _partners(old, new)
    paired = [index for index, partner in enumerate(partners) if partner is not None]
    settled = {
        paired[index] for index in longest_rising([partners[index] or 0 for index in paired])
    }
    return list(_woven(partners, settled, len(old)))


def _partners(old: Sequence[Keys], new: Sequence[Keys]) -> list[int | None]:
    """Return for each new item the old one that it continues: first by the first key, then by the next."""
    partners: list[int | None] = [None] * len(new)
    free = set(range(len(old)))
    for rank in range(len(next(iter([*old, *new]), ()))):
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for index in sorted(free):
            waiting[old[index][rank]].append(index)
        for index, keys in enumerate(new):
            if partners[index] is None and keys[rank] is not None and waiting[keys[rank]]:
                partners[index] = waiting[keys[rank]].popleft()
        free -= set(partners)
    return partners


def _woven(partners: list[int | None], settled: set[int], old_count: int) -> Iterator[Place]:
    kept = set(partners)
    stops = {partners[index] for index in settled}
    yield from _removed(0, old_count, kept, stops)
    for index, partner in enumerate(partners):
        yield Place(partner, index, partner is not None and index not in settled)
        if partner is not None and index in settled:
            yield from _removed(partner + 1, old_count, kept, stops)


def _removed(
    start: int, end: int, kept: set[int | None], stops: set[int | None]
) -> Iterator[Place]:
    """Give the removed items from one index up to the next that is settled."""
    for index in range(start, end):
        if index in stops:
            return
        if index not in kept:
            yield Place(index, None)
