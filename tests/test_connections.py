"""The connections to PostgreSQL: the server may end them, by a restart or a crash."""

import pytest
from django.db import OperationalError, connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no server"),
]


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


def test_a_connection_that_the_server_ended_is_replaced(pooled):
    end_from_the_server(pooled)

    assert answer(pooled, "SELECT 1") == 1


def test_without_health_checks_the_next_request_fails(pooled):
    pooled.settings_dict["CONN_HEALTH_CHECKS"] = False
    end_from_the_server(pooled)

    with pytest.raises(OperationalError):
        answer(pooled, "SELECT 1")
