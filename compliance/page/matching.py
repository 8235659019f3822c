"""Which item of a list continues which earlier one."""

from collections import defaultdict, deque
from collections.abc import Hashable, Sequence

from compliance.page.table import Section

Keys = tuple[Hashable, ...]
# For each new item the index of the old one that it continues, None for one that is new.
Partners = list[int | None]


def match_keys(old: Sequence[Keys], new: Sequence[Keys]) -> Partners:
    """Return for each new item the index of the old one that it continues, None for an added one.

    Every item has the same number of keys, the most reliable first: items are paired by the first
    key, then what is left by the second, and so on. A key that is None pairs nothing.
    """
    continued: Partners = [None] * len(new)
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


def match_sections(old: Sequence[Section], new: Sequence[Section]) -> Partners:
    """Return for each new section the index of the old one that it continues, or None.

    That is the one with its id, else with its first heading, else with its column labels in their
    order, else the one in its place.
    """
    return match_keys(_section_keys(old), _section_keys(new))


def _section_keys(sections: Sequence[Section]) -> list[Keys]:
    return [
        (
            section.id,
            section.heading or None,
            tuple(column.label for column in section.columns) or None,
            place,
        )
        for place, section in enumerate(sections)
    ]
