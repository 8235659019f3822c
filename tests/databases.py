"""A mark for tests to which it makes no difference on which database the others run."""

import pytest
from django.db import connection

once = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="runs once, among the tests on SQLite"
)
