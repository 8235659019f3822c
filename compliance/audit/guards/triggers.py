"""Guards as triggers of SQLite and PostgreSQL.

This module writes their SQL, creates and drops them, and compares them with what the database has.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# The names of all guards begin with it, so that `uninstall` finds those of earlier versions too.
MARK = "guard_"


@dataclass(frozen=True)
class Guard:
    """A rule on one table: an event is refused if a condition over OLD and NEW is true.

    `event` is INSERT, UPDATE or DELETE, `condition` SQL that both databases understand; in it
    `MICROSECONDS(column)` stands for a moment as a whole number. The database raises an
    integrity error with `message`.
    """

    name: str
    table: str
    event: str
    condition: str
    message: str


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

    `statements` create it. `definition` is how the database's catalogue describes it afterwards, in
    the form that `_present` reads: a trigger whose definition differs was tampered with.
    """

    name: str
    table: str
    statements: tuple[str, ...]
    definition: Any


def install(connection: BaseDatabaseWrapper, triggers: Iterable[DatabaseTrigger]) -> None:
    """Drop all guards, then create the given ones.

    Tables that do not exist are skipped: after a migration backwards there are fewer tables than
    models.
    """
    uninstall(connection)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for trigger in triggers:
            if trigger.table not in tables:
                continue
            for statement in trigger.statements:
                cursor.execute(statement)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger whose name begins with the mark."""
    with connection.cursor() as cursor:
        for name, (table, _) in _present(connection).items():
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def missing(connection: BaseDatabaseWrapper, triggers: Iterable[DatabaseTrigger]) -> list[str]:
    """Return the names of the triggers that the database lacks or has in another form, sorted.

    The definitions are compared, not only the names: a trigger of the right name whose condition is
    never true guards nothing.
    """
    present = _present(connection)
    return sorted(
        trigger.name
        for trigger in triggers
        if present.get(trigger.name) != (trigger.table, trigger.definition)
    )


def triggers_for(
    vendor: str, guards: Iterable[Guard], append_only: Iterable[str], mirrors: Iterable[Mirror]
) -> Iterator[DatabaseTrigger]:
    """Yield the triggers that hold all rules on a database ("sqlite" or "postgresql").

    `append_only` are the tables that nobody may empty by TRUNCATE, which SQLite does not have.
    """
    if vendor == "sqlite":
        yield from map(_sqlite, guards)
        return
    yield from map(_postgresql, guards)
    yield from map(_truncate, append_only)
    yield from map(_mirror, mirrors)


def _present(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, Any]]:
    """Return the table and the definition of each guard that the database has, by name."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, tbl_name, sql FROM sqlite_master"
                " WHERE type = 'trigger' AND name LIKE 'guard_%%'"
            )
            return {name: (table, sql) for name, table, sql in cursor.fetchall()}
        # tgenabled 'A' is ENABLE ALWAYS. A trigger with a WHEN clause (tgqual) might never fire.
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text, tgtype::int, prosrc,"
            " tgqual IS NULL AND tgenabled = 'A',"
            " encode(tgargs, 'escape') FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE NOT tgisinternal AND tgname LIKE 'guard_%%'"
        )
        return {name: (table, tuple(facts)) for name, table, *facts in cursor.fetchall()}


def _short(name: str) -> str:
    return name[:63]  # PostgreSQL cuts longer names, and then finds them under the short one only


_MICROSECONDS = {
    # SQLite keeps a moment as text, in which Django leaves out the fraction if it is zero.
    "sqlite": (
        r"(CAST(strftime('%s', \1) AS INTEGER) * 1000000"
        r" + CAST(substr(\1 || '.000000', 21, 6) AS INTEGER))"
    ),
    "postgresql": r"(EXTRACT(EPOCH FROM \1) * 1000000)::bigint",
}


def _condition(guard: Guard, vendor: str) -> str:
    return re.sub(r"MICROSECONDS\(([\w.]+)\)", _MICROSECONDS[vendor], guard.condition)


def _sqlite(guard: Guard) -> DatabaseTrigger:
    name = _short(guard.name)
    sql = (
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW"
        f" WHEN {_condition(guard, 'sqlite')} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )
    return DatabaseTrigger(name, guard.table, (sql,), sql)


# The bits of pg_trigger.tgtype (PostgreSQL's src/include/catalog/pg_trigger.h).
_ROW, _BEFORE, _TRUNCATE = 1, 2, 32
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16}


def _body(guard: Guard) -> str:
    row = "OLD" if guard.event == "DELETE" else "NEW"
    condition = _condition(guard, "postgresql")
    return f" BEGIN IF {condition} THEN {_raise(guard.message)} END IF; RETURN {row}; END "


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


def _postgresql(guard: Guard) -> DatabaseTrigger:
    name, table, body = _short(guard.name), guard.table, _body(guard)
    statements = (
        _function(name, body),
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()",
        _always(table, name),
    )
    return DatabaseTrigger(
        name, table, statements, (_ROW + _BEFORE + _EVENTS[guard.event], body, True, "")
    )


def _truncate(table: str) -> DatabaseTrigger:
    name = _short(f"{MARK}{table}_truncate")
    body = f" BEGIN {_raise(f'{table}: a row of the record is never changed or deleted.')} END "
    statements = (
        _function(name, body),
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        _always(table, name),
    )
    return DatabaseTrigger(name, table, statements, (_BEFORE + _TRUNCATE, body, True, ""))


_MIRRORED = """
DECLARE
    row_id text := COALESCE(to_jsonb(NEW), to_jsonb(OLD)) ->> 'id';
    stood jsonb;
    logged jsonb;
BEGIN
    -- The history knows no lock_version: it is no fact.
    EXECUTE format('SELECT to_jsonb(t) - ''lock_version'' FROM %I t WHERE id = $1::%s',
        TG_TABLE_NAME, TG_ARGV[1]) INTO stood USING row_id;
    EXECUTE format('SELECT to_jsonb(h) FROM %I h WHERE id = $1::%s\
 ORDER BY history_id DESC LIMIT 1',
        TG_ARGV[0], TG_ARGV[1]) INTO logged USING row_id;
    IF logged IS NULL
        OR (stood IS NULL) <> (logged ->> 'history_type' = '-')
        OR (stood IS NOT NULL AND NOT logged @> stood)
    THEN
        RAISE EXCEPTION '%: row % was written without its history.', TG_TABLE_NAME, row_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END """


def _mirror(mirror: Mirror) -> DatabaseTrigger:
    table, name = mirror.table, _short(f"{MARK}{mirror.table}_mirrored")
    statements = (
        _function("guard_mirrored", _MIRRORED),
        f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {table}"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        f" EXECUTE FUNCTION guard_mirrored('{mirror.history_table}', '{mirror.id_type}')",
        _always(table, name),
    )
    # How pg_trigger.tgargs reads once it is encoded: each argument ends with a zero byte.
    arguments = f"{mirror.history_table}\\000{mirror.id_type}\\000"
    definition = (_ROW + sum(_EVENTS.values()), _MIRRORED, True, arguments)
    return DatabaseTrigger(name, table, statements, definition)


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"


def _always(table: str, name: str) -> str:
    # Ordinary triggers do not fire while session_replication_role is "replica", which a superuser
    # may set for a session.
    return f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
