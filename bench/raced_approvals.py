"""Approvals racing an editor: no text is ever public that no approver saw.

    python -m bench.raced_approvals [--approvals 400] [--seconds 1800] [--broken]

An editor edits without rest, and readers read the published store, in processes of their own, while this one submits,
looks at what was frozen, and approves that. Afterwards every text in the store, and every one that a reader met, must
have been looked at. `--broken` approves what the register says by then: that must be caught.

The database is a SQLite file, or one made for the run on the PostgreSQL server that DATABASE_URL names.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from bench.staging import SLUG, cast, edit, read_all_along, report, set_up_django, staged, start


def edit_until(stop: Path) -> None:
    """Edit until told to stop."""
    set_up_django()
    from django.db import OperationalError

    register, editor, _ = cast()
    while not stop.exists():
        try:
            edit(register, editor)
        except OperationalError:  # SQLite kept it waiting too long
            continue
        time.sleep(
            random.uniform(0, 0.02)
        )  # SQLite's lock goes to whoever asks, not to whoever waits longest


def approve(approvals: int, *, seconds: int, broken: bool) -> tuple[set[str], dict[str, int]]:
    """Submit, look and approve, more often than asked where no edit came between, for so many seconds at most.

    Return the hashes of what was looked at; how many were approved, and how often an edit came between look and approval.
    """
    from django.db import OperationalError
    from django.utils import timezone

    from compliance import publishing
    from compliance.models import Changeset
    from compliance.page import canonical

    register, editor, approver = cast()

    def submit() -> Any:
        return publishing.submit(register, by=editor, at=timezone.now(), reason="Bench")

    seen: set[str] = set()
    approved, raced, began = 0, 0, time.monotonic()
    while (approved < approvals or not raced) and time.monotonic() - began < seconds:
        try:
            submitted = submit()
            shown = {canonical.sha256(bytes(file.content)) for file in submitted.files.all()}
            time.sleep(random.uniform(0, 0.2))
            edited = Changeset.objects.latest("pk") != submitted.captured_changeset
            meant = submit() if broken else submitted
            publishing.approve(
                meant, by=approver, at=timezone.now(), content_sha256=meant.content_sha256
            )
        except (
            publishing.NotPublishable,
            OperationalError,
        ):  # nothing was edited since, or SQLite kept it waiting
            time.sleep(0.01)
            continue
        seen |= shown
        approved += 1
        raced += edited
    return seen, {"approvals": approved, "edits between look and approval": raced}


def published() -> set[str]:
    """Return the hashes of the texts in the store."""
    from compliance.page import canonical
    from compliance.published import reader

    index = reader.read_index(SLUG)
    assert index
    return {
        canonical.sha256(reader.read_file(index, e, format))
        for e in index.publications
        for format in e.files
    }


def main() -> None:
    """Race, and print the figures as JSON; exit 1 when a text was public unseen, or when less raced than asked.

    Exit 1 too when the negative control was not caught.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--approvals", type=int, default=400)
    parser.add_argument("--seconds", type=int, default=1800, help="at most")
    parser.add_argument("--broken", action="store_true", help="the negative control")
    parser.add_argument("--edit-until", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.edit_until:
        edit_until(options.edit_until)
    else:
        with staged() as folder:
            _race(options, folder)


def _race(options: argparse.Namespace, folder: Path) -> None:
    from django.db import connection

    began = time.monotonic()
    with read_all_along(folder, start("bench.raced_approvals", "--edit-until", folder / "stop")):
        seen, figures = approve(options.approvals, seconds=options.seconds, broken=options.broken)
    met, seconds = report(folder), round(time.monotonic() - began)
    unseen = len((published() | met.texts) - seen)
    told = {"answers read": met.answers, "faults": met.faults[:3], "unseen texts": unseen}
    print(json.dumps({"database": connection.vendor, **figures, "seconds": seconds, **told}))
    if options.broken:
        sys.exit(None if unseen else "An approval of what nobody looked at was not caught.")
    if unseen or met.faults:
        sys.exit("A text was public that no approver saw, or half visible.")
    if figures["approvals"] < options.approvals or not figures["edits between look and approval"]:
        sys.exit(
            f"Fewer than {options.approvals} approvals, or none that raced an edit, in {options.seconds} seconds."
        )


if __name__ == "__main__":
    main()
