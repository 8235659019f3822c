"""Guards as triggers of SQLite: their SQL, and what the schema table holds of them."""

import re
from collections.abc import Collection, Iterable, Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

from compliance.audit.guards.triggers import MARK, DatabaseTrigger, Guard, short

# SQLite keeps a moment as text, in which Django leaves out the fraction if it is zero.
_MICROSECONDS = (
    r"(CAST(strftime('%s', \1) AS INTEGER) * 1000000"
    r" + CAST(substr(\1 || '.000000', 21, 6) AS INTEGER))"
)


def triggers(guards: Iterable[Guard]) -> Iterator[DatabaseTrigger]:
    """Yield the trigger of each guard."""
    for guard in guards:
        name = short(guard.name)
        condition = re.sub(r"MICROSECONDS\(([\w.]+)\)", _MICROSECONDS, guard.condition)
        sql = (
            f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW"
            f" WHEN {condition} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
        )
        yield DatabaseTrigger(name, guard.table, (sql,), sql)


def present(connection: BaseDatabaseWrapper, tables: Collection[str]) -> dict[tuple[str, str], str]:
    """Return the SQL of each trigger of some tables, by table and name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        # A trigger keeps the name of its table as it was written: case makes no difference.
        rows = [(table.lower(), name, sql) for table, name, sql in cursor.fetchall()]
    return {(table, name): sql for table, name, sql in rows if table in tables}


def create(connection: BaseDatabaseWrapper, wanted: Iterable[DatabaseTrigger]) -> None:
    """Create some triggers."""
    with connection.cursor() as cursor:
        for trigger in wanted:
            for statement in trigger.statements:
                cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger whose name begins with the mark."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, %s) = %s",
            [len(MARK), MARK],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")


def altered_tables(connection: BaseDatabaseWrapper, tables: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each table that is no ordinary table any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(name), type, sql FROM sqlite_master ORDER BY name")
        rows = cursor.fetchall()
    for name, kind, sql in rows:
        if name not in tables:
            continue
        if kind == "view":
            yield f"{name} is a view. Find out who put it in place of the table."
        elif kind == "table" and not re.match(r"CREATE TABLE\b", sql):
            yield f"{name} is a virtual table. Find out who put it in place of the table."
