"""compliance.audit.guards.postgresql: nothing leads a guard elsewhere, and nothing alters one unseen."""

import pytest
from django.db import IntegrityError, connection, transaction

from compliance.audit import guards
from compliance.models import Decision
from tests.audit.test_guards import NOON, publish

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL"),
]
TABLE, GUARD = "compliance_decision", "guard_compliance_decision_update"
# What the function was before its search path was pinned.
UNPINNED = """
    DO $do$ DECLARE source text := (SELECT prosrc FROM pg_proc WHERE proname = 'guard_four_eyes');
    BEGIN
        EXECUTE 'CREATE OR REPLACE FUNCTION guard_four_eyes() RETURNS trigger LANGUAGE plpgsql AS '
            || quote_literal(replace(source, 'public.', ''));
    END $do$
"""
TEMPORARY_TABLE = """
    CREATE TEMPORARY TABLE compliance_publication AS SELECT * FROM public.compliance_publication;
    UPDATE compliance_publication SET submitted_by_id = NULL
"""
OPERATOR = """
    CREATE SCHEMA elsewhere;
    CREATE FUNCTION elsewhere.never(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT false';
    CREATE OPERATOR elsewhere.= (FUNCTION = elsewhere.never, LEFTARG = bigint, RIGHTARG = bigint);
    SET LOCAL search_path = elsewhere, pg_catalog, public
"""


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def own_approval():
    """Return an approval by whoever submitted the publication, not yet inserted."""
    publication = publish(source="native", decide=False)
    return Decision(
        publication=publication, register=publication.register, kind="approved", at=NOON, label="tests",
        by=publication.submitted_by, number=1, effective_from=NOON,
        content_sha256=publication.content_sha256, approval_sha256=publication.approval_sha256,
    )  # fmt: skip


@pytest.mark.parametrize("attack", [TEMPORARY_TABLE, OPERATOR], ids=["table", "operator"])
def test_tables_and_operators_of_a_session_do_not_lead_a_guard_elsewhere(own_approval, attack):
    execute(attack)

    with pytest.raises(IntegrityError, match="Nobody approves"), transaction.atomic():
        own_approval.save_base(raw=True, force_insert=True)

    execute("SET LOCAL search_path = public")


@pytest.mark.parametrize(
    ("attack", "weakening"),
    [
        (TEMPORARY_TABLE, UNPINNED),
        (OPERATOR, "ALTER FUNCTION guard_four_eyes() RESET search_path"),
    ],
    ids=["table", "operator"],
)
def test_a_guard_without_a_search_path_of_its_own_is_led_elsewhere(own_approval, attack, weakening):
    execute(weakening)
    execute(attack)

    own_approval.save_base(raw=True, force_insert=True)

    execute("SET LOCAL search_path = public")
    assert Decision.objects.get().by == own_approval.publication.submitted_by


def again(definition, *, name=GUARD):
    return f"DROP TRIGGER {name} ON {TABLE}; CREATE TRIGGER {name} {definition}; ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name}"


@pytest.mark.parametrize(
    "tampering",
    [
        f"DROP TRIGGER {GUARD} ON {TABLE}",
        again(
            f"BEFORE UPDATE OF label ON {TABLE} FOR EACH ROW EXECUTE FUNCTION public.{GUARD}()"
        ),
        again(f"BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION public.{GUARD}()"),
        again(
            f"AFTER UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        ),
        again(
            f"BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN (false) EXECUTE FUNCTION public.{GUARD}()"
        ),
        again(
            f"BEFORE UPDATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION public.{GUARD}()"
        ),
        again(f"BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION guard_four_eyes()"),
        f"ALTER TABLE {TABLE} DISABLE TRIGGER {GUARD}",
        f"ALTER TABLE {TABLE} ENABLE TRIGGER {GUARD}",
        f"ALTER TABLE {TABLE} ENABLE REPLICA TRIGGER {GUARD}",
        f"ALTER FUNCTION {GUARD}() SET search_path = pg_temp, public",
        f"ALTER FUNCTION {GUARD}() RESET search_path",
        f"ALTER FUNCTION {GUARD}() SET session_replication_role = 'replica'",
        f"ALTER FUNCTION {GUARD}() SECURITY DEFINER",
        f"ALTER FUNCTION {GUARD}() STABLE",
        f"CREATE ROLE somebody; ALTER FUNCTION {GUARD}() OWNER TO somebody",
        f"CREATE OR REPLACE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NEW; END'",
        f"UPDATE pg_proc SET prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql') WHERE proname = '{GUARD}'",
    ],
)  # fmt: skip
def test_a_guard_in_another_form_is_named(tampering):
    assert guards.faults(connection) == []

    execute(tampering)

    assert guards.missing(connection) == [GUARD]


def test_a_mirror_that_looks_at_another_history_or_too_early_is_named():
    name = "guard_compliance_provider_mirrored"
    for definition in (
        "guard_mirrored('compliance_historicalaimodel', 'uuid')",
        "guard_mirrored('compliance_historicalprovider', 'bigint')",
    ):
        execute(
            f"DROP TRIGGER {name} ON compliance_provider; CREATE CONSTRAINT TRIGGER {name}"
            " AFTER INSERT OR UPDATE OR DELETE ON compliance_provider DEFERRABLE INITIALLY"
            f" IMMEDIATE FOR EACH ROW EXECUTE FUNCTION {definition};"
            f" ALTER TABLE compliance_provider ENABLE ALWAYS TRIGGER {name}"
        )

        assert guards.missing(connection) == [name]


@pytest.mark.parametrize("table", ["compliance_listing", "mfa_authenticator", "django_migrations"])
def test_no_table_but_sessions_and_counters_is_emptied(table):
    execute("TRUNCATE django_session, sign_in_counters")

    with pytest.raises(IntegrityError, match="never emptied"), transaction.atomic():
        execute(f"TRUNCATE {table} CASCADE")

    guards.uninstall(connection)  # the control
    execute(f"TRUNCATE {table} CASCADE")


FUNCTION = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"


@pytest.mark.parametrize("name", ["a", "zzz", "guard_zzz", GUARD])
def test_a_trigger_of_somebody_else_is_named(name):
    table = "compliance_listing"
    assert guards.foreign(connection) == []

    execute(
        f"{FUNCTION}; CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION nothing()"
    )

    (sentence,) = guards.foreign(connection)
    assert sentence.startswith(f"{table} has the trigger {name}, which is not the registry's.")


def test_a_trigger_that_passes_for_one_of_postgresql_is_named():
    execute(
        f"{FUNCTION}; CREATE CONSTRAINT TRIGGER a AFTER INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION nothing();"
        " UPDATE pg_trigger SET tgisinternal = true WHERE tgname = 'a'"
    )

    assert guards.foreign(connection)[0].startswith(f"{TABLE} has the trigger a, which is not")


@pytest.mark.parametrize(
    ("tampering", "sentence"),
    [
        (
            f"CREATE RULE quiet AS ON UPDATE TO {TABLE} DO INSTEAD NOTHING",
            f"{TABLE} has the rule quiet.",
        ),
        (
            f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY",
            f"{TABLE} has row security, which may hide rows.",
        ),
        (
            f"CREATE POLICY first_rows ON {TABLE} USING (number < 3)",
            f"{TABLE} has row security, which may hide rows.",
        ),
        (
            f"CREATE TABLE child () INHERITS ({TABLE})",
            f"child inherits from {TABLE}, so its rows are read as rows of that table.",
        ),
        (
            "ALTER TABLE compliance_ledgerentry SET UNLOGGED",
            "compliance_ledgerentry is emptied when the database crashes.",
        ),
        (
            f"CREATE ROLE somebody; ALTER TABLE {TABLE} OWNER TO somebody",
            f"{TABLE} belongs to the role somebody, and the other tables to {{user}}.",
        ),
        (
            f"CREATE TEMPORARY TABLE {TABLE} (id bigint)",
            f"The name {TABLE} leads to pg_temp",
        ),
        (
            f"CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.{TABLE} (id bigint); SET LOCAL search_path = elsewhere, public",
            f"The name {TABLE} leads to elsewhere.{TABLE}, not to the table that has the guards.",
        ),
        (
            f"ALTER TABLE {TABLE} RENAME TO decisions; CREATE VIEW {TABLE} AS SELECT * FROM decisions",
            f"{TABLE} is no ordinary table.",
        ),
    ],
)  # fmt: skip
def test_what_hides_rows_or_stands_in_place_of_a_table_is_named(tampering, sentence):
    user = connection.settings_dict["USER"]
    assert guards.foreign(connection) == []

    execute(tampering)

    assert any(
        fault.startswith(sentence.format(user=user)) for fault in guards.foreign(connection)
    ), guards.foreign(connection)


def test_constraints_whose_triggers_are_disabled_are_named():
    execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL")

    foreign = guards.foreign(connection)

    assert all(f"{TABLE} does not hold its constraint " in sentence for sentence in foreign)
    assert any("publication_id" in sentence for sentence in foreign)


def test_installing_mends_a_guard_whatever_was_done_to_it():
    execute(
        f"ALTER FUNCTION {GUARD}() SECURITY DEFINER; ALTER FUNCTION {GUARD}() RESET search_path"
    )
    execute(f"CREATE ROLE somebody; ALTER FUNCTION {GUARD}() OWNER TO somebody")
    assert guards.missing(connection) == [GUARD]

    guards.install(connection)

    assert guards.faults(connection) == []
