"""compliance.audit.guards.constraints: a constraint that a table of the app lacks is named."""

import pytest
from django.db import connection

from compliance.audit import guards
from compliance.models import Decision

pytestmark = pytest.mark.django_db
TABLE = "compliance_decision"
CHECK = next(c.name for c in Decision._meta.constraints if "Check" in type(c).__name__)


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")
@pytest.mark.parametrize(
    ("tampering", "lacking"),
    [
        (f"ALTER TABLE {TABLE} DROP CONSTRAINT {CHECK}", f"check {CHECK}"),
        (f"ALTER TABLE {TABLE} DROP CONSTRAINT {CHECK}, ADD CONSTRAINT {CHECK} CHECK (true) NOT VALID", f"check {CHECK}"),
        (f"ALTER TABLE {TABLE} ALTER COLUMN content_sha256 DROP NOT NULL", "rule that asks for content_sha256"),
        ("ALTER TABLE compliance_publishedfile DROP CONSTRAINT {key}", "unique constraint on format, publication_id"),
        (f"ALTER TABLE {TABLE} DROP CONSTRAINT {{reference}}", "foreign key of publication_id"),
    ],
)  # fmt: skip
def test_a_constraint_taken_away_on_postgresql_is_named(tampering, lacking):
    assert guards.faults(connection) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contype, conname FROM pg_constraint WHERE (conrelid = 'compliance_publishedfile'::regclass"
            " AND contype = 'u') OR (conrelid = 'compliance_decision'::regclass AND contype = 'f'"
            " AND confrelid = 'compliance_publication'::regclass)"
        )
        names = dict(cursor.fetchall())

    execute(tampering.format(key=names["u"], reference=names["f"]))

    table = "compliance_publishedfile" if "publishedfile" in tampering else TABLE
    assert guards.faults(connection) == [
        f"{table} lacks the {lacking}. Find out who took it away, and restore it."
    ]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
@pytest.mark.parametrize(
    ("table", "old", "new", "lacking"),
    [
        (TABLE, f'CONSTRAINT "{CHECK}" CHECK', f'CONSTRAINT "x{CHECK}" CHECK', f"check {CHECK}"),
        (TABLE, '"content_sha256" varchar(64) NOT NULL', '"content_sha256" varchar(64)', "rule that asks for content_sha256"),
        (TABLE, 'REFERENCES "compliance_publication" ("id") DEFERRABLE INITIALLY DEFERRED', "", "foreign key of publication_id"),
    ],
)  # fmt: skip
def test_a_constraint_taken_out_of_the_schema_table_of_sqlite_is_named(table, old, new, lacking):
    assert guards.faults(connection) == []

    try:
        execute(
            "PRAGMA writable_schema = ON",
            f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}') WHERE name = '{table}'",
            "PRAGMA schema_version = 99999",
        )

        assert guards.faults(connection) == [
            f"{table} lacks the {lacking}. Find out who took it away, and restore it."
        ]
    finally:
        execute("PRAGMA writable_schema = OFF")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_a_unique_index_dropped_on_sqlite_is_named():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name LIKE 'compliance_%%'"
            " AND sql LIKE 'CREATE UNIQUE INDEX%%'"
        )
        name = cursor.fetchone()[0]

    execute(f"DROP INDEX {name}")

    (fault,) = guards.faults(connection)
    assert " lacks the unique " in fault
