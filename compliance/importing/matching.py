"""Which old item does a new one continue? Pure decisions over plain data."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Partners = list[int | None]

# Below this likeness (difflib's ratio) a changed note is another note; above this many comparisons nobody would
# have renumbered by hand, and only exact texts are matched.
_ALIKE = 0.6
_MOST_COMPARISONS = 2_500


@dataclass(frozen=True)
class Row:
    """What tells a listing: the models and providers in it, by whatever identifies them."""

    models: tuple[Hashable, ...]
    providers: tuple[Hashable, ...]


def align(old: Sequence[Hashable], new: Sequence[Hashable], *, in_place: bool = True) -> Partners:
    """Return for each new item the index of the old one it continues, or None.

    The same item first, wherever it stands; then, `in_place`, one that stands where another stood.
    """
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for index, item in enumerate(old):
        waiting[item].append(index)
    partners: Partners = [waiting[item].popleft() if waiting[item] else None for item in new]
    if in_place:
        _pair_in_place(partners, len(old), lambda i, j: True)
    return partners


def match_listings(old: Sequence[Row], new: Sequence[Row]) -> Partners:
    """Return for each new row the index of the old listing it continues, or None.

    First by the models they share, most first, then equal providers, then the nearest: of the parts of a split row
    the one with most of its models stays the listing. Then a row whose models were all replaced, where it stood
    before and with a provider of before.
    """
    partners: Partners = [None] * len(new)
    taken: set[int] = set()
    for _, _, _, j, i in sorted(_candidates(old, new), reverse=True):
        if partners[j] is None and i not in taken:
            partners[j] = i
            taken.add(i)
    _pair_in_place(partners, len(old), lambda i, j: not set(old[i].providers).isdisjoint(new[j].providers))
    return partners


def match_texts(old: Sequence[tuple[int, str]], new: Sequence[tuple[int, str]]) -> Partners:
    """Return for each new numbered text the index of the old one it continues, or None.

    The same text first, whatever its number; then a similar text; then the same number.
    """
    partners = align([text for _, text in old], [text for _, text in new], in_place=False)
    _pair_best(partners, len(old), lambda i, j: _likeness(old[i][1], new[j][1]))
    _pair_best(partners, len(old), lambda i, j: float(old[i][0] == new[j][0]))
    return partners


def _candidates(old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[int, bool, int, int, int]]:
    rows_of: defaultdict[Hashable, set[int]] = defaultdict(set)
    for i, row in enumerate(old):
        for model in row.models:
            rows_of[model].add(i)
    for j, row in enumerate(new):
        shared = Counter(i for model in set(row.models) for i in rows_of[model])
        for i, count in shared.items():
            yield count, old[i].providers == row.providers, -abs(i - j), j, i


def _pair_in_place(partners: Partners, olds: int, fits: Callable[[int, int], bool]) -> None:
    """Pair what is left between the same neighbours, in order, where it fits."""
    left_over = _unpaired(partners, olds)
    free: defaultdict[int, list[int]] = defaultdict(list)
    before = -1
    for i in range(olds):
        if i in left_over:
            free[before].append(i)
        else:
            before = i
    used: Counter[int] = Counter()  # how many of a gap are behind the last one paired
    before = -1
    for j, partner in enumerate(list(partners)):
        if partner is not None:
            before = partner
            continue
        gap = free[before]
        place = next((place for place in range(used[before], len(gap)) if fits(gap[place], j)), None)
        if place is not None:
            partners[j] = gap[place]
            used[before] = place + 1


def _pair_best(partners: Partners, olds: int, likeness: Callable[[int, int], float]) -> None:
    left_over = _unpaired(partners, olds)
    lacking = [j for j, partner in enumerate(partners) if partner is None]
    if len(left_over) * len(lacking) > _MOST_COMPARISONS:
        return
    pairs = sorted(((likeness(i, j), -j, -i) for i in left_over for j in lacking), reverse=True)
    for like, j, i in pairs:
        if like >= _ALIKE and partners[-j] is None and -i in left_over:
            partners[-j] = -i
            left_over.remove(-i)


def _unpaired(partners: Partners, olds: int) -> set[int]:
    return set(range(olds)).difference(partner for partner in partners if partner is not None)


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new, autojunk=False).ratio()
