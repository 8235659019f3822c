"""Migrations that a test adds to those of the app, for as long as it runs."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import compliance.migrations

AddMigration = Callable[[str, str], None]
_HEAD = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial")]
    operations = [
"""


@pytest.fixture
def add_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings) -> AddMigration:
    """Return a function that adds a migration after 0001_initial, given its name and its operations as source."""
    package = tmp_path / f"migrations_of_{tmp_path.name}"  # a name that no other test has imported
    shutil.copytree(Path(compliance.migrations.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"compliance": package.name}

    def add(name: str, operations: str) -> None:
        (package / f"{name}.py").write_text(f"{_HEAD}{operations}\n    ]\n", encoding="utf-8")

    return add
