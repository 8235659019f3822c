"""Settings and fixtures of all tests, and the comparison of rows and history after each of them."""

import base64
import gc
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import connection
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django_countries import countries
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from compliance.audit import guards
from compliance.models import User, ledger, outages, snapshots
from compliance.published.signed_note import SigningKey
from compliance.workingcopy import resolve
from registry import postgresql
from tests.factories import make_user
from tests.mirror import unmirrored_rows
from tests.scenes import Scenes

pytest_plugins = ["tests.migrations"]

settings.SECRET_KEY = secrets.token_hex()
settings.FACTOR_KEYS = [base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()]
settings.ALLOWED_HOSTS = ["testserver"]
settings.SECURE_SSL_REDIRECT = False
settings.API_REQUESTS_A_MINUTE = 0
settings.PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # a slow one is for real passwords
# The form of a provider offers every country twice, which made half of the work of the admin's tests.
settings.COUNTRIES_ONLY = ["DE", "FR", "IE", "US"]
vars(countries).pop("_countries", None)  # the list that the models have built already
# How quickly an example is drawn or tested depends on what else the machine does. Examples are the
# same in each run, so that a change is not refused for a fault that it did not bring.
# HYPOTHESIS_PROFILE=thorough draws others, and more of them.
hypothesis_settings.register_profile(
    "untimed",
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.register_profile(
    "thorough", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile(
    "thorough" if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else "untimed"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option with which CI leaves slow tests out on the second database."""
    parser.addoption(
        "--without-slow",
        action="append",
        default=[],
        metavar="PATH",
        help="leave out the slow tests of a folder or file",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the slow tests of the folders and files that --without-slow names."""
    folders = [(config.rootpath / path).resolve() for path in config.getoption("--without-slow")]
    left_out = {
        item
        for item in items
        if item.get_closest_marker("slow")
        and any(item.path.is_relative_to(folder) for folder in folders)
    }
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Exclude the imported modules from garbage collection, which is faster."""
    gc.freeze()


@receiver(user_logged_in)
def _with_both_factors(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Make `force_login` open a session with a second factor.

    Its request has no method. A test that signs in over HTTP has to give the second factor itself.
    """
    if request.method is None:
        record_authentication(request, user, "mfa", type="totp")


@pytest.fixture(autouse=True)
def published_root(settings, tmp_path: Path) -> Path:
    """Use an empty published store and no signing key in each test; return the store's folder."""
    root = tmp_path / "published"
    settings.SIGNING_KEY_FILE = tmp_path / "signing.key"
    settings.STATIC_ROOT = tmp_path  # it exists: whitenoise warns of a folder that does not
    settings.STORAGES = {
        **settings.STORAGES,
        "published": {
            "BACKEND": "compliance.published.storage.PublishedFolder",
            "OPTIONS": {"location": root},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return root


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Let no test begin with pages that an earlier one has read: its queries would be fewer."""
    resolve.forget()
    snapshots.forget()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test fail because the machine was busy while the database was asked."""
    monkeypatch.setattr(outages, "_LONGEST_ANSWER", 30)


@pytest.fixture
def signing_key(settings, published_root: Path) -> SigningKey:
    """Make the key that signs the public log, and return it."""
    key = SigningKey.generate("privacy.example.com/log")
    settings.SIGNING_KEY_FILE.write_text(key.encode())
    return key


@pytest.fixture(autouse=True)
def ledger_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let edits be recorded on a day before those at which tests publish.

    Nothing is recorded with a moment before the last entry of the ledger, and an edit takes the
    moment of the clock. Entries of the future are still told by the true one.
    """
    earlier = datetime(2026, 1, 1, tzinfo=UTC)
    clock = SimpleNamespace(now=lambda: min(timezone.now(), earlier))
    monkeypatch.setattr(ledger, "timezone", clock)


@pytest.fixture(autouse=True)
def mirrored(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare each tracked row with its newest history row after every test with a database.

    PostgreSQL refuses a difference at commit. SQLite has no deferred trigger that could do so.
    """
    marker = request.node.get_closest_marker("django_db")
    if marker is None and "db" not in request.fixturenames:
        yield
        return
    committed = "transactional_db" in request.fixturenames or bool(
        marker and marker.kwargs.get("transaction")
    )
    request.getfixturevalue("transactional_db" if committed else "db")
    yield
    if committed:
        guards.uninstall(
            connection
        )  # the flush deletes; the post_migrate after it installs them again
    assert unmirrored_rows() == [], "These rows differ from their newest history row."


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Let the tests' own database be made, emptied and dropped however long that takes."""
    if connection.vendor == "postgresql":
        options = connection.settings_dict["OPTIONS"]
        del options["options"]
        options["pool"]["connection_class"] = postgresql.connection_class(0)


@pytest.fixture(scope="session", autouse=True)
def deleting_flush() -> None:
    """Let PostgreSQL empty tables by DELETE: TRUNCATE writes new files for each of a hundred.

    In the role of a replica it checks no foreign keys.
    """
    if connection.vendor == "postgresql":
        type(connection.ops).sql_flush = _delete_statements


def _delete_statements(ops: Any, style: Any, tables: list[str], **options: Any) -> list[str]:
    role = "SET LOCAL session_replication_role = replica"
    return [role, *(f"DELETE FROM {ops.quote_name(table)}" for table in tables)]


@pytest.fixture(scope="session")
def migrated_file(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a SQLite file as `migrate` leaves it, to be copied: a migration takes seconds.

    It is the tests' own database as it is between tests, if that is SQLite too.
    """
    file = tmp_path_factory.mktemp("migrated") / "registry.sqlite3"
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), closing(sqlite3.connect(file)) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
    else:
        environment = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{file}"}
        command = [sys.executable, settings.BASE_DIR / "manage.py", "migrate", "-v0"]
        subprocess.run(command, env=environment, check=True)
    return file


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """Return the scenes that this process has built."""
    return Scenes(tmp_path_factory.mktemp("scenes"))


@pytest.fixture
def scene(
    mirrored: None, published_root: Path, scenes: Scenes
) -> Callable[[Callable[[], Any]], Any]:
    """Return what builds a scene of a test with a database, or copies it; a scene is the test's first."""
    return lambda build: scenes.enter(build, published_root)


@pytest.fixture
def editor(db):
    """Make an editor."""
    return make_user("eve", role="editor")


@pytest.fixture
def approver(db):
    """Make an approver."""
    return make_user("ada", role="approver")
