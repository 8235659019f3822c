"""What a guard is, and the trigger that holds it in a database."""

from collections.abc import Hashable
from dataclasses import dataclass

# The names of all guards begin with it, so that those of earlier versions are dropped too.
MARK = "guard_"


@dataclass(frozen=True)
class Guard:
    """A rule on one table: an event is refused if a condition over OLD and NEW is true.

    `event` is INSERT, UPDATE or DELETE, `condition` SQL that both databases understand; in it
    `MICROSECONDS(column)` stands for a moment as a whole number. Each table follows FROM or JOIN.
    The database raises an integrity error with `message`.
    """

    name: str
    table: str
    event: str
    condition: str
    message: str


@dataclass(frozen=True)
class CommitGuard(Guard):
    """A guard of INSERT that looks at the end of the transaction, when all rows are there.

    Only PostgreSQL can hold it, because SQLite has no deferred trigger. There `verify` finds it.
    """


@dataclass(frozen=True)
class Mirror:
    """A rule on a tracked table: at commit each written row equals its newest history row.

    Only PostgreSQL can hold it. It must wait for the end of the transaction, because the row is
    written before its history row, and SQLite has no deferred trigger. There `verify` finds it.
    """

    table: str
    history_table: str
    id_type: str


@dataclass(frozen=True)
class DatabaseTrigger:
    """A trigger of one database.

    `statements` create it. `definition` is what the database's catalogue holds of it afterwards: a
    trigger whose definition differs was tampered with.
    """

    name: str
    table: str
    statements: tuple[str, ...]
    definition: Hashable


def short(name: str) -> str:
    """Return a name as PostgreSQL keeps it, which cuts longer ones."""
    return name[:63]
