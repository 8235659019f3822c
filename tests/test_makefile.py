"""The Makefile: its output while it installs an environment, and its behaviour after a failure."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Stands for `python -m venv --clear FOLDER`. The pip in that folder prints a warning and ends with
# the status $PIP_ENDS_WITH.
PYTHON = """#!/bin/sh
for folder; do :; done
mkdir -p $folder/bin
cat >$folder/bin/pip <<'PIP'
#!/bin/sh
echo "WARNING: Location is ignored." >&2
[ "$PIP_ENDS_WITH" = 0 ] || echo "ERROR: No matching distribution."
exit $PIP_ENDS_WITH
PIP
chmod +x $folder/bin/pip
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with our Makefile, our lock files, and a Python that installs at once."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return tmp_path


def make(folder: Path, target: str, *, pip_ends_with: int = 0) -> subprocess.CompletedProcess[str]:
    """Run `make target` in a folder."""
    return subprocess.run(
        ["make", target, "PYTHON=./python"], cwd=folder, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "PIP_ENDS_WITH": str(pip_ends_with)},
    )  # fmt: skip


@pytest.mark.parametrize("environment", [".venv", ".venv-e2e", ".venv-audit"])
def test_an_installation_prints_one_line_and_no_warning_of_pip(folder, environment):
    installed = make(folder, environment)

    assert (installed.returncode, installed.stderr) == (0, "")
    assert installed.stdout == f"Installing the environment {environment} (about a minute)…\n"


@pytest.mark.parametrize("environment", [".venv", ".venv-e2e", ".venv-audit"])
def test_an_installation_that_fails_shows_all_that_pip_said_and_begins_again_next_time(
    folder, environment
):
    failed = make(folder, environment, pip_ends_with=1)
    again, once_more = make(folder, environment), make(folder, environment)

    assert failed.returncode == 2
    assert failed.stderr.startswith(
        "WARNING: Location is ignored.\nERROR: No matching distribution.\nmake: ***"
    )
    assert again.stdout == f"Installing the environment {environment} (about a minute)…\n"
    assert "Installing" not in once_more.stdout


def test_an_environment_that_is_a_link_is_not_emptied(folder):
    (folder / "other").mkdir()
    (folder / ".venv").symlink_to("other")
    os.utime(folder / "other", (0, 0))

    refused = make(folder, ".venv")

    assert refused.returncode == 2
    assert (
        refused.stdout
        == ".venv is a link to another environment, which would be emptied. Remove it.\n"
    )
    assert list((folder / "other").iterdir()) == []


def test_the_demo_names_the_address_for_passkeys_beside_the_one_it_is_bound_to():
    said = subprocess.run(
        ["make", "-n", "run", "PORT=9000"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"]},
    ).stdout  # fmt: skip

    printed = re.findall(r'^echo "(.*http.*)"$', said, re.MULTILINE)
    assert printed == [
        "Compliance registry on http://127.0.0.1:9000/",
        "To set up a passkey, open it as http://localhost:9000/: browsers refuse passkeys for an address.",
    ]
    assert "--bind 127.0.0.1:9000" in said


# Stands for pip-audit where its service does not answer, knows a weakness, and knows none.
@pytest.mark.parametrize(("ends_with", "is_clean"), [(2, False), (1, False), (0, True)])
def test_an_audit_fails_where_it_cannot_ask_and_where_it_finds_something(
    folder, ends_with, is_clean
):
    make(folder, ".venv-audit")
    (folder / ".venv-audit" / "bin" / "pip-audit").write_text(f"#!/bin/sh\nexit {ends_with}\n")
    (folder / ".venv-audit" / "bin" / "pip-audit").chmod(0o755)

    assert (make(folder, "audit").returncode == 0) is is_clean
