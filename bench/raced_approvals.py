"""Checks that no text becomes public which no approver saw, while an editor keeps editing.

    python -m bench.raced_approvals [--approvals 400] [--seconds 1800] [--broken]

An editor and two readers of the published store run in processes of their own. Meanwhile this
process submits, notes the hashes of the frozen files as an approver who looks at them, and
approves. Afterwards every text in the store, and every text that a reader read, must be among the
noted ones.
`--broken` approves another submission, of what the register says by then; that must be detected.

The database is a SQLite file, or one created for the run on the PostgreSQL server that DATABASE_URL
names.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

from bench.staging import (
    SLUG,
    cast,
    edit,
    read_all_along,
    report,
    set_up_django,
    staged,
    start,
    submit,
)


def edit_until(stop: Path) -> None:
    """Edit until the file `stop` exists."""
    set_up_django()
    from django.db import OperationalError

    register, editor, _ = cast()
    while not stop.exists():
        try:
            edit(register, editor)
        except OperationalError:  # the wait for SQLite's lock took too long
            continue
        # SQLite's lock goes to whoever asks next, not to whoever has waited longest. Without a
        # pause this process would take it again and again.
        time.sleep(random.uniform(0, 0.02))


def approve(approvals: int, *, seconds: int, broken: bool) -> tuple[set[str], dict[str, int]]:
    """Submit, look and approve, for at most a number of seconds.

    Continues after the number of approvals until at least one edit came between a look and its
    approval. Returns the hashes of the files that were looked at, and the numbers of approvals and
    of such edits.
    """
    from django.db import OperationalError
    from django.utils import timezone

    from compliance import publishing
    from compliance.models import Changeset
    from compliance.page import canonical

    register, editor, approver = cast()

    seen: set[str] = set()
    approved, raced, started_at = 0, 0, time.monotonic()
    while (approved < approvals or not raced) and time.monotonic() - started_at < seconds:
        try:
            submitted = submit(register, editor)
            shown = {canonical.sha256(bytes(file.content)) for file in submitted.files.all()}
            time.sleep(random.uniform(0, 0.2))
            edited = Changeset.objects.latest("pk") != submitted.captured_changeset
            publication = submit(register, editor) if broken else submitted
            publishing.approve(
                publication,
                by=approver,
                at=timezone.now(),
                approval_sha256=publication.approval_sha256,
            )
        except (publishing.NotPublishable, OperationalError):
            # Nothing was edited since, or the wait for SQLite's lock took too long.
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
        canonical.sha256(reader.read_file(index, entry, format))
        for entry in index.publications
        for format in entry.files
    }


def main() -> None:
    """Print the figures as JSON; exit with 1 if a text was public that no approver saw.

    Also exits with 1 if there were fewer approvals than requested, or if the fault of `--broken`
    was not detected.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--approvals", type=int, default=400)
    parser.add_argument("--seconds", type=int, default=1800, help="stop after this time")
    parser.add_argument(
        "--broken",
        action="store_true",
        help="approve something else than what was seen, which must be detected",
    )
    parser.add_argument("--edit-until", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.edit_until:
        edit_until(options.edit_until)
    else:
        with staged() as folder:
            _race(options, folder)


def _race(options: argparse.Namespace, folder: Path) -> None:
    from django.db import connection

    started_at = time.monotonic()
    with read_all_along(folder, start("bench.raced_approvals", "--edit-until", folder / "stop")):
        seen, figures = approve(options.approvals, seconds=options.seconds, broken=options.broken)
    readers, seconds = report(folder), round(time.monotonic() - started_at)
    unseen = len((published() | readers.texts) - seen)
    result = {
        "database": connection.vendor,
        **figures,
        "seconds": seconds,
        "responses read": readers.answers,
        "faults": readers.faults[:3],
        "unseen texts": unseen,
    }
    print(json.dumps(result))
    if options.broken:
        sys.exit(None if unseen else "An approval of what nobody looked at was not detected.")
    if unseen or readers.faults:
        sys.exit("A text was public that no approver saw, or half visible.")
    if figures["approvals"] < options.approvals or not figures["edits between look and approval"]:
        sys.exit(
            f"Fewer than {options.approvals} approvals in {options.seconds} seconds, "
            "or no edit came between a look and its approval."
        )


if __name__ == "__main__":
    main()
