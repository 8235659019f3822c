"""The histories of rows: what each was at a changeset, and which changesets edited it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

# The changeset before the first one: every edit that was ever made counts.
FROM_THE_BEGINNING = 0
# Places among others say nothing, and the same numbers come again by chance.
_PLACES = ("position",)
State = TypeVar("State")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RowHistory(Generic[State]):
    """The versions of one row, the oldest first: a changeset, and the state that it gave the row.

    The state is None where the changeset deleted the row. `values` are, for each version, all that
    the row said then, field by field; a state holds what is asked for of it.
    """

    versions: list[tuple[int, State | None]]
    values: list[tuple[Any, ...] | None] = field(default_factory=list)

    def at(self, changeset: int) -> State | None:
        """Return the state at the end of a changeset, None if the row was not there."""
        for edited_in, state in reversed(self.versions):
            if edited_in <= changeset:
                return state
        return None

    @property
    def now(self) -> State | None:
        """The state now, None if the row is deleted."""
        return self.versions[-1][1]

    @property
    def states(self) -> Iterator[State]:
        """The states that the row ever had."""
        return (state for _, state in self.versions if state is not None)

    def edits_after(self, changeset: int) -> set[int]:
        """Return the later changesets that edited the row."""
        return {edited_in for edited_in, _ in self.versions if edited_in > changeset}

    def unseen_edits(self, published: int) -> set[int]:
        """Return the changesets whose edits are news to readers of the row as of another one.

        Those are the later ones, and the earlier ones that wrote what the row said before, and not
        in what is published, and says again: it is theirs, whoever set it back. A removal counts
        like a text.
        """
        later = self.edits_after(published)
        return later | self._set_back(published) if later else set()

    def _set_back(self, published: int) -> set[int]:
        """Return the changesets up to another one that wrote what came back after it."""
        earlier = [
            (edited_in, values)
            for (edited_in, _), values in zip(self.versions, self.values, strict=True)
            if edited_in <= published
        ]
        shown = earlier[-1][1] if earlier else None
        latest = self.values[-1]
        if latest is None:
            return {edited_in for edited_in, values in earlier if values is None and shown}
        returned = [
            place for place, value in enumerate(latest) if shown is None or shown[place] != value
        ]
        found = set()
        previous: tuple[Any, ...] | None = None
        for edited_in, values in earlier:
            if values and any(_wrote(place, values, previous, latest) for place in returned):
                found.add(edited_in)
            previous = values
        return found

    def of(self, part: Callable[[State], Value]) -> "RowHistory[Value]":
        """Return the history of a part of the state, without the edits that left it as it was."""
        versions: list[tuple[int, Value | None]] = []
        for changeset, state in self.versions:
            value = None if state is None else part(state)
            if not versions or versions[-1][1] != value:
                versions.append((changeset, value))
        return RowHistory(versions, [_fields(value) for _, value in versions])

    def moves(self, place: Callable[[State], Value]) -> "RowHistory[Value]":
        """Return the history of the row's place, without its creation and its removals."""
        there = RowHistory([version for version in self.versions if version[1] is not None])
        places = there.of(place)
        return RowHistory(places.versions[1:], places.values[1:])


def read_histories(
    rows: QuerySet[Any], state: Callable[..., State], *columns: str
) -> dict[Any, RowHistory[State]]:
    """Return the histories of rows by their keys; `state` makes a state of the columns' values.

    `rows` are history rows. Takes one query.
    """
    histories: dict[Any, RowHistory[State]] = {}
    recorded = _recorded_fields(rows)
    names = list(dict.fromkeys((*columns, *recorded)))
    versions = rows.order_by("history_id").values_list("id", "changeset_id", "history_type", *names)
    for key, changeset, kind, *read in versions:
        history = histories.setdefault(key, RowHistory([]))
        values = dict(zip(names, read, strict=True))
        is_deleted = kind == "-"
        history.versions.append(
            (changeset, None if is_deleted else state(*(values[name] for name in columns)))
        )
        history.values.append(None if is_deleted else tuple(values[name] for name in recorded))
    return histories


def _recorded_fields(rows: QuerySet[Any]) -> list[str]:
    """Return the names of the fields that say something of a row."""
    fields = rows.model.tracked_fields
    names = [field.attname for field in fields if not field.primary_key]
    return [name for name in names if name not in _PLACES]


def _fields(value: Any) -> tuple[Any, ...] | None:
    return value if value is None or isinstance(value, tuple) else (value,)


def _wrote(
    place: int,
    values: Sequence[Any],
    previous: Sequence[Any] | None,
    latest: Sequence[Any],
) -> bool:
    """Return whether a version wrote in a field what the latest one says there.

    A new row writes nothing in a field that it leaves empty.
    """
    if values[place] != latest[place]:
        return False
    return bool(values[place]) if previous is None else previous[place] != values[place]


def ever(history: Any, condition: Q) -> QuerySet[Any]:
    """Return the whole history of the rows that ever met a condition."""
    keys = history.filter(condition).values("id")
    rows: QuerySet[Any] = history.filter(id__in=keys)
    return rows


def last_published(shown: set[int], *, is_printed: bool, if_hidden: int) -> int:
    """Return the last changeset whose edits of a row are no news to readers.

    `shown` are the changesets of which pages that show the row were published: what several of them
    show counts from the earliest. A row that is printed and was not shown counts whole, however
    long ago it was written. `if_hidden` is returned for a row that was not shown and is not
    printed.
    """
    if shown:
        return min(shown)
    return FROM_THE_BEGINNING if is_printed else if_hidden
