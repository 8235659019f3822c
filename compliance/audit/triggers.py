"""Guards as triggers of SQLite and PostgreSQL: made, taken away, and compared with what the database holds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

MARK = "guard_"


@dataclass(frozen=True)
class Guard:
    """Refuse an event on a table where a condition over OLD and NEW holds; `message` is what the writer is told.

    In a condition `MICROSECONDS(column)` is a moment as a whole number.
    """

    name: str
    table: str
    event: str
    condition: str
    message: str


@dataclass(frozen=True)
class Mirror:
    """Refuse, at commit, a row of a table that is not its newest history row. SQLite has no deferred trigger."""

    table: str
    history_table: str
    id_type: str


@dataclass(frozen=True)
class Trigger:
    """A trigger of one database: its statements, and what the database tells of it once they were executed."""

    name: str
    table: str
    statements: tuple[str, ...]
    told: Any


def install(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> None:
    """Put triggers in place of every one that bears the mark; a table that is gone is passed over.

    Who migrates backwards has fewer tables than the models say.
    """
    uninstall(connection)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for trigger in triggers:
            for statement in trigger.statements if trigger.table in tables else ():
                cursor.execute(statement)


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Take away every trigger that bears the mark."""
    with connection.cursor() as cursor:
        for name, (table, _) in _present(connection).items():
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def missing(connection: BaseDatabaseWrapper, triggers: Iterable[Trigger]) -> list[str]:
    """Return the names of the triggers that the database does not hold, or holds otherwise than they were made."""
    present = _present(connection)
    return sorted(
        each.name for each in triggers if present.get(each.name) != (each.table, each.told)
    )


def of(
    vendor: str, guards: Iterable[Guard], append_only: Iterable[str], mirrors: Iterable[Mirror]
) -> Iterator[Trigger]:
    """Give the triggers of a database for guards, tables that are never emptied, and mirrored tables."""
    if vendor == "sqlite":
        yield from map(_sqlite, guards)
        return
    yield from map(_postgresql, guards)
    yield from map(_truncate, append_only)
    yield from map(_mirror, mirrors)


def _present(connection: BaseDatabaseWrapper) -> dict[str, tuple[str, Any]]:
    """Return the table and what else is told of each trigger that bears the mark, by name."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%%'"
            )
            return {name: (table, sql) for name, table, sql in cursor.fetchall()}
        cursor.execute(
            "SELECT tgname, tgrelid::regclass::text, tgtype::int, prosrc, tgqual IS NULL AND tgenabled = 'A',"
            " encode(tgargs, 'escape') FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE NOT tgisinternal AND tgname LIKE 'guard_%%'"
        )
        return {name: (table, tuple(told)) for name, table, *told in cursor.fetchall()}


def _short(name: str) -> str:
    return name[:63]  # PostgreSQL cuts longer names


_MICROSECONDS = {
    # Django leaves the fraction out where there is none.
    "sqlite": r"(CAST(strftime('%s', \1) AS INTEGER) * 1000000 + CAST(substr(\1 || '.000000', 21, 6) AS INTEGER))",
    "postgresql": r"(EXTRACT(EPOCH FROM \1) * 1000000)::bigint",
}


def _condition(guard: Guard, vendor: str) -> str:
    return re.sub(r"MICROSECONDS\(([\w.]+)\)", _MICROSECONDS[vendor], guard.condition)


def _sqlite(guard: Guard) -> Trigger:
    name = _short(guard.name)
    sql = (
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW"
        f" WHEN {_condition(guard, 'sqlite')} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )
    return Trigger(name, guard.table, (sql,), sql)


# What pg_trigger.tgtype is made of.
_ROW, _BEFORE, _TRUNCATE = 1, 2, 32
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16}


def _body(guard: Guard) -> str:
    row = "OLD" if guard.event == "DELETE" else "NEW"
    return f" BEGIN IF {_condition(guard, 'postgresql')} THEN {_raise(guard.message)} END IF; RETURN {row}; END "


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


def _postgresql(guard: Guard) -> Trigger:
    name, table, body = _short(guard.name), guard.table, _body(guard)
    statements = (
        _function(name, body),
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
        _always(table, name),
    )
    return Trigger(name, table, statements, (_ROW + _BEFORE + _EVENTS[guard.event], body, True, ""))


def _truncate(table: str) -> Trigger:
    name = _short(f"{MARK}{table}_truncate")
    body = f" BEGIN {_raise(f'{table}: a row of the record is never changed or deleted.')} END "
    statements = (
        _function(name, body),
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        _always(table, name),
    )
    return Trigger(name, table, statements, (_BEFORE + _TRUNCATE, body, True, ""))


_MIRRORED = """
DECLARE
    row_id text := COALESCE(to_jsonb(NEW), to_jsonb(OLD)) ->> 'id';
    stood jsonb;
    logged jsonb;
BEGIN
    -- The history knows no lock_version: it is no fact.
    EXECUTE format('SELECT to_jsonb(t) - ''lock_version'' FROM %I t WHERE id = $1::%s',
        TG_TABLE_NAME, TG_ARGV[1]) INTO stood USING row_id;
    EXECUTE format('SELECT to_jsonb(h) FROM %I h WHERE id = $1::%s ORDER BY history_id DESC LIMIT 1',
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


def _mirror(mirror: Mirror) -> Trigger:
    table, name = mirror.table, _short(f"{MARK}{mirror.table}_mirrored")
    statements = (
        _function("guard_mirrored", _MIRRORED),
        f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {table} DEFERRABLE INITIALLY DEFERRED"
        f" FOR EACH ROW EXECUTE FUNCTION guard_mirrored('{mirror.history_table}', '{mirror.id_type}')",
        _always(table, name),
    )
    arguments = "".join(f"{each}\\000" for each in (mirror.history_table, mirror.id_type))
    return Trigger(
        name, table, statements, (_ROW + sum(_EVENTS.values()), _MIRRORED, True, arguments)
    )


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"


def _always(table: str, name: str) -> str:
    return f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
