"""Concurrent work: only what an approver saw becomes public, and no editor's save is lost.

These are short runs of three benches, each with a database of its own: the tests' SQLite database is
in memory, where nothing can be concurrent.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from tests.databases import once

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.fixture
def raced(request):
    """Race in processes of their own, on the database that DATABASE_URL chooses; return the figures."""
    environment = {**os.environ}
    if connection.vendor == "sqlite":
        environment["MIGRATED"] = str(request.getfixturevalue("migrated_file"))

    def raced(*options, bench="raced_approvals", size=("--approvals", "6")):
        command = [sys.executable, "-m", f"bench.{bench}", *size, "--seconds", "300", *options]
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
        )
        return json.loads(ended.stdout)

    return raced


def test_no_text_is_public_that_no_approver_saw(raced):
    figures = raced()

    assert (figures["unseen texts"], figures["faults"]) == (0, [])
    assert figures["edits between look and approval"] > 0


# The control shows that the bench catches a loss. What it catches does not depend on the database.
@once
def test_the_check_finds_an_approval_of_bytes_that_nobody_saw(raced):
    figures = raced("--broken")

    assert figures["unseen texts"] > 0


def edited(raced, *options):
    return raced(*options, bench="raced_editors", size=("--editors", "5", "--edits", "1"))


def test_editors_who_save_at_once_lose_nothing_and_see_each_others_saves(raced):
    figures = edited(raced)

    assert (figures["saved"], figures["lost"], figures["unrecorded"]) == (5, 0, 0)
    assert set(figures["outcomes"]) - {"asked to repeat"} == {"saved", "conflict shown"}


@once
def test_the_stock_admin_loses_what_editors_save_at_once(raced):
    assert edited(raced, "--stock")["lost"] > 0


def decided(raced, *options):
    return raced(*options, bench="raced_schedules", size=("--rounds", "3"))


def test_decisions_made_at_once_neither_lose_nor_double_what_is_scheduled(raced):
    figures = decided(raced)

    assert (figures["rounds"], figures["faults"], figures["record fault"]) == (3, [], None)
    assert figures["carried"] >= 3


def test_the_check_finds_decisions_without_a_lock_and_what_was_not_carried(raced):
    figures = decided(raced, "--broken")

    assert figures["faults"]
