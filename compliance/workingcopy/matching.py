"""Match the items of a page with those that the working copy has.

An item that continues an old one keeps its record, and with it its history, its citations and its
public address. The functions decide on plain data, without the database.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# For each new item the index of the old one that it continues, None for one that is new.
Partners = list[int | None]

# Two texts less alike than this (difflib's ratio, 0 to 1) are two different notes.
_ALIKE_NOTES = 0.6
# Two rows without a model in common, which share less than this of their providers, are different.
_ALIKE_ROWS = 0.1
# Comparing all pairs takes quadratic time. With more pairs than this, which no edit by hand brings
# about, only equal items are matched.
_MOST_COMPARISONS = 2_500


@dataclass(frozen=True)
class RowParties:
    """The models and providers of a listing, each by a value that identifies it."""

    models: tuple[Hashable, ...]
    providers: tuple[Hashable, ...]


def align(
    old: Sequence[Hashable],
    new: Sequence[Hashable],
    *,
    in_place: bool = True,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Partners:
    """Return for each new item the index of the old one that it continues, or None.

    Equal items are matched first, wherever they stand. Then, if `in_place`, the items between the
    same neighbours are matched in order. If the `names` of old and new items are given, they are
    matched by the likeness of the names: "GPT 4.2" continues "GPT 4.1", not "o4 mini".
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


def match_listings(old: Sequence[RowParties], new: Sequence[RowParties]) -> Partners:
    """Return for each new row the index of the old listing that it continues, or None.

    Rows that share the most models are matched first, of those the ones with equal providers, then
    the nearest. So if a row was split, the part with most of its models stays the old listing. Rows
    whose models were all replaced are matched between the same neighbours, by the share of
    providers that they have in common.
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
    """Return for each new numbered text the index of the old one that it continues, or None.

    Equal texts are matched first, whatever their numbers, then similar texts, then equal numbers.
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
    old: Sequence[RowParties], new: Sequence[RowParties]
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
    """Yield the unmatched old and new items that follow the same matched item, or precede all."""
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
    """Match unmatched items, the most alike first, until the likeness falls below `least`."""
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
    """Return the share of the items that both have, from 0 to 1 (the Jaccard index)."""
    return len(set(old) & set(new)) / (len(set(old) | set(new)) or 1)
