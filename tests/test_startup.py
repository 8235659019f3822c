"""registry.startup: what is completed and reported before the first request."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection

from compliance.models import Register
from compliance.published import comparison, reader
from registry.startup import compare_with_database
from tests.pages import page, row
from tests.publishing.test_backfill import bring, past
from tests.stores import publish, snapshot

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[1]


def collect_static(folder: Path, *, without: str = "") -> None:
    """Write the manifest of `collectstatic`, but without hashed names and without the files."""
    names = {name for finder in finders.get_finders() for name, _ in finder.list(None)} - {without}
    (folder / "staticfiles.json").write_text(
        json.dumps({"version": "1.1", "paths": {name: name for name in names}})
    )


def start(door: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the application as a server does, and run some code in its process."""
    return subprocess.run(
        [sys.executable, "-c", f"import registry.{door}; {code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "x" * 50,
            "ALLOWED_HOSTS": "testserver",
            "FACTOR_KEYS": "a" * 43 + "=",
            **environment,
        },
    )


@pytest.mark.slow
def test_an_index_that_is_behind_is_completed_at_the_start():
    bring(
        *past(page(row("GPT 6", "Acme")))
    )  # its commit never comes in this test, so neither does its index
    assert comparison.slugs_behind() == ["register"]

    compare_with_database()

    assert [entry.number for entry in reader.read_index("register").publications] == [1]
    assert Register.objects.get().slug == "register"


def test_a_guard_that_was_taken_away_is_named_at_the_start(caplog, settings):
    settings.DEMO = True  # one role does everything in a demonstration
    with connection.cursor() as cursor:
        table = " ON compliance_decision" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER guard_four_eyes{table}")

    compare_with_database()

    assert [entry.levelname for entry in caplog.records] == ["ERROR"]
    assert caplog.text.endswith(
        "The guard guard_four_eyes is missing. Run migrate, and find out who took it away.\n"
    )
    assert (
        reader.read_indexes() == []
    )  # and there is a store: what else the start puts in place is put there


def test_a_start_without_faults_logs_nothing(caplog, settings):
    settings.DEMO = True
    compare_with_database()

    assert caplog.text == ""


def test_a_role_that_could_take_guards_away_is_named_at_the_start(caplog, settings, monkeypatch):
    monkeypatch.setattr(
        "compliance.audit.database_roles.faults", lambda connection: ["It owns its tables."]
    )
    settings.DEMO = True
    compare_with_database()
    assert caplog.text == ""

    settings.DEMO = False
    compare_with_database()

    assert [(entry.levelname, entry.message) for entry in caplog.records] == [
        ("ERROR", "It owns its tables.")
    ]


@pytest.mark.parametrize("door", ["wsgi", "asgi"])
def test_a_database_out_of_reach_does_not_keep_the_pages_from_being_served(
    door, published_root, tmp_path
):
    publish(snapshot())
    collect_static(tmp_path)
    served = (
        "from django.test import Client; print(Client().get('/models-and-privacy.md', secure=True))"
    )

    ended = start(
        door, served, DATABASE_URL=f"sqlite:///{tmp_path}/none/registry.sqlite3",
        PUBLISHED_ROOT=str(published_root), STATIC_ROOT=str(tmp_path),
    )  # fmt: skip

    assert "status_code=200" in ended.stdout
    assert "could not be compared" in ended.stderr


@pytest.mark.parametrize("door", ["wsgi", "asgi"])
def test_a_start_without_collected_static_files_is_refused_with_one_sentence(door, tmp_path):
    collect_static(tmp_path, without="compliance/public.css")

    ended = start(
        door, STATIC_ROOT=str(tmp_path), DATABASE_URL=f"sqlite:///{tmp_path}/registry.sqlite3"
    )

    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1].partition(": ")[2]
    assert last.startswith(f"STATIC_ROOT={tmp_path} lacks 1 of ")
    assert last.endswith(
        " static files, compliance/public.css first. Run manage.py collectstatic --noinput. (compliance.E006)"
    )
