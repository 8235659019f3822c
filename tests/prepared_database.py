"""A pytest plugin (`-p tests.prepared_database`) that runs tests in the database of DATABASE_URL as it is.

No database is created or migrated, so the tests can connect as a role that may do neither. Each test
is rolled back; tests that commit, and tests that take guards away, are left out.
"""

import inspect

import pytest


class _Prepared:
    @pytest.fixture(scope="session")
    @classmethod
    def django_db_setup(cls):
        """Stand in for pytest-django's fixture, which makes a database."""


def pytest_configure(config):
    # After pytest-django, so that this fixture comes before its own.
    config.pluginmanager.register(_Prepared())


def pytest_collection_modifyitems(config, items):
    left_out = [item for item in items if _commits(item) or _takes_guards_away(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def _commits(item):
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or bool(
        marker and marker.kwargs.get("transaction")
    )


def _takes_guards_away(item):
    return "guards.uninstall" in inspect.getsource(item.function)
