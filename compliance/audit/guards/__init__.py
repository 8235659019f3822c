"""The rules that the database itself enforces, on SQLite and PostgreSQL alike.

The most important one: rows of the record are inserted, never changed or deleted. Guards are
triggers, because no constraint can refuse an UPDATE or a DELETE. They also hold against a program
that writes to the database past the models; whoever owns the database can remove them, which
`faults` and the ledger show afterwards.

SQLite alters most columns by making the table anew, and drops the table's triggers with it. So
`install` runs after every migration.
"""

from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from compliance.audit.guards import constraints, postgresql, sqlite
from compliance.audit.guards.publications import COMMIT_GUARDS, PUBLICATION_GUARDS
from compliance.audit.guards.record import (
    append_only_guards,
    append_only_models,
    replacement_guards,
)
from compliance.audit.guards.tables import all_tables, kept_tables
from compliance.audit.guards.triggers import DatabaseTrigger, Guard
from compliance.audit.guards.working_copy import mirrors, working_copy_guards
from compliance.models.changesets import take_editing_lock

__all__ = ["append_only_models", "faults", "foreign", "guards", "install", "missing", "uninstall"]


def guards() -> list[Guard]:
    """Return every rule that both databases hold by a trigger."""
    return [*append_only_guards(), *working_copy_guards(), *PUBLICATION_GUARDS]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every guard, in place of those that the database has.

    Tables that do not exist are skipped: after a migration backwards there are fewer tables than
    models.
    """
    with transaction.atomic(using=connection.alias):  # so that no guard is ever away
        # Creating a trigger locks its table. An edit in progress, which has locked others, would
        # wait for this one and this one for it.
        take_editing_lock()
        uninstall(connection)
        with connection.cursor() as cursor:
            tables = set(connection.introspection.table_names(cursor))
        wanted = [trigger for trigger in _triggers(connection) if trigger.table in tables]
        _database(connection).create(connection, wanted)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Drop every guard: before a migration on SQLite, or before a test cleans up."""
    _database(connection).drop(connection)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the guards that the database lacks or has in another form, sorted.

    The definitions are compared, not only the names: a trigger of the right name that never fires
    guards nothing.
    """
    return _differences(connection)[0]


def foreign(connection: BaseDatabaseWrapper) -> list[str]:
    """Return a sentence for whatever others have put on or in place of the registry's tables."""
    return _foreign(connection, _differences(connection)[1])


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Return a sentence for each guard or constraint that is missing, and for what is foreign."""
    lacking, extra = _differences(connection)
    return [
        *(
            f"The guard {name} is missing. Run migrate, and find out who took it away."
            for name in lacking
        ),
        *_foreign(connection, extra),
        *constraints.faults(connection),
    ]


def _differences(connection: BaseDatabaseWrapper) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the names of the guards that are missing, and table and name of other triggers."""
    present = _database(connection).present(connection, all_tables())
    wanted = {
        (trigger.table, trigger.name): trigger.definition for trigger in _triggers(connection)
    }
    lacking = [key for key, definition in wanted.items() if present.get(key) != definition]
    return sorted(name for _, name in lacking), sorted(present.keys() - wanted.keys())


def _foreign(connection: BaseDatabaseWrapper, triggers: list[tuple[str, str]]) -> list[str]:
    return [
        *(
            f"{table} has the trigger {name}, which is not the registry's."
            " Find out who made it, and drop it."
            for table, name in triggers
        ),
        *_database(connection).altered_tables(connection, all_tables()),
    ]


def _database(connection: BaseDatabaseWrapper) -> Any:
    return sqlite if connection.vendor == "sqlite" else postgresql


def _triggers(connection: BaseDatabaseWrapper) -> list[DatabaseTrigger]:
    if connection.vendor == "sqlite":
        return list(sqlite.triggers([*guards(), *replacement_guards()]))
    schema = postgresql.schema(connection)
    return list(postgresql.triggers([*guards(), *COMMIT_GUARDS], kept_tables(), mirrors(), schema))
