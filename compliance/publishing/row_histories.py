"""The histories of rows: what each was at a changeset, and which changesets edited it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet

# The changeset before the first one: every edit that was ever made counts.
FROM_THE_BEGINNING = 0
State = TypeVar("State")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RowHistory(Generic[State]):
    """The versions of one row, the oldest first: a changeset, and the state that it gave the row.

    The state is None where the changeset deleted the row.
    """

    versions: list[tuple[int, State | None]]

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

    def of(self, part: Callable[[State], Value]) -> "RowHistory[Value]":
        """Return the history of a part of the state, without the edits that left it as it was."""
        versions: list[tuple[int, Value | None]] = []
        for changeset, state in self.versions:
            value = None if state is None else part(state)
            if not versions or versions[-1][1] != value:
                versions.append((changeset, value))
        return RowHistory(versions)

    def moves(self, place: Callable[[State], Value]) -> "RowHistory[Value]":
        """Return the history of the row's place, without its creation and its removals."""
        there = RowHistory([version for version in self.versions if version[1] is not None])
        return RowHistory(there.of(place).versions[1:])


def read_histories(
    rows: QuerySet[Any], state: Callable[..., State], *columns: str
) -> dict[Any, RowHistory[State]]:
    """Return the histories of rows by their keys; `state` makes a state of the columns' values.

    `rows` are history rows. Takes one query.
    """
    histories: dict[Any, RowHistory[State]] = {}
    versions = rows.order_by("history_id").values_list(
        "id", "changeset_id", "history_type", *columns
    )
    for key, changeset, kind, *values in versions:
        if key not in histories:
            histories[key] = RowHistory([])
        histories[key].versions.append((changeset, None if kind == "-" else state(*values)))
    return histories


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
