"""The connections to the database, which end if a server is restarted, crashes or hangs."""

import pytest
from django.db import OperationalError, connection

from registry import settings
from registry.postgresql import answers_within

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL")
pytestmark = pytest.mark.django_db


def test_nobody_waits_for_postgresql_longer_than_five_seconds():
    options = settings._database("postgres://registry@db.example/registry")["OPTIONS"]

    assert options["options"] == "-c statement_timeout=5000 -c lock_timeout=4000"
    assert (options["connect_timeout"], options["pool"]["timeout"]) == (3, 3)


def test_nobody_waits_for_a_locked_sqlite_file_longer_than_five_seconds():
    assert settings._database("sqlite:///registry.sqlite3")["OPTIONS"]["timeout"] == 5


def test_commands_wait_as_long_as_they_need(monkeypatch):
    monkeypatch.setattr(settings, "DATABASE_TIMEOUT", 0)

    postgresql = settings._database("postgres://registry@db.example/registry?options=-c%20x%3D1")
    sqlite = settings._database("sqlite:///registry.sqlite3")

    assert postgresql["OPTIONS"]["options"] == "-c x=1 -c statement_timeout=0 -c lock_timeout=0"
    assert sqlite["OPTIONS"]["timeout"] == 20


@pytest.fixture
def pooled():
    """A connection beside that of the test, with a pool of its own that holds only this one."""
    pooled = connection.copy(alias="pooled")
    options = pooled.settings_dict["OPTIONS"]
    options["pool"] = {**options["pool"], "min_size": 1, "max_size": 1}
    yield pooled
    pooled.close()
    pooled.close_pool()


def answer(pooled, question: str) -> int:
    with pooled.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def end_from_the_server(pooled) -> None:
    """Give a connection back to its pool and let the server end it, as a restart does."""
    process = answer(pooled, "SELECT pg_backend_pid()")
    pooled.close()
    assert answer(connection, f"SELECT pg_terminate_backend({process}, 5000)")


@on_postgresql
def test_a_connection_that_the_server_ended_is_replaced(pooled):
    end_from_the_server(pooled)

    assert answer(pooled, "SELECT 1") == 1


@on_postgresql
def test_all_connections_that_the_server_ended_are_replaced_at_once(pooled):
    options = pooled.settings_dict["OPTIONS"]
    options["pool"] = {**options["pool"], "min_size": 1, "max_size": 5}
    pooled.pool.open()
    opened = [pooled.pool.getconn() for _ in range(5)]
    servers = [connected.info.backend_pid for connected in opened]
    for connected in opened:
        pooled.pool.putconn(connected)
    for process in servers:
        assert answer(connection, f"SELECT pg_terminate_backend({process}, 5000)")

    # The pool checks one after the other, and waits a second and more in between.
    assert answer(pooled, "SELECT 1") == 1


@on_postgresql
def test_without_health_checks_the_next_request_fails(pooled):
    pooled.settings_dict["CONN_HEALTH_CHECKS"] = False
    end_from_the_server(pooled)

    with pytest.raises(OperationalError):
        answer(pooled, "SELECT 1")


@on_postgresql
def test_a_connection_whose_server_hangs_is_closed_and_replaced(pooled):
    first = answer(pooled, "SELECT pg_backend_pid()")

    with answers_within(0.05), pytest.raises(OperationalError, match="did not answer within"):
        answer(pooled, "SELECT pg_sleep(60)")

    assert pooled.connection.closed
    assert answer(connection, f"SELECT pg_terminate_backend({first}, 5000)")  # it sleeps on
    pooled.close()
    assert answer(pooled, "SELECT pg_backend_pid()") != first


@on_postgresql
def test_the_server_itself_ends_a_statement_that_takes_too_long(pooled):
    shipped = settings._database("postgres://registry@db.example/registry")["OPTIONS"]
    pooled.settings_dict["OPTIONS"]["options"] = shipped["options"]
    with pooled.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("5s",)
        cursor.execute("SET statement_timeout = 50")

    with pytest.raises(OperationalError, match="statement timeout"):
        answer(pooled, "SELECT pg_sleep(60)")
