"""compliance.models.outages: what keeps the database from answering, or from being written to."""

import sqlite3
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, OperationalError, ProgrammingError, connection

from compliance.models import changesets, outages
from tests.databases import once, read_only
from tests.factories import make_provider, make_user
from tests.forms import form_values, read
from tests.signing_in import PASSWORD, make_account
from tests.stores import publish, snapshot

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL")


class _Refused(Exception):
    """An error of a driver; `sqlstate` is what PostgreSQL calls it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def refused(state: str) -> DatabaseError:
    """Return an error of Django with the code of PostgreSQL."""
    error = DatabaseError("refused") if state == "25006" else OperationalError("refused")
    error.__cause__ = _Refused(state)
    return error


@once
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OperationalError("attempt to write a readonly database"), outages.READ_ONLY),
        (refused("25006"), outages.READ_ONLY),
        (OperationalError("database is locked"), outages.BUSY),
        (OperationalError("database table is locked: x"), outages.BUSY),
        (refused("55P03"), outages.BUSY),
        (refused("57014"), outages.BUSY),
        (refused("57P01"), outages.LOST),
        (OperationalError("unable to open database file"), outages.LOST),
        (DatabaseError("file is not a database"), outages.LOST),
    ],
)
def test_an_outage_is_told_in_a_sentence(error, sentence):
    assert outages.outage_of(error) is error
    assert outages.describe(error) == sentence


@once
def test_what_led_to_an_error_is_an_outage_too():
    away, other = OperationalError("away"), KeyError("x")
    other.__context__ = away

    assert outages.outage_of(other) is away


@once
@pytest.mark.parametrize(
    "error", [KeyError("x"), IntegrityError("guard"), ProgrammingError("no such column"), None]
)
def test_other_errors_are_no_outage(error):
    assert outages.outage_of(error) is None


@on_sqlite
class TestSQLite:
    @pytest.fixture
    def file(self, tmp_path):
        with sqlite3.connect(tmp_path / "registry.sqlite3") as made:
            made.execute("CREATE TABLE x (y)")
        made.close()
        return tmp_path / "registry.sqlite3"

    @contextmanager
    def opened(self, name):
        database = connection.copy(alias="default")
        database.settings_dict["NAME"] = name
        database.settings_dict["OPTIONS"] |= {"timeout": 0}
        try:
            yield database
        finally:
            database.close()

    @pytest.fixture
    def asked(self, monkeypatch, django_db_blocker):
        """Return a function that says why a database cannot be written to."""

        def fault(name):
            with django_db_blocker.unblock(), self.opened(name) as database:
                monkeypatch.setitem(
                    outages.transaction.get_connection.__globals__,
                    "connections",
                    {"default": database},
                )
                return outages.write_fault(database)

        return fault

    def test_a_database_that_can_be_written_to_is_left_as_it_is(self, file, asked):
        before = file.read_bytes()

        assert asked(file) == ""
        assert file.read_bytes() == before

    def test_a_read_only_database_is_named(self, file, asked):
        assert asked(f"file:{file}?mode=ro") == outages.READ_ONLY

    def test_a_locked_database_is_named(self, file, asked):
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        assert asked(file) == outages.LOCKED
        other.close()

    def test_a_database_that_is_gone_is_not_made_anew(self, file, monkeypatch, django_db_blocker):
        monkeypatch.setattr(outages, "_LONGEST_ANSWER", 0)
        with django_db_blocker.unblock(), self.opened(file) as database:
            monkeypatch.setattr(outages, "connection", database)
            assert outages._answers()
            file.unlink()
            assert not outages._answers()
        assert not file.exists()

    def test_an_exclusive_lock_is_not_waited_for(self, file, monkeypatch, django_db_blocker):
        monkeypatch.setattr(outages, "_LONGEST_ANSWER", 0)
        other = sqlite3.connect(file, isolation_level=None)
        with django_db_blocker.unblock(), self.opened(file) as database:
            monkeypatch.setattr(outages, "connection", database)
            other.execute("BEGIN IMMEDIATE")
            assert outages._answers()  # who only reads need not wait
            other.execute("COMMIT")
            other.execute("BEGIN EXCLUSIVE")
            assert not outages._answers()
        other.close()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_writes_is_named_by_probe_migration_and_sign_in(
    client,
):
    publish(snapshot())
    make_account("ada")
    client.raise_request_exception = False
    assert outages.write_fault(connection) == ""

    with read_only():
        assert outages.write_fault(connection) == outages.READ_ONLY
        ready = client.get("/readyz")
        with pytest.raises(CommandError) as ended:
            call_command("migrate")
        typed = {"login": "ada", "password": PASSWORD}
        headers = {"Sec-Fetch-Site": "same-origin"}
        signing_in = client.post("/accounts/login/", typed, headers=headers)

    assert (ready.status_code, ready.json()["reasons"]) == (503, [outages.READ_ONLY])
    assert str(ended.value) == f"Nothing was migrated. {outages.READ_ONLY}"
    assert ended.value.returncode == 2
    assert (signing_in.status_code, outages.READ_ONLY in read(signing_in)) == (503, True)
    assert "Username" in read(signing_in)


@on_postgresql
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_edit_that_waits_for_another_transaction_is_given_back(client):
    acme = make_provider("Acme")
    client.force_login(make_user("eve", role="editor"))
    client.raise_request_exception = False
    url = f"/admin/compliance/provider/{acme.pk}/change/"
    typed = {**form_values(client.get(url).content), "name": "Acme & Sons", "reason": "Merged"}
    other = connection.copy(alias="other")

    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 50")
    with other.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_lock({changesets._EDITING_LOCK})")
    kept = client.post(url, typed, headers={"Sec-Fetch-Site": "same-origin"})
    other.close()
    other.close_pool()

    assert kept.status_code == 503
    assert outages.BUSY in read(kept)
    assert "Acme & Sons" in read(kept)
    connection.close()


@once
class TestWatch:
    @pytest.fixture
    def watch(self, monkeypatch):
        """Return a watch with a clock and a database of its own."""
        watch = outages._Watch()
        watch.clock, watch.asked, watch.is_away = 100.0, 0, False

        def answers():
            watch.asked += 1
            return not watch.is_away

        monkeypatch.setattr(outages, "monotonic", lambda: watch.clock)
        monkeypatch.setattr(outages, "_answers", answers)
        return watch

    def test_a_database_that_is_away_is_asked_once_a_second(self, watch):
        assert [watch.answers() for _ in range(3)] == [True] * 3

        watch.is_away, watch.asked = True, 0
        assert [watch.answers() for _ in range(3)] == [False] * 3
        assert watch.asked == 1

        watch.is_away = False
        assert not watch.answers()
        watch.clock += 1
        assert watch.answers()

    def test_while_one_asks_in_an_outage_nobody_waits(self, watch, monkeypatch):
        watch.is_away = True
        watch.answers()
        watch.clock += 1
        told = []

        def ask():
            told.append(watch.answers())  # another request, at the same time
            return True

        monkeypatch.setattr(outages, "_answers", ask)

        assert watch.answers()
        assert told == [False]
