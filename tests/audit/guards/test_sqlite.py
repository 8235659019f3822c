"""compliance.audit.guards.sqlite: nothing leads a guard elsewhere, and nothing alters one unseen."""

import pytest
from django.db import IntegrityError, connection, transaction

from compliance.audit import guards
from compliance.models import Decision
from tests.audit.guards.test_postgresql import own_approval  # noqa: F401
from tests.audit.test_guards import execute

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite"),
]
TABLE, GUARD = "compliance_decision", "guard_compliance_decision_update"
REFUSE = "BEGIN SELECT RAISE(ABORT, 'compliance_decision: a row of the record is never changed or deleted.'); END"


@pytest.fixture
def writable_schema():
    """Let the schema table be written, as anybody can who may write the file."""
    execute("PRAGMA writable_schema = ON")
    yield
    execute("PRAGMA writable_schema = OFF")


def test_temporary_tables_do_not_lead_a_guard_elsewhere(own_approval):  # noqa: F811
    execute(
        "CREATE TEMPORARY TABLE compliance_publication AS SELECT * FROM main.compliance_publication"
    )
    execute("UPDATE temp.compliance_publication SET submitted_by_id = NULL")

    with pytest.raises(IntegrityError, match="Nobody approves"), transaction.atomic():
        own_approval.save_base(raw=True, force_insert=True)

    execute("DROP TRIGGER guard_four_eyes")  # the control
    own_approval.save_base(raw=True, force_insert=True)
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "definition",
    [
        None,
        f"BEFORE UPDATE OF label ON {TABLE} FOR EACH ROW WHEN TRUE {REFUSE}",
        f"BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN FALSE {REFUSE}",
        f"AFTER UPDATE ON {TABLE} FOR EACH ROW WHEN TRUE {REFUSE}",
        f"BEFORE INSERT ON {TABLE} FOR EACH ROW WHEN TRUE {REFUSE}",
        f"BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN TRUE BEGIN SELECT 1; END",
    ],
)
def test_a_guard_in_another_form_is_named(definition):
    assert guards.faults(connection) == []

    execute(f"DROP TRIGGER {GUARD}")
    if definition:
        execute(f"CREATE TRIGGER {GUARD} {definition}")

    assert guards.missing(connection) == [GUARD]


@pytest.mark.parametrize(
    "change",
    ["sql = replace(sql, 'WHEN TRUE', 'WHEN FALSE')", "tbl_name = 'compliance_publication'", "type = 'index'"],
)  # fmt: skip
def test_a_guard_altered_in_the_schema_table_is_named(writable_schema, change):
    execute(f"UPDATE sqlite_master SET {change} WHERE name = '{GUARD}'")

    assert GUARD in guards.missing(connection)


@pytest.mark.parametrize("name", ["a", "zzz", "guard_zzz"])
def test_a_trigger_of_somebody_else_is_named(name):
    assert guards.foreign(connection) == []

    execute(
        f"CREATE TRIGGER {name} BEFORE INSERT ON Compliance_Decision BEGIN SELECT RAISE(IGNORE); END"
    )

    (sentence,) = guards.foreign(connection)
    assert sentence.startswith(f"{TABLE} has the trigger {name}, which is not the registry's.")


@pytest.mark.parametrize(
    ("instead", "sentence"),
    [
        (f"CREATE VIEW {TABLE} AS SELECT * FROM decisions", "is a view."),
        (f"CREATE VIRTUAL TABLE {TABLE} USING fts5(label)", "is a virtual table."),
    ],
)  # fmt: skip
def test_what_stands_in_place_of_a_table_is_named(instead, sentence):
    guards.uninstall(connection)
    execute(f"ALTER TABLE {TABLE} RENAME TO decisions")
    execute(instead)

    (fault,) = guards.foreign(connection)
    assert fault.startswith(f"{TABLE} {sentence}")
