"""How one sequence becomes another, in little time however long both are."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TypeVar

# Above this many comparisons difflib takes noticeable time: longer sequences are first cut at the
# items that stand once in both.
_MOST_COMPARISONS = 40_000

EditStep = tuple[str, int, int, int, int]
_Ordered = TypeVar("_Ordered", int, tuple[int, int])


def edit_steps(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[EditStep]:
    """Return how one sequence becomes another, as difflib's opcodes.

    Long sequences are cut at the items that stand once in both; what is still too long to compare
    between two cuts is replaced as a whole.
    """
    return list(_merged(_steps(old, new, (0, len(old), 0, len(new)))))


def longest_rising(numbers: Sequence[_Ordered]) -> list[int]:
    """Return the indices of a longest strictly rising subsequence (patience sorting)."""
    lasts: list[_Ordered] = []
    ends: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(lasts, number)
        before.append(ends[length - 1] if length else -1)
        lasts[length : length + 1] = [number]
        ends[length : length + 1] = [index]
    run = [ends[-1]] if ends else []
    while run and before[run[-1]] >= 0:
        run.append(before[run[-1]])
    return run[::-1]


def moved_items(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Give the items that moved, each with the one before it in the new order, None for the first.

    They are the fewest whose moves make the new order. No item stands in a sequence twice.
    """
    old_places = {item: place for place, item in enumerate(old)}
    stayed = [index for index, item in enumerate(new) if item in old_places]
    settled = set(longest_rising([old_places[new[index]] for index in stayed]))
    for place, index in enumerate(stayed):
        if place not in settled:
            yield new[index], new[index - 1] if index else None


def is_reordered(old: Sequence[Hashable], new: Sequence[Hashable]) -> bool:
    """Return whether the items that are in both lists stand in another order."""
    on_both = set(old) & set(new)
    return [item for item in old if item in on_both] != [item for item in new if item in on_both]


def _steps(
    old: Sequence[Hashable], new: Sequence[Hashable], window: tuple[int, int, int, int]
) -> Iterator[EditStep]:
    i, i_end, j, j_end = window
    while i < i_end and j < j_end and old[i] == new[j]:
        yield "equal", i, i + 1, j, j + 1
        i, j = i + 1, j + 1
    tail = _equal_tail(old, new, (i, i_end, j, j_end))
    yield from _middle(old, new, (i, i_end - tail, j, j_end - tail))
    if tail:
        yield "equal", i_end - tail, i_end, j_end - tail, j_end


def _equal_tail(
    old: Sequence[Hashable], new: Sequence[Hashable], window: tuple[int, int, int, int]
) -> int:
    i, i_end, j, j_end = window
    tail = 0
    while tail < min(i_end - i, j_end - j) and old[i_end - tail - 1] == new[j_end - tail - 1]:
        tail += 1
    return tail


def _middle(
    old: Sequence[Hashable], new: Sequence[Hashable], window: tuple[int, int, int, int]
) -> Iterator[EditStep]:
    """Give the steps of a window that has no equal items at its start or end."""
    i, i_end, j, j_end = window
    if (i_end - i) * (j_end - j) <= _MOST_COMPARISONS:
        # autojunk would ignore frequent items, such as blanks, in sequences of 200 or more.
        matcher = SequenceMatcher(None, old[i:i_end], new[j:j_end], autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            yield kind, a + i, b + i, c + j, d + j
    elif anchors := _anchors(old, new, window):
        cuts = [(i, j), *anchors, (i_end, j_end)]
        for (a, c), (b, d) in pairwise(cuts):
            yield from _steps(old, new, (a, b, c, d))
    else:
        yield "replace", i, i_end, j, j_end


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], window: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """Return the indices of items that stand once in both windows and in the same order."""
    i, i_end, j, j_end = window
    old_index, new_index = _unique(old, i, i_end), _unique(new, j, j_end)
    pairs = [(index, new_index[item]) for item, index in old_index.items() if item in new_index]
    return [pairs[index] for index in longest_rising([second for _, second in pairs])]


def _unique(items: Sequence[Hashable], start: int, end: int) -> dict[Hashable, int]:
    """Return the index of each item that stands once between two indices, in order."""
    count = Counter(items[start:end])
    return {items[index]: index for index in range(start, end) if count[items[index]] == 1}


def _merged(parts: Iterator[EditStep]) -> Iterator[EditStep]:
    """Give the steps without empty ones, and neighbours of one kind as one step."""
    last: EditStep | None = None
    for step in parts:
        if step[1] == step[2] and step[3] == step[4]:
            continue
        if last and (last[0] == "equal") == (step[0] == "equal"):
            last = _step(last[0] == "equal", (last[1], step[2], last[3], step[4]))
            continue
        if last:
            yield last
        last = step
    if last:
        yield last


def _step(is_equal: bool, window: tuple[int, int, int, int]) -> EditStep:
    i, i_end, j, j_end = window
    if is_equal:
        return "equal", *window
    kind = "insert" if i == i_end else "delete" if j == j_end else "replace"
    return kind, *window
