"""compliance.audit.database_roles and deploy/roles.sql: what each role can do on PostgreSQL."""

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.utils import ConnectionHandler

from compliance.audit import database_roles, guards

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles"),
]


@dataclass(frozen=True)
class Installation:
    """A database whose tables the owner has made, and the published store beside it."""

    database: str
    owner: str
    application: str
    published: Path

    def url(self, role: str) -> str:
        server = connection.settings_dict
        return f"postgres://{role}:only-for-tests@{server['HOST']}:{server['PORT'] or 5432}/{self.database}"

    @contextmanager
    def connection(self, role: str):
        """Open a connection of Django's as a role."""
        own = {**connection.settings_dict, "NAME": self.database, "OPTIONS": {}}
        if role != own["USER"]:
            own |= {"USER": role, "PASSWORD": "only-for-tests"}
        as_role = ConnectionHandler({"default": own})["default"]
        try:
            yield as_role
        finally:
            as_role.close()

    def run(
        self, *command: str, role: str, application: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run Python with the settings of an installation; `application` is APPLICATION_ROLE."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "DATABASE_URL": self.url(role),
                "APPLICATION_ROLE": self.application if application is None else application,
                "PUBLISHED_ROOT": str(self.published),
                "DEMO": "True",
                "ALLOWED_HOSTS": "localhost",
            },
        )


def psql(database: str, *arguments: str) -> None:
    server = connection.settings_dict
    subprocess.run(
        ["psql", "-qXw", "-v", "ON_ERROR_STOP=1", "-h", server["HOST"], "-p", str(server["PORT"] or 5432),
         "-U", server["USER"], "-d", database, *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, "PGPASSWORD": server["PASSWORD"], "PGOPTIONS": "-c client_min_messages=warning"},
    )  # fmt: skip


def make_roles(made: Installation, *, owner: str, application: str) -> None:
    """Run roles.sql as docs/operations.md says."""
    psql(
        made.database, "-v", f"owner={owner}", "-v", f"application={application}",
        "-v", "owner_password=only-for-tests", "-v", "application_password=only-for-tests",
        "-f", str(ROOT / "deploy" / "roles.sql"),
    )  # fmt: skip


@contextmanager
def new_database(folder: Path):
    """Make an empty database whose roles are named and not made yet."""
    name = f"registry_{uuid4().hex[:8]}"
    made = Installation(name, f"{name}_owner", f"{name}_application", folder)
    psql("postgres", "-c", f"CREATE DATABASE {name}")
    try:
        yield made
    finally:
        psql("postgres", "-c", f"DROP DATABASE {name} WITH (FORCE)")
        for role in (made.owner, made.application):
            psql("postgres", "-c", f"DROP ROLE IF EXISTS {role}")


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """Make a database and its roles as docs/operations.md says, and migrate as the owner."""
    with new_database(tmp_path_factory.mktemp("p")) as made:
        make_roles(made, owner=made.owner, application=made.application)
        migrated = made.run("manage.py", "migrate", "-v0", role=made.owner)
        assert migrated.returncode == 0, migrated.stderr
        yield made


def test_roles_that_were_named_the_other_way_round_are_put_right(tmp_path):
    with new_database(tmp_path) as made:
        make_roles(made, owner=made.application, application=made.owner)
        for thing in (
            "SCHEMA public",
            f"DATABASE {made.database}",
        ):  # what the mix-up may have led to
            psql(
                made.database, "-c", f"REVOKE ALL ON {thing} FROM {made.owner}, {made.application}"
            )
        make_roles(made, owner=made.owner, application=made.application)

        migrated = made.run("manage.py", "migrate", "-v0", role=made.owner)
        verified = made.run("manage.py", "restore_store", role=made.application)

    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert verified.returncode == 0, verified.stderr


def test_a_role_without_rights_is_told_which_one_it_is_and_who_gives_them(tmp_path):
    with new_database(tmp_path) as made:
        make_roles(made, owner=made.owner, application=made.application)
        on_nothing = made.run("manage.py", "migrate", role=made.application)
        wrong = [
            made.run("manage.py", "migrate", "-v0", role=made.owner, application=name)
            for name in ("nobody_at_all", made.owner)
        ]
        assert (
            made.run("manage.py", "migrate", "-v0", role=made.owner, application="").returncode == 0
        )
        without_grants = made.run("manage.py", "restore_store", role=made.application)

    for refused, right in (
        (on_nothing, "schema public"),
        (without_grants, "table compliance_record"),
    ):
        assert refused.returncode == 2
        assert refused.stderr == (
            f"CommandError: The role {made.application} may not do this in the database:"
            f" permission denied for {right}. Run migrate as the owner of the tables, with"
            " APPLICATION_ROLE set to the application's role (docs/operations.md, “Roles of the"
            " database”).\n"
        )
    assert [refused.returncode for refused in wrong] == [2, 2]
    assert wrong[0].stderr.startswith("CommandError: APPLICATION_ROLE=nobody_at_all is no role")
    assert wrong[1].stderr.startswith(
        f"CommandError: APPLICATION_ROLE={made.owner} owns the tables"
    )
    assert {refused.stderr.count("\n") for refused in wrong} == {1}


@pytest.fixture
def attempt(installation):
    """Return what runs SQL as a role, undoes it, and returns the refusal, or "" where there is none."""

    def run(sql: str, role: str) -> str:
        with installation.connection(role) as as_role, as_role.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                cursor.execute(sql)
            except Exception as refusal:
                return str(refusal)
            finally:
                cursor.execute("ROLLBACK")
            return ""

    return run


@pytest.mark.parametrize("model", [*guards.append_only_models(), LogEntry])
def test_the_application_does_not_change_or_delete_what_is_only_inserted(
    installation, attempt, model
):
    table, key = model._meta.db_table, model._meta.pk.column
    for sql in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
        assert "permission denied for table" in attempt(sql, installation.application)
        assert "permission denied" not in attempt(sql, installation.owner)  # the control


ATTACKS = [
    "TRUNCATE compliance_listing CASCADE",
    "TRUNCATE django_session",
    "DELETE FROM compliance_user",
    "UPDATE django_migrations SET name = 'x'",
    "DROP TRIGGER guard_four_eyes ON compliance_decision",
    "ALTER TABLE compliance_decision DISABLE TRIGGER guard_four_eyes",
    "ALTER TABLE compliance_decision DISABLE TRIGGER USER",
    "ALTER TABLE compliance_decision DROP COLUMN label",
    "ALTER TABLE compliance_decision ENABLE ROW LEVEL SECURITY",
    "DROP TABLE compliance_review",
    "CREATE TEMPORARY TABLE compliance_decision (id bigint)",
    "CREATE TABLE another (id bigint)",
    "CREATE SCHEMA another",
    "CREATE OR REPLACE FUNCTION guard_four_eyes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE FUNCTION another() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "ALTER FUNCTION guard_four_eyes() RESET search_path",
    "DROP FUNCTION guard_four_eyes() CASCADE",
    "CREATE RULE quiet AS ON UPDATE TO compliance_decision DO INSTEAD NOTHING",
    "CREATE TRIGGER a BEFORE INSERT ON compliance_decision FOR EACH ROW EXECUTE FUNCTION guard_four_eyes()",
]  # fmt: skip


@pytest.mark.parametrize("sql", ATTACKS)
def test_the_application_takes_no_guard_away(installation, attempt, sql):
    refusal = attempt(sql, installation.application)

    assert "permission denied" in refusal or "must be owner of" in refusal
    control = attempt(sql, installation.owner)
    assert "permission denied" not in control
    assert "must be owner of" not in control


def test_neither_role_switches_triggers_off(installation, attempt):
    sql = "SET session_replication_role = 'replica'"
    for role in (installation.application, installation.owner):
        assert "permission denied to set parameter" in attempt(sql, role)

    assert attempt(sql, connection.settings_dict["USER"]) == ""  # the control: a superuser


def test_the_application_becomes_no_other_role(installation, attempt):
    sql = f"SET ROLE {installation.owner}"

    assert "permission denied to set role" in attempt(sql, installation.application)
    assert attempt(sql, installation.owner) == ""


def test_the_application_does_not_migrate(installation):
    refused = installation.run("manage.py", "migrate", role=installation.application)

    assert refused.returncode == 2
    assert refused.stderr == (
        f"CommandError: The tables belong to the role {installation.owner}, and this command connects as"
        f" {installation.application}. Run it with the owner's DATABASE_URL (docs/operations.md).\n"
    )
    again = installation.run("manage.py", "migrate", "-v0", role=installation.owner)  # the control
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    ("extra", "fault"),
    [
        ("GRANT TEMPORARY ON DATABASE {database} TO PUBLIC", "make temporary tables"),
        ("GRANT CREATE ON DATABASE {database} TO {application}", "make schemas"),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "make tables and functions"),
        ("ALTER ROLE {application} CREATEROLE", "make roles"),
        ("ALTER ROLE {application} BYPASSRLS", "pass by row security"),
        ("GRANT pg_read_all_data TO {application}", "act as another role"),
        ("GRANT SET ON PARAMETER session_replication_role TO {application}", "stop foreign keys"),
        ("GRANT UPDATE (label) ON compliance_decision TO {application}", "change rows of compliance_decision"),
        ("GRANT DELETE ON compliance_ledgerentry TO PUBLIC", "delete rows of compliance_ledgerentry"),
        ("GRANT TRUNCATE ON compliance_listing TO {application}", "empty compliance_listing"),
        ("GRANT TRIGGER ON compliance_listing TO {application}", "put triggers on compliance_listing"),
    ],
)  # fmt: skip
def test_what_the_application_may_do_beyond_its_needs_is_named(installation, extra, fault):
    superuser = connection.settings_dict["USER"]
    with installation.connection(superuser) as as_superuser, as_superuser.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"SET LOCAL ROLE {installation.application}")
        assert database_roles.faults(as_superuser) == []

        cursor.execute("RESET ROLE")
        cursor.execute(extra.format(**vars(installation)))
        cursor.execute(f"SET LOCAL ROLE {installation.application}")

        named = database_roles.faults(as_superuser)
        cursor.execute("ROLLBACK")
    assert [sentence.partition(".")[0] for sentence in named] == [
        f"The application's role {installation.application} may {fault}"
    ]


def test_a_superuser_and_the_owner_are_named(installation):
    superuser = connection.settings_dict["USER"]
    with installation.connection(superuser) as as_superuser:
        assert database_roles.faults(as_superuser)[0].startswith(
            f"The application connects as {superuser}, a superuser of the database."
        )
    with installation.connection(installation.owner) as as_owner:
        assert database_roles.faults(as_owner)[0].startswith(
            f"The application connects as {installation.owner}, which owns its tables"
        )


def test_the_role_of_the_application_is_one_and_another(installation, settings):
    with installation.connection(installation.owner) as as_owner:
        settings.APPLICATION_ROLE = "nobody"
        with pytest.raises(ImproperlyConfigured, match="APPLICATION_ROLE=nobody is no role"):
            database_roles.grant(as_owner)
        settings.APPLICATION_ROLE = installation.owner
        with pytest.raises(ImproperlyConfigured, match="owns the tables"):
            database_roles.grant(as_owner)


def test_the_application_runs_its_commands(installation):
    for command in ("createcachetable", "restore_store", "verify"):
        done = installation.run("manage.py", command, role=installation.application)

        assert done.returncode == 0, done.stderr


# Tests of each kind of write: edits, imports, decisions, accounts, sign-in, reviews.
WORK = [
    "tests/accounts/test_factors.py",
    "tests/accounts/test_sign_in.py",
    "tests/admin/conflicts",
    "tests/admin/publishing/test_admin.py",
    "tests/admin/test_reviewed.py",
    "tests/admin/test_steps.py",
    "tests/admin/test_users.py",
    "tests/models/test_bulk.py",
    "tests/models/test_tracked.py",
    "tests/publishing/test_backfill.py",
    "tests/publishing/test_decide.py",
    "tests/publishing/test_submit.py",
    "tests/workingcopy/importing/test_page.py",
]


def work(installation, *tests):
    """Run tests in the installation as the application."""
    return installation.run(
        "-m", "pytest", "-q", "-x", "-p", "tests.prepared_database", "-p", "no:cacheprovider",
        "-m", "not slow", *tests, role=installation.application,
    )  # fmt: skip


def test_the_application_does_all_its_work(installation):
    done = work(installation, *WORK)

    assert done.returncode == 0, done.stdout[-3000:]


def test_the_application_without_a_privilege_that_it_needs_fails_at_its_work(installation):
    table = f"compliance_changeset FROM {installation.application}"
    psql(installation.database, "-c", f"REVOKE INSERT ON {table}")

    done = work(installation, "tests/models/test_bulk.py")

    psql(installation.database, "-c", f"GRANT INSERT ON {table.replace('FROM', 'TO')}")
    assert done.returncode == 1
    assert "permission denied for table compliance_changeset" in done.stdout


def roles_sql(database: str, *arguments: str, user: str = "") -> subprocess.CompletedProcess[str]:
    """Run deploy/roles.sql in a database, as another role than that of the tests if it is named."""
    server = connection.settings_dict
    return subprocess.run(
        ["psql", "-qXw", "-h", server["HOST"], "-p", str(server["PORT"] or 5432),
         "-U", user or server["USER"], "-d", database, *arguments, "-f", str(ROOT / "deploy" / "roles.sql")],
        capture_output=True,
        text=True,
        env={**os.environ, "PGPASSWORD": "only-for-tests" if user else server["PASSWORD"]},
    )  # fmt: skip


def test_one_role_for_both_is_refused(installation):
    ended = roles_sql(installation.database, "--set=owner=same", "--set=application=same")

    assert ended.returncode == 3
    assert "Owner and application are the same role." in ended.stderr
    with installation.connection(connection.settings_dict["USER"]) as own, own.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'same'")
        assert cursor.fetchone() == (0,)


def test_who_owns_the_database_and_may_make_roles_divides_it_without_being_a_superuser():
    if connection.pg_version < 150000:
        pytest.skip("The schema public belongs to a superuser")
    name = f"registry_{uuid4().hex[:8]}"
    host, owner, application = (f"{name}_{role}" for role in ("host", "owner", "application"))
    psql(
        "postgres", "-c", f"CREATE ROLE {host} LOGIN CREATEROLE CREATEDB PASSWORD 'only-for-tests'"
    )
    psql("postgres", "-c", f"CREATE DATABASE {name} OWNER {host}")
    try:
        names = (f"--set=owner={owner}", f"--set=application={application}")
        ended = roles_sql(name, *names, user=host)

        assert (ended.returncode, ended.stderr) == (0, "")
        made = Installation(name, owner, application, ROOT)
        with made.connection(connection.settings_dict["USER"]) as own, own.cursor() as cursor:
            cursor.execute(
                "SELECT datdba::regrole::text, (SELECT nspowner::regrole::text FROM pg_namespace"
                " WHERE nspname = 'public'), pg_has_role(%s, %s, 'USAGE') FROM pg_database"
                " WHERE datname = current_database()",
                [host, owner],
            )
            assert cursor.fetchone() == (owner, owner, False)
    finally:
        psql("postgres", "-c", f"DROP DATABASE {name} WITH (FORCE)")
        for role in (owner, application, host):
            psql("postgres", "-c", f"DROP ROLE IF EXISTS {role}")
