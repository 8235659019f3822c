"""Which old item does a new one continue? Pure decisions over plain data."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Partners = list[int | None]

# Below this likeness (difflib's ratio) a changed note is another note; below this share of common providers a row
# whose models all changed is another row.
_ALIKE_NOTES = 0.6
_ALIKE_ROWS = 0.1
# Above this many comparisons nobody edited by hand, and only what is the same is matched.
_MOST_COMPARISONS = 2_500


@dataclass(frozen=True)
class Row:
    """What tells a listing: the models and providers in it, by whatever identifies them."""

    models: tuple[Hashable, ...]
    providers: tuple[Hashable, ...]


def align(
    old: Sequence[Hashable],
    new: Sequence[Hashable],
    *,
    in_place: bool = True,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Partners:
    """Return for each new item the index of the old one it continues, or None.

    The same item first, wherever it stands; then, `in_place`, one that stands where another stood: in order, or by
    the likeness of the old and new `names` where they are given ("GPT 4.2" continues "GPT 4.1", not "o4 mini").
    """

    def alike(i: int, j: int) -> float:
        return _likeness(names[0][i], names[1][j]) if names else 0

    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for index, item in enumerate(old):
        waiting[item].append(index)
    partners: Partners = [waiting[item].popleft() if waiting[item] else None for item in new]
    if not in_place:
        return partners
    for free, lacking in list(_gaps(partners, len(old))):
        if names and len(free) * len(lacking) <= _MOST_COMPARISONS:
            _pair_best(partners, free, lacking, alike, 0)
        else:
            for i, j in zip(free, lacking, strict=False):
                partners[j] = i
    return partners


def match_listings(old: Sequence[Row], new: Sequence[Row]) -> Partners:
    """Return for each new row the index of the old listing it continues, or None.

    First by the models they share, most first, then equal providers, then the nearest: of the parts of a split row
    the one with most of its models stays the listing. Then a row whose models were all replaced, between the same
    neighbours as before, by the share of providers they have in common.
    """
    partners: Partners = [None] * len(new)
    taken: set[int] = set()
    for _, _, _, j, i in sorted(_candidates(old, new), reverse=True):
        if partners[j] is None and i not in taken:
            partners[j] = i
            taken.add(i)
    for free, lacking in list(_gaps(partners, len(old))):
        _pair_best(
            partners,
            free,
            lacking,
            lambda i, j: _share(old[i].providers, new[j].providers),
            _ALIKE_ROWS,
        )
    return partners


def match_texts(old: Sequence[tuple[int, str]], new: Sequence[tuple[int, str]]) -> Partners:
    """Return for each new numbered text the index of the old one it continues, or None.

    The same text first, whatever its number; then a similar text; then the same number.
    """
    partners = align([text for _, text in old], [text for _, text in new], in_place=False)
    for likeness in (
        lambda i, j: _likeness(old[i][1], new[j][1]),
        lambda i, j: float(old[i][0] == new[j][0]),
    ):
        lacking = [j for j, partner in enumerate(partners) if partner is None]
        _pair_best(partners, _unpaired(partners, len(old)), lacking, likeness, _ALIKE_NOTES)
    return partners


def _candidates(
    old: Sequence[Row], new: Sequence[Row]
) -> Iterator[tuple[int, bool, int, int, int]]:
    rows_of: defaultdict[Hashable, set[int]] = defaultdict(set)
    for i, row in enumerate(old):
        for model in row.models:
            rows_of[model].add(i)
    for j, row in enumerate(new):
        shared = Counter(i for model in set(row.models) for i in rows_of[model])
        for i, count in shared.items():
            yield count, old[i].providers == row.providers, -abs(i - j), j, i


def _gaps(partners: Partners, olds: int) -> Iterator[tuple[list[int], list[int]]]:
    """Give the old and the new items that are left behind the same neighbour (or before all)."""
    left_over = _unpaired(partners, olds)
    free: defaultdict[int, list[int]] = defaultdict(list)
    lacking: defaultdict[int, list[int]] = defaultdict(list)
    before = -1
    for i in range(olds):
        if i in left_over:
            free[before].append(i)
        else:
            before = i
    before = -1
    for j, partner in enumerate(partners):
        if partner is None:
            lacking[before].append(j)
        else:
            before = partner
    yield from ((free[before], lacking[before]) for before in lacking if free[before])


def _pair_best(
    partners: Partners,
    free: Iterable[int],
    lacking: Iterable[int],
    likeness: Callable[[int, int], float],
    least: float,
) -> None:
    """Pair what is left, the likest first, down to the least likeness."""
    left, wanting = set(free), set(lacking)
    if len(left) * len(wanting) > _MOST_COMPARISONS:
        return
    pairs = ((likeness(i, j), -j, -i) for i in left for j in wanting)
    for like, minus_j, minus_i in sorted(pairs, reverse=True):
        if like >= least and -minus_j in wanting and -minus_i in left:
            partners[-minus_j] = -minus_i
            wanting.remove(-minus_j)
            left.remove(-minus_i)


def _unpaired(partners: Partners, olds: int) -> set[int]:
    return set(range(olds)).difference(partner for partner in partners if partner is not None)


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _share(old: Iterable[Hashable], new: Iterable[Hashable]) -> float:
    """Return how much of two sets is in both, 0 to 1."""
    return len(set(old) & set(new)) / (len(set(old) | set(new)) or 1)
