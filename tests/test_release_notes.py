"""CHANGELOG.md: the version in the making comes first, with its sections."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_changelog_begins_with_the_version_that_is_being_made_in_sections():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    versions = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)[1:]

    assert versions[0].startswith(f"{version}\n")
    assert re.findall(r"^### (.*)", versions[0], flags=re.MULTILINE)
