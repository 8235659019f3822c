"""Approvals racing an editor: what is public is what an approver saw, always.

The short form of bench.raced_approvals, in a registry of its own: the tests' SQLite lies in memory, where nothing races.
"""

import json
import subprocess
import sys
from pathlib import Path


def raced(*options):
    """Race in processes of their own, on the database that DATABASE_URL chooses; return the figures."""
    command = [sys.executable, "-m", "bench.raced_approvals", "--approvals", "8", "--seconds", "300", *options]
    ended = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, check=True)
    return json.loads(ended.stdout)


def test_no_text_is_public_that_no_approver_saw():
    figures = raced()

    assert (figures["unseen texts"], figures["faults"]) == (0, [])
    assert figures["edits between look and approval"] > 0


def test_an_approval_of_what_is_there_by_then_is_caught():
    figures = raced("--broken")

    assert figures["unseen texts"] > 0
