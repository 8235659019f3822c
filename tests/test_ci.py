"""What `.ci/run` leaves out on PostgreSQL."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = re.findall(r"--ignore=([\w/]+)", (ROOT / ".ci" / "run").read_text())


@pytest.mark.parametrize("folder", LEFT_OUT)
def test_a_folder_that_is_left_out_on_postgresql_uses_no_database(folder):
    modules = {path: path.read_text() for path in (ROOT / folder).rglob("*.py")}

    assert modules
    for path, source in modules.items():
        assert not re.search(r"django_db|transactional_db|\bscene\b|DATABASE_URL", source), path
