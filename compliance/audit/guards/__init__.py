"""The rules that the database itself enforces, on SQLite and PostgreSQL alike.

The most important one: rows of the record are inserted, never changed or deleted. Guards are
triggers, because no constraint can refuse an UPDATE or a DELETE. They also hold against a program
that writes to the database past the models; whoever owns the database can remove them, which
`missing` and the ledger show afterwards.

SQLite alters most columns by making the table anew, and drops the table's triggers with it. So
`install` runs after every migration.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from compliance.audit.guards import triggers
from compliance.audit.guards.publications import PUBLICATION_GUARDS
from compliance.audit.guards.record import append_only_guards, append_only_models
from compliance.audit.guards.triggers import DatabaseTrigger, Guard
from compliance.audit.guards.working_copy import mirrors, working_copy_guards

__all__ = ["append_only_models", "guards", "install", "missing", "uninstall"]


def guards() -> list[Guard]:
    """Return every rule that holds on both databases."""
    return [*append_only_guards(), *working_copy_guards(), *PUBLICATION_GUARDS]


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every guard, in place of those that the database has."""
    triggers.install(connection, _triggers(connection.vendor))


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Drop every guard: before a migration on SQLite, or before a test cleans up."""
    triggers.uninstall(connection)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the guards that the database lacks or has in another form, sorted."""
    return triggers.missing(connection, _triggers(connection.vendor))


def _triggers(vendor: str) -> Iterator[DatabaseTrigger]:
    tables = [model._meta.db_table for model in append_only_models()]
    return triggers.triggers_for(vendor, guards(), tables, mirrors())
