"""Concurrent work: only what an approver saw becomes public, and no editor's save is lost.

These are short runs of three benches, each with a database of its own: the tests' SQLite database is
in memory, where nothing can be concurrent.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

pytestmark = pytest.mark.slow


def raced(*options, bench="raced_approvals", size=("--approvals", "6")):
    """Race in processes of their own, on the database that DATABASE_URL chooses; return the figures."""
    command = [sys.executable, "-m", f"bench.{bench}", *size, "--seconds", "300", *options]
    ended = subprocess.run(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, check=True
    )
    return json.loads(ended.stdout)


def test_no_text_is_public_that_no_approver_saw():
    figures = raced()

    assert (figures["unseen texts"], figures["faults"]) == (0, [])
    assert figures["edits between look and approval"] > 0


# The control shows that the bench catches a loss. What it catches does not depend on the database.
once = pytest.mark.skipif(connection.vendor != "sqlite", reason="the control runs once, on SQLite")


@once
def test_the_check_finds_an_approval_of_bytes_that_nobody_saw():
    figures = raced("--broken")

    assert figures["unseen texts"] > 0


def edited(*options):
    return raced(*options, bench="raced_editors", size=("--editors", "5", "--edits", "1"))


def test_editors_who_save_at_once_lose_nothing_and_see_each_others_saves():
    figures = edited()

    assert (figures["saved"], figures["lost"], figures["unrecorded"]) == (5, 0, 0)
    assert set(figures["outcomes"]) - {"asked to repeat"} == {"saved", "conflict shown"}


@once
def test_the_stock_admin_loses_what_editors_save_at_once():
    assert edited("--stock")["lost"] > 0


def decided(*options):
    return raced(*options, bench="raced_schedules", size=("--rounds", "3"))


def test_decisions_made_at_once_neither_lose_nor_double_what_is_scheduled():
    figures = decided()

    assert (figures["rounds"], figures["faults"], figures["record fault"]) == (3, [], None)
    assert figures["carried"] >= 3


def test_the_check_finds_decisions_without_a_lock_and_what_was_not_carried():
    figures = decided("--broken")

    assert figures["faults"]
