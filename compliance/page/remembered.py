"""What was computed of pages and of single rows, remembered while these stay as they are.

Snapshots are frozen, and successive ones of a register share whatever is equal in both
(`compliance.page.sharing`). So what follows from one listing and its columns is computed once, and
so is what follows from one or two snapshots: the same objects give the same results.
"""

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import wraps
from operator import is_not, ne, or_
from typing import Any, ParamSpec, TypeVar

from compliance.page.table import Column, Listing, Row

_P = ParamSpec("_P")
_T = TypeVar("_T")
# Values by the identity of a listing, with the listing: as long as it is here, no other has its id.
_Values = dict[int, tuple[Listing, tuple[Column, ...], Any]]
_values_of: dict[Callable[[Row], Any], _Values] = {}
# Values of rows that are no longer looked at are dropped beyond this number, or thrice that of the
# rows that are.
_FEWEST_VALUES = 5_000
# The last rows that a function was asked of, and what it gave for them.
_Parts = tuple[list[Listing], list[tuple[Column, ...]]]
_last: dict[Callable[[Row], Any], tuple[_Parts, list[Any]]] = {}


def values_of(function: Callable[[Row], _T], rows: Sequence[Row]) -> list[_T]:
    """Return what a function gives for each row; it may depend on the cells and columns alone.

    So not on the section's prose or its other listings, nor on anything that is not in the row.
    Neither the values nor their list may be changed afterwards. An equal list is the same object,
    so that what is computed from it by `by_identity` is computed once.
    """
    parts = listings, columns = _parts(tuple(rows))
    last_parts, last_values = _last.get(function, (([], []), []))
    if len(last_values) == len(listings):
        # Mostly the page is the same, or differs in a few rows that stand where they stood.
        differing = _differing(last_parts, parts)
        values = list(last_values)
    else:
        differing = range(len(listings))
        values = [None] * len(listings)
    known = _values_of.setdefault(function, {})
    for place in differing:
        listing, of_row = listings[place], columns[place]
        entry = known.get(id(listing))
        if entry is None or entry[0] is not listing or entry[1] != of_row:
            entry = (listing, of_row, function(rows[place]))
            known[id(listing)] = entry
        values[place] = entry[2]
    _Computed.count += len(differing)
    values = _kept(function, values)
    _last[function] = (parts, values)
    if len(known) > max(_FEWEST_VALUES, 3 * len(rows)):
        current = set(map(id, listings))
        _values_of[function] = {key: entry for key, entry in known.items() if key in current}
    return values


# The last lists of a function that differ from each other, the latest one first.
_lists: dict[Callable[[Row], Any], list[list[Any]]] = {}
_MOST_LISTS = 4


def _kept(function: Callable[[Row], Any], values: list[Any]) -> list[Any]:
    """Return an equal list that the function gave before, else this one."""
    lists = _lists.get(function, [])
    same = next((earlier for earlier in lists if earlier == values), values)
    others = [earlier for earlier in lists if earlier is not same]
    _lists[function] = [same, *others[: _MOST_LISTS - 1]]
    return same


class _Computed:
    """How many values were computed since everything was last settled."""

    count = 0


# So many values make the garbage collector slow.
_MANY = 5_000


def settle(count: int = 0) -> None:
    """Let the garbage collector pass over what is remembered, if that has become much.

    `count` is how many objects of pages were made besides. The collector walks through all objects
    that it knows, again and again, and pages hold a million of them: that took longer than the
    requests. What is remembered has no cycles, and is freed without it. Whatever else is alive at
    the moment is collected the next time that this is called.
    """
    _Computed.count += count
    if _Computed.count > _MANY:
        _Computed.count = 0
        gc.unfreeze()
        gc.collect()
        gc.freeze()


def rows_with(function: Callable[[Row], _T], rows: Sequence[Row]) -> list[tuple[Row, _T]]:
    """Return the rows for which a function gives something that is not empty, with that."""
    values = values_of(function, rows)
    return [(rows[place], values[place]) for place in _filled(values)]


def by_identity(size: int) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
    """Let a function remember its last results, by the identity of its arguments.

    The arguments and the result must never change. `size` is the number of results.
    """

    def remembering(function: Callable[_P, _T]) -> Callable[_P, _T]:
        # With the arguments: as long as they are here, no other objects have their ids.
        known: OrderedDict[tuple[Any, ...], tuple[Any, _T]] = OrderedDict()
        lock = threading.Lock()

        @wraps(function)
        def remembered(*arguments: _P.args, **named: _P.kwargs) -> _T:
            key = (*map(id, arguments), *((name, id(value)) for name, value in named.items()))
            with lock:
                if key in known:
                    known.move_to_end(key)
                    return known[key][1]
            result = function(*arguments, **named)
            with lock:
                known[key] = ((arguments, named), result)
                while len(known) > size:
                    known.popitem(last=False)
            return result

        return remembered

    return remembering


@by_identity(256)
def _filled(values: list[Any]) -> list[int]:
    """Return the places of the values that are not empty."""
    return [place for place, value in enumerate(values) if value]


@by_identity(16)
def _parts(rows: tuple[Row, ...]) -> _Parts:
    """Return the listings of rows, and the columns of each; the same object for the same rows."""
    return [row.listing for row in rows], [row.section.columns for row in rows]


@by_identity(16)
def _differing(last: _Parts, parts: _Parts) -> Sequence[int]:
    """Return the places at which equally many rows are not the same."""
    (last_listings, last_columns), (listings, columns) = last, parts
    are_others = map(or_, map(is_not, last_listings, listings), map(ne, last_columns, columns))
    return [place for place, is_other in enumerate(are_others) if is_other]
