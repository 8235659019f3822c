"""Guards as triggers of PostgreSQL: their SQL, and what its catalogue holds of them.

Each function has a search path of its own without the schema of the tables, so its operators are
PostgreSQL's, and names every table with its schema. Otherwise a session could put temporary tables
or operators of its own in front of those that a guard means to read.

The catalogue is read by its columns, which are the same in every version since 13, and not in the
wording of `pg_get_triggerdef`. Its tables are named with their schema, for the same reason.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper

from compliance.audit.guards.triggers import (
    MARK,
    CommitGuard,
    DatabaseTrigger,
    Guard,
    Mirror,
    short,
)

_MICROSECONDS = r"(EXTRACT(EPOCH FROM \1) * 1000000)::bigint"
# The bits of pg_trigger.tgtype (PostgreSQL's src/include/catalog/pg_trigger.h).
_ROW, _BEFORE, _TRUNCATE = 1, 2, 32
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16}


class Definition(NamedTuple):
    """What the catalogue holds of a trigger and its function.

    The fields stand in the order of the columns of `_TRIGGERS`.
    """

    type: int  # before or after, for each row or statement, and the events
    arguments: str
    is_deferred_constraint: bool
    function: str
    source: str
    columns: str = ""  # of UPDATE OF
    is_unconditional: bool = True  # has no WHEN
    enabled: str = "A"  # always: also while session_replication_role is "replica"
    language: str = "plpgsql"
    configuration: tuple[str, ...] = ("search_path=pg_catalog, pg_temp",)
    is_security_definer: bool = False
    volatility: str = "v"
    is_trigger_function: bool = True
    is_in_schema_of_table: bool = True
    is_owned_as_the_table: bool = True


_TRIGGERS = """
    SELECT c.relname, t.tgname,
        t.tgtype::int, encode(t.tgargs, 'escape'), t.tgdeferrable AND t.tginitdeferred,
        p.proname, p.prosrc, t.tgattr::text, t.tgqual IS NULL, t.tgenabled::text, l.lanname,
        COALESCE(p.proconfig, '{}'), p.prosecdef, p.provolatile::text,
        p.prokind = 'f' AND p.pronargs = 0 AND p.prorettype = 'pg_catalog.trigger'::regtype,
        p.pronamespace = c.relnamespace, p.proowner = c.relowner
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE c.relnamespace = %s::regnamespace AND c.relname = ANY(%s)
    -- Foreign keys and deferred constraints are held by triggers of PostgreSQL's own.
    AND NOT (t.tgisinternal AND t.tgconstraint <> 0
        AND p.pronamespace = 'pg_catalog'::regnamespace)
"""


def schema(connection: BaseDatabaseWrapper) -> str:
    """Return the schema in which the tables are made, quoted where its name asks for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(n.nspname) FROM pg_catalog.pg_namespace n WHERE n.oid = COALESCE("
            "(SELECT c.relnamespace FROM pg_catalog.pg_class c"
            " WHERE c.oid = to_regclass('django_migrations')),"
            " (SELECT m.oid FROM pg_catalog.pg_namespace m WHERE m.nspname = current_schema()))"
        )
        (name,) = cursor.fetchone()
    return str(name)


def triggers(
    guards: Iterable[Guard], kept: Iterable[str], mirrors: Iterable[Mirror], schema: str
) -> Iterator[DatabaseTrigger]:
    """Yield the trigger of each rule; `kept` are the tables that TRUNCATE may not empty."""
    for guard in guards:
        yield (
            _commit_guard(guard, schema)
            if isinstance(guard, CommitGuard)
            else _guard(guard, schema)
        )
    for table in kept:
        yield _kept(table, schema)
    for mirror in mirrors:
        yield _mirror(mirror, schema)


def present(
    connection: BaseDatabaseWrapper, tables: Collection[str]
) -> dict[tuple[str, str], Definition]:
    """Return the definition of each trigger of some tables, by table and name."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS, [schema(connection), list(tables)])
        rows = cursor.fetchall()
    return {(table, name): _definition(facts) for table, name, *facts in rows}


def _definition(facts: list[object]) -> Definition:
    definition = Definition(*facts)  # type: ignore[arg-type]
    return definition._replace(configuration=tuple(definition.configuration))


def create(connection: BaseDatabaseWrapper, wanted: Iterable[DatabaseTrigger]) -> None:
    """Create some triggers and their functions."""
    statements = [statement for trigger in wanted for statement in trigger.statements]
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(";\n".join(dict.fromkeys(statements)))


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger and every function whose name begins with the mark.

    The functions too, because a function that is replaced keeps its owner.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('DROP TRIGGER %%I ON %%s', t.tgname, t.tgrelid::regclass)"
            " FROM pg_catalog.pg_trigger t"
            " WHERE NOT t.tgisinternal AND starts_with(t.tgname::text, %s)",
            [MARK],
        )
        statements = [statement for (statement,) in cursor.fetchall()]
        cursor.execute(
            "SELECT format('DROP FUNCTION %%s', p.oid::regprocedure) FROM pg_catalog.pg_proc p"
            " WHERE p.pronamespace = %s::regnamespace AND p.prokind = 'f'"
            " AND starts_with(p.proname::text, %s)",
            [schema(connection), MARK],
        )
        statements += [statement for (statement,) in cursor.fetchall()]
        if statements:
            cursor.execute(";\n".join(statements))


def altered_tables(connection: BaseDatabaseWrapper, tables: Collection[str]) -> Iterator[str]:
    """Yield a sentence for whatever keeps the guards of a table from seeing what it holds."""
    where: dict[str, Any] = {"schema": schema(connection), "tables": list(tables)}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, where)
        for row in cursor.fetchall():
            yield from _table_faults(*row)
        cursor.execute(_ATTACHED, where)
        for (sentence,) in cursor.fetchall():
            yield f"{sentence} Find out who did it, and undo it."


_TABLES = """
    SELECT c.relname, format('%%I.%%I', vn.nspname, v.relname), v.oid = c.oid,
        c.relkind::text, c.relpersistence::text, c.relowner::regrole::text,
        m.relowner::regrole::text
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_class v ON v.oid = to_regclass(quote_ident(c.relname))
    JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace
    JOIN pg_catalog.pg_class m
        ON m.relname = 'django_migrations' AND m.relnamespace = c.relnamespace
    WHERE c.relnamespace = %(schema)s::regnamespace AND c.relname = ANY(%(tables)s)
    ORDER BY c.relname
"""


def _table_faults(
    table: str, visible: str, is_visible: bool, kind: str, persistence: str, owner: str, others: str
) -> Iterator[str]:
    """Yield what is wrong with a table itself.

    `visible` is what its name leads to in this session, `others` who owns the other tables.
    """
    if not is_visible:
        yield (
            f"The name {table} leads to {visible}, not to the table that has the guards. Find out"
            " who made it, and drop it or set the search path right."
        )
    if kind != "r":
        yield f"{table} is no ordinary table. Find out who put it in place of the table."
    elif persistence != "p":
        yield f"{table} is emptied when the database crashes. Run ALTER TABLE {table} SET LOGGED."
    if owner != others:
        yield (
            f"{table} belongs to the role {owner}, and the other tables to {others}."
            " Run deploy/roles.sql."
        )


# Rules and policies change or hide what is read and written, and rows of a child table are read as
# rows of the parent, whose triggers they never met. Event triggers are left out: they run when
# tables are altered, not when rows are written, and hosts of databases have their own.
_ATTACHED = """
    SELECT format('%%s has the rule %%s.', c.relname, r.rulename)
    FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
    WHERE c.relkind <> 'v'
    AND c.relnamespace = %(schema)s::regnamespace AND c.relname = ANY(%(tables)s)
    UNION ALL
    SELECT format('%%s has row security, which may hide rows.', c.relname)
    FROM pg_catalog.pg_class c
    WHERE (c.relrowsecurity OR c.relforcerowsecurity
        OR EXISTS (SELECT FROM pg_catalog.pg_policy y WHERE y.polrelid = c.oid))
    AND c.relnamespace = %(schema)s::regnamespace AND c.relname = ANY(%(tables)s)
    UNION ALL
    SELECT format('%%s inherits from %%s, so its rows are read as rows of that table.',
        i.inhrelid::regclass, c.relname)
    FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent
    WHERE c.relnamespace = %(schema)s::regnamespace AND c.relname = ANY(%(tables)s)
    UNION ALL
    SELECT format('%%s does not hold its constraint %%s: a trigger of it is disabled.',
        c.relname, k.conname)
    FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    WHERE t.tgisinternal AND t.tgenabled NOT IN ('O', 'A')
    AND c.relnamespace = %(schema)s::regnamespace AND c.relname = ANY(%(tables)s)
    ORDER BY 1
"""


def _condition(guard: Guard, schema: str) -> str:
    qualified = re.sub(r"\b(FROM|JOIN) (\w+)", rf"\1 {schema}.\2", guard.condition)
    return re.sub(r"MICROSECONDS\(([\w.]+)\)", _MICROSECONDS, qualified)


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


def _guard(guard: Guard, schema: str) -> DatabaseTrigger:
    name, table = short(guard.name), guard.table
    row = "OLD" if guard.event == "DELETE" else "NEW"
    body = (
        f" BEGIN IF {_condition(guard, schema)} THEN {_raise(guard.message)} END IF;"
        f" RETURN {row}; END "
    )
    statements = (
        _function(f"{schema}.{name}", body),
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {schema}.{table}"
        f" FOR EACH ROW EXECUTE FUNCTION {schema}.{name}()",
        _always(f"{schema}.{table}", name),
    )
    definition = Definition(_ROW + _BEFORE + _EVENTS[guard.event], "", False, name, body)
    return DatabaseTrigger(name, table, statements, definition)


def _commit_guard(guard: CommitGuard, schema: str) -> DatabaseTrigger:
    name, table = short(guard.name), guard.table
    body = (
        f" BEGIN IF {_condition(guard, schema)} THEN {_raise(guard.message)} END IF;"
        " RETURN NULL; END "
    )
    statements = (
        _function(f"{schema}.{name}", body),
        f"CREATE CONSTRAINT TRIGGER {name} AFTER {guard.event} ON {schema}.{table}"
        f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {schema}.{name}()",
        _always(f"{schema}.{table}", name),
    )
    definition = Definition(_ROW + _EVENTS[guard.event], "", True, name, body)
    return DatabaseTrigger(name, table, statements, definition)


_KEPT = """
BEGIN
    RAISE EXCEPTION '%: a table of the registry is never emptied.', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END """


def _kept(table: str, schema: str) -> DatabaseTrigger:
    name, function = short(f"{MARK}{table}_truncate"), f"{MARK}truncate"
    statements = (
        _function(f"{schema}.{function}", _KEPT),
        f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {schema}.{table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {schema}.{function}()",
        _always(f"{schema}.{table}", name),
    )
    return DatabaseTrigger(
        name, table, statements, Definition(_BEFORE + _TRUNCATE, "", False, function, _KEPT)
    )


_MIRRORED = """
DECLARE
    row_id text := COALESCE(to_jsonb(NEW), to_jsonb(OLD)) ->> 'id';
    stood jsonb;
    logged jsonb;
BEGIN
    -- The history knows no lock_version: it is no fact.
    EXECUTE format('SELECT to_jsonb(t) - ''lock_version'' FROM %I.%I t WHERE id = $1::%s',
        TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_ARGV[1]) INTO stood USING row_id;
    EXECUTE format('SELECT to_jsonb(h) FROM %I.%I h WHERE id = $1::%s\
 ORDER BY history_id DESC LIMIT 1',
        TG_TABLE_SCHEMA, TG_ARGV[0], TG_ARGV[1]) INTO logged USING row_id;
    IF logged IS NULL
        OR (stood IS NULL) <> (logged ->> 'history_type' = '-')
        OR (stood IS NOT NULL AND NOT logged @> stood)
    THEN
        RAISE EXCEPTION '%: row % was written without its history.', TG_TABLE_NAME, row_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END """


def _mirror(mirror: Mirror, schema: str) -> DatabaseTrigger:
    table, name = mirror.table, short(f"{MARK}{mirror.table}_mirrored")
    function = f"{MARK}mirrored"
    statements = (
        _function(f"{schema}.{function}", _MIRRORED),
        f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE ON {schema}.{table}"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        f" EXECUTE FUNCTION {schema}.{function}('{mirror.history_table}', '{mirror.id_type}')",
        _always(f"{schema}.{table}", name),
    )
    # How pg_trigger.tgargs reads once it is encoded: each argument ends with a zero byte.
    arguments = f"{mirror.history_table}\\000{mirror.id_type}\\000"
    definition = Definition(_ROW + sum(_EVENTS.values()), arguments, True, function, _MIRRORED)
    return DatabaseTrigger(name, table, statements, definition)


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = pg_catalog, pg_temp AS $${body}$$"
    )


def _always(table: str, name: str) -> str:
    # Ordinary triggers do not fire while session_replication_role is "replica", which a superuser
    # may set for a session.
    return f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
