"""The database of the tests: a mark for those to which it makes no difference, and an outage."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

once = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="runs once, among the tests on SQLite"
)


@contextmanager
def read_only() -> Iterator[None]:
    """Let the database of the tests take no writes, as a full disk or a standby server does."""
    settings = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": ("SET default_transaction_read_only = on", "RESET ALL"),
    }
    begin, end = settings[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(end)
