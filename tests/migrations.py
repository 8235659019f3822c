"""A fixture with which a test adds migrations to those of the app."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import compliance.migrations

_HEAD = """\
from django.db import migrations, models

{imports}

class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_initial")]
    operations = [{operations}]
"""


@dataclass(frozen=True)
class Migrations:
    """A copy of the app's migrations, and an empty folder of releases."""

    package: Path
    releases: Path

    def add(self, name: str, operations: str, imports: str = "") -> None:
        """Add a migration after 0001_initial, given its operations as source."""
        source = _HEAD.format(imports=imports, operations=operations)
        (self.package / f"{name}.py").write_text(source, encoding="utf-8")

    def release(self) -> None:
        """Release the migrations that there are now."""
        files = sorted(self.package.glob("0*.py"))
        lines = [
            f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files
        ]
        (self.releases / "0.1.0.txt").write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings) -> Migrations:
    """Copy the app's migrations to where a test can add to them."""
    package = tmp_path / f"migrations_of_{tmp_path.name}"  # a name that no other test has imported
    shutil.copytree(
        Path(compliance.migrations.__file__).parent,
        package,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"compliance": package.name}
    (tmp_path / "releases").mkdir()
    return Migrations(package, tmp_path / "releases")
