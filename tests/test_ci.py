"""What `.ci/run` leaves out on PostgreSQL."""

import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import pytest_collection_modifyitems

ROOT = Path(__file__).resolve().parents[1]
RUN = (ROOT / ".ci" / "run").read_text()


def ignored(variable):
    """Return the folders that a variable of the script leaves out."""
    [value] = re.findall(rf'^{variable}="(--ignore[^"]*)"', RUN, re.MULTILINE)
    return re.findall(r"--ignore=([\w/]+)", value)


LEFT_OUT = ignored("on_postgresql")
FROM_FILES = ignored("from_files")
WITHOUT_SLOW = re.findall(
    r"(?<=\s)(?:admin|audit|management|publishing|workingcopy)/[\w.]+(?=[\s;])", RUN
)
# Where the databases differ: these run in full on both.
FULL = ["accounts", "admin/conflicts", "admin/history", "admin/test_aggregates.py",
        "admin/test_search.py", "audit", "management", "models", "publishing", "workingcopy"]  # fmt: skip


@pytest.mark.parametrize("folder", LEFT_OUT)
def test_a_folder_that_is_left_out_on_postgresql_uses_no_database(folder):
    modules = {path: path.read_text() for path in (ROOT / folder).rglob("*.py")}

    assert modules
    for path, source in modules.items():
        assert not re.search(r"django_db|transactional_db|\bscene\b|DATABASE_URL", source), path


def test_what_is_served_from_files_is_tried_without_the_database():
    canary = (ROOT / "tests/public/test_canary.py").read_text()

    assert "tests/public" in FROM_FILES
    assert "def test_every_public_address_but_readyz_answers_without_the_database" in canary


def test_what_differs_between_the_databases_is_tested_in_full_on_both():
    in_part = {ROOT / "tests" / part for part in WITHOUT_SLOW}
    in_part |= {ROOT / part for part in [*LEFT_OUT, *FROM_FILES]}

    assert [path for path in in_part if not path.exists()] == []
    for part in FULL:
        path = ROOT / "tests" / part
        assert path.exists()
        assert not {path, *path.parents} & in_part, part


def test_the_option_leaves_out_slow_tests_of_its_folder_and_nothing_else():
    items = [item("here", "slow"), item("here"), item("there", "slow"), item("hereafter", "slow")]
    kept, told = list(items), []
    hook = SimpleNamespace(pytest_deselected=lambda items: told.extend(items))
    config = SimpleNamespace(rootpath=ROOT, getoption=lambda name: ["here"], hook=hook)

    pytest_collection_modifyitems(config, kept)

    assert kept == items[1:]
    assert told == items[:1]


@dataclass(frozen=True)
class CollectedTest:
    """A test as pytest collects it, as far as the option looks at it."""

    path: Path
    markers: tuple[str, ...]

    def get_closest_marker(self, name: str) -> bool:
        return name in self.markers


def item(folder: str, *markers: str) -> CollectedTest:
    """Return a stand-in for a collected test."""
    return CollectedTest(ROOT / folder / "test_it.py", markers)
