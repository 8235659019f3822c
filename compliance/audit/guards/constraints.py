"""The constraints of the app's tables, compared with those of the models.

Databases write conditions in their own words, so checks and unique indexes with a condition are
compared by name; keys, foreign keys, and what must not be empty by their columns.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CheckConstraint, Model, UniqueConstraint

# A constraint as both databases describe it: its kind, and its columns or its name.
Constraint = tuple[str, str]
CHECK, FOREIGN, NOT_NULL, UNIQUE, UNIQUE_INDEX = (
    "check", "foreign key of", "rule that asks for", "unique constraint on", "unique index",
)  # fmt: skip


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """Return a sentence for each constraint that a table of the app lacks."""
    present = _sqlite(connection) if connection.vendor == "sqlite" else _postgresql(connection)
    models = apps.get_app_config("compliance").get_models(include_auto_created=True)
    return [
        f"{table} lacks the {kind} {what}. Find out who took it away, and restore it."
        for model in models
        if (table := model._meta.db_table) in present
        for kind, what in sorted(set(_expected(model)) - present[table])
    ]


def _expected(model: type[Model]) -> Iterator[Constraint]:
    options = model._meta
    columns = {field.name: str(field.column) for field in options.local_concrete_fields}
    for field in options.local_concrete_fields:
        if not field.null:
            yield NOT_NULL, columns[field.name]
        if field.unique:
            yield UNIQUE, columns[field.name]
        if getattr(field, "db_constraint", False):
            yield FOREIGN, columns[field.name]
    for fields in options.unique_together:
        yield UNIQUE, _joined(columns[name] for name in fields)
    for constraint in options.constraints:
        if isinstance(constraint, CheckConstraint):
            yield CHECK, constraint.name
        elif isinstance(constraint, UniqueConstraint):
            if constraint.condition or constraint.expressions:
                yield UNIQUE_INDEX, constraint.name
            else:
                yield UNIQUE, _joined(columns[name] for name in constraint.fields)


def _joined(columns: Iterable[str]) -> str:
    return ", ".join(sorted(columns))


def _collected(rows: list[tuple[str, str, str]]) -> dict[str, set[Constraint]]:
    constraints = defaultdict(set)
    for table, kind, what in rows:
        constraints[table].add((kind, what))
    return constraints


def _postgresql(connection: BaseDatabaseWrapper) -> dict[str, set[Constraint]]:
    """Return the constraints by table; those that do not hold are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL)
        return _collected(cursor.fetchall())


_POSTGRESQL = f"""
    WITH tables AS (
        SELECT oid, relname FROM pg_catalog.pg_class WHERE relkind = 'r' AND relnamespace =
            (SELECT relnamespace FROM pg_catalog.pg_class
            WHERE oid = to_regclass('django_migrations'))
    )
    SELECT t.relname, '{NOT_NULL}', a.attname::text
    FROM pg_catalog.pg_attribute a JOIN tables t ON t.oid = a.attrelid
    WHERE a.attnum > 0 AND a.attnotnull
    UNION ALL
    SELECT t.relname, CASE c.contype WHEN 'c' THEN '{CHECK}' ELSE '{FOREIGN}' END,
        CASE c.contype WHEN 'c' THEN c.conname ELSE a.attname END
    FROM pg_catalog.pg_constraint c JOIN tables t ON t.oid = c.conrelid
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype IN ('c', 'f') AND c.convalidated
    UNION ALL
    SELECT t.relname,
        CASE WHEN i.indpred IS NULL AND i.indexprs IS NULL THEN '{UNIQUE}'
        ELSE '{UNIQUE_INDEX}' END,
        CASE WHEN i.indpred IS NULL AND i.indexprs IS NULL THEN
            (SELECT string_agg(a.attname, ', ' ORDER BY a.attname COLLATE "C")
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey))
        ELSE n.relname END
    FROM pg_catalog.pg_index i JOIN tables t ON t.oid = i.indrelid
    JOIN pg_catalog.pg_class n ON n.oid = i.indexrelid
    WHERE i.indisunique AND i.indisvalid
"""


def _sqlite(connection: BaseDatabaseWrapper) -> dict[str, set[Constraint]]:
    """Return the constraints by table."""
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE)
        rows = cursor.fetchall()
        # The columns of each index are sorted here: group_concat has no order of its own.
        cursor.execute(_SQLITE_UNIQUE)
        unique = [
            (table, UNIQUE, _joined(columns.split(","))) for table, columns in cursor.fetchall()
        ]
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql <> ''")
        checks = [
            (table, CHECK, name)
            for table, sql in cursor.fetchall()
            for name in re.findall(r'CONSTRAINT "(\w+)" CHECK', sql)
        ]
    return _collected([*rows, *unique, *checks])


_SQLITE = f"""
    SELECT m.name, '{NOT_NULL}', c.name FROM sqlite_master m, pragma_table_info(m.name) c
    WHERE m.type = 'table' AND (c."notnull" OR c.pk)
    UNION ALL
    SELECT m.name, '{UNIQUE}', c.name FROM sqlite_master m, pragma_table_info(m.name) c
    WHERE m.type = 'table' AND c.pk = 1
    UNION ALL
    SELECT m.name, '{FOREIGN}', f."from" FROM sqlite_master m, pragma_foreign_key_list(m.name) f
    WHERE m.type = 'table'
    UNION ALL
    SELECT m.name, '{UNIQUE_INDEX}', i.name FROM sqlite_master m, pragma_index_list(m.name) i
    WHERE m.type = 'table' AND i."unique"
"""
_SQLITE_UNIQUE = """
    SELECT m.name, group_concat(c.name)
    FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
    WHERE m.type = 'table' AND i."unique" AND NOT i.partial
    GROUP BY m.name, i.name HAVING count(*) = count(c.name)
"""
