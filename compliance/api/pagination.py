"""How lists are cut: `limit` entries, after the entry with the key `after`.

The key of an entry stays what it is, and tells its place. So a walk from `next` to `next` gives
every entry that is there all the time exactly once, whatever is published meanwhile.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from compliance.api.problems import BadParameter
from compliance.published.events import PublicationEvent

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
EVENT_ID = re.compile(r"[1-9][0-9]{0,8}(?:-withdrawn|-called_off)?")


@dataclass(frozen=True, slots=True)
class EntryKeys:
    """How the entries of a list are told apart: the key of an entry, and where to go on after one.

    `key_of` takes an entry and its index. `index_after` takes a key, and returns the index of the
    first entry behind it, whether or not an entry still has it.
    """

    key_of: Callable[[Any, int], Any]
    index_after: Callable[[str], int]


def numbered_from_end(numbers: Sequence[int]) -> EntryKeys:
    """Return the keys of a list of publications, the newest first: their numbers."""

    def index_after(key: str) -> int:
        last = whole_number("after", key)
        return sum(number >= last for number in numbers)

    return EntryKeys(lambda entry, index: numbers[index], index_after)


def by_event(selected: Sequence[PublicationEvent], events: Sequence[PublicationEvent]) -> EntryKeys:
    """Return the keys of some of a register's events, the newest first: their ids.

    `events` are all of them, because the last entry may no longer be selected.
    """

    def index_after(key: str) -> int:
        ids = [event.id for event in events]
        if key not in ids:
            raise BadParameter(f"after={key[:40]} is the id of no entry. Follow next as it is.")
        reached = set(ids[: ids.index(key) + 1])
        return sum(event.id in reached for event in selected)

    return EntryKeys(lambda entry, index: entry.id, index_after)


def in_order_of(names: Sequence[str]) -> EntryKeys:
    """Return the keys of a list in the order of names that stay."""
    return EntryKeys(
        lambda entry, index: names[index], lambda key: sum(name <= key for name in names)
    )


def by_index() -> EntryKeys:
    """Return the keys of a list that never changes: the place of each entry, from 1."""
    return EntryKeys(lambda entry, index: index + 1, lambda key: whole_number("after", key))


def paginated(
    request: Request,
    entries: Sequence[Any],
    keys: EntryKeys,
    *,
    make_shape: Callable[[Any], Any],
    publication: int | None = None,
) -> dict[str, Any]:
    """Return the part of a list that a request asks for; raises BadParameter.

    `publication` is the one that the whole list is of: it is named in the answer and in `next`.
    """
    limit = _read_limit(request)
    after = request.query_params.get("after")
    start = 0 if after is None else keys.index_after(after)
    part = entries[start : start + limit]
    following = None
    if start + limit < len(entries):
        last = start + len(part) - 1
        url = request.build_absolute_uri()
        if publication is not None:
            url = remove_query_param(url, "as_of")
            url = replace_query_param(url, "publication", publication)
        following = replace_query_param(url, "after", keys.key_of(entries[last], last))
    answer: dict[str, Any] = {} if publication is None else {"publication": publication}
    answer["count"] = len(entries)
    answer["next"] = following
    answer["results"] = [make_shape(entry) for entry in part]
    return answer


def _read_limit(request: Request) -> int:
    """Return how many entries a request asks for; raises BadParameter if not from 1 to 200."""
    limit = whole_number("limit", request.query_params.get("limit", str(DEFAULT_LIMIT)))
    if not 1 <= limit <= MAX_LIMIT:
        raise BadParameter(f"limit={limit} is out of range. Use a number from 1 to {MAX_LIMIT}.")
    return limit


def whole_number(name: str, value: str) -> int:
    """Return a parameter as a whole number; raises BadParameter."""
    if not WHOLE_NUMBER.fullmatch(value):
        raise BadParameter(f"{name}={value[:40]} is not a whole number of at most nine digits.")
    return int(value)
