"""Match the items of a page with those that the working copy has.

An item that continues an old one keeps its record, and with it its history, its citations and its
public address. The functions decide on plain data, without the database.
"""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from compliance.page.matching import Keys, Partners, match_keys, match_sections
from compliance.page.table import Column, Section

# A column of a page, by the number of its section from 1 and its place in the table from 0.
ColumnPlace = tuple[int, int]

# Two texts less alike than this (difflib's ratio, 0 to 1) are two different notes.
_ALIKE_NOTES = 0.6
# Two rows without a model in common, which share less than this of their providers, are different.
_ALIKE_ROWS = 0.1
# Comparing all pairs takes quadratic time. With more pairs than this, which no edit by hand brings
# about, only equal items are matched.
_MOST_COMPARISONS = 2_500
# So many rows before and after a place are compared with the row that stands there now.
_NEAREST = 25


@dataclass(frozen=True)
class RowParties:
    """The models and providers of a listing, each by a value that identifies it.

    Where it has no models, `models` holds what names the row instead, and where the table has no
    providers, `providers` holds what else the row says. `section` identifies its table.
    """

    models: tuple[Hashable, ...]
    providers: tuple[Hashable, ...]
    section: Hashable = None


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

    Equal rows of the same table are matched first. Then those that share the most models, of those
    the ones in the same table, then with equal providers, then the nearest. So if a row was split,
    the part with most of its models stays the old listing. Rows whose models were all replaced are
    matched between the same neighbours, by the share of providers that they have in common.
    """
    partners = align(old, new, in_place=False)
    taken = {partner for partner in partners if partner is not None}
    for *_, j, i in sorted(_candidates(old, new, partners), reverse=True):
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


def match_columns(
    old: Sequence[Column],
    new: Sequence[Column],
    *,
    by_key: bool,
    told: Mapping[int, str | None] | None = None,
) -> Partners:
    """Return for each new column the index of the old one that it continues, or None.

    That is the one with its key, if `by_key`, else with its label. Then a person may have `told`
    for the index of a new column the key of the old one that it is, or None where it is none of
    them. Else it is the only one of its role that is left. A column with another role is another
    column.
    """
    told = told or {}
    partners = match_keys(_column_keys(old, by_key), _column_keys(new, by_key))
    for j, key in told.items():
        free = _unpaired(partners, len(old))
        same = [i for i in free if old[i].key == key and old[i].role is new[j].role]
        if partners[j] is None and same:
            partners[j] = same[0]
    free = _unpaired(partners, len(old))
    for role in {column.role for column in new}:
        left = [i for i in free if old[i].role is role]
        lacking = [j for j, column in enumerate(new) if partners[j] is None and column.role is role]
        if len(left) == len(lacking) == 1 and lacking[0] not in told:
            partners[lacking[0]] = left[0]
    return partners


@dataclass(frozen=True)
class FormerColumns:
    """What a new column of a page may have been before: columns whose labels the page lacks.

    `continued` is the one that an import takes it for if nobody tells otherwise.
    """

    candidates: tuple[Column, ...] = ()
    continued: Column | None = None


def former_columns(
    old: Sequence[Section], new: Sequence[Section]
) -> dict[ColumnPlace, FormerColumns]:
    """Return for each column of a page whose label is new in its table what it may have been."""
    found: dict[ColumnPlace, FormerColumns] = {}
    for number, (section, partner) in enumerate(zip(new, match_sections(old, new), strict=True), 1):
        columns = () if partner is None else old[partner].columns
        by_label = match_keys(_column_keys(columns, False), _column_keys(section.columns, False))
        continued = match_columns(columns, section.columns, by_key=False)
        candidates = tuple(columns[i] for i in sorted(_unpaired(by_label, len(columns))))
        for place, index in enumerate(continued):
            if by_label[place] is None:
                former = None if index is None else columns[index]
                found[number, place] = FormerColumns(candidates, former)
    return found


def _column_keys(columns: Sequence[Column], by_key: bool) -> list[Keys]:
    return [
        ((column.key, column.role) if by_key else None, (column.label, column.role))
        for column in columns
    ]


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
    old: Sequence[RowParties], new: Sequence[RowParties], partners: Partners
) -> Iterator[tuple[int, bool, bool, int, int, int]]:
    """Yield the pairs of unmatched rows that share a model, each with what makes it fit."""
    rows_of: defaultdict[Hashable, list[int]] = defaultdict(list)
    for i in sorted(_unpaired(partners, len(old))):
        for model in dict.fromkeys(old[i].models):
            rows_of[model].append(i)
    for j, row in enumerate(new):
        if partners[j] is not None:
            continue
        shared = Counter(i for model in set(row.models) for i in _nearest(rows_of[model], j))
        for i, count in shared.items():
            is_same_section = old[i].section == row.section
            has_same_providers = old[i].providers == row.providers
            yield count, is_same_section, has_same_providers, -abs(i - j), j, i


def _nearest(rows: Sequence[int], place: int) -> Sequence[int]:
    """Return the rows nearest to a place, of rows in order.

    A name may stand in very many rows: comparing each with each would take quadratic time.
    """
    middle = bisect_left(rows, place)
    return rows[max(0, middle - _NEAREST) : middle + _NEAREST]


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
