"""manage.py verify: check that the record and the published store are what was sealed."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from compliance.audit import verification
from compliance.audit.anchors import NotACheckpoint, read_anchors
from compliance.management.inputs import RegistryCommand, read_file, refusal
from compliance.models import LedgerEntry


class Command(RegistryCommand):
    help = (
        "Recompute the ledger's hashes and compare the published store with the database. "
        "Prints the first fault and exits with 1 if there is one; else what is worth a look, as "
        "notes, and the checkpoint."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="FILE",
            help="checkpoints saved from /checkpoint, one a line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            anchors = [anchor for path in options["anchor"] for anchor in _anchors(path)]
        except NotACheckpoint as error:
            raise refusal(str(error)) from error
        # Without tables every guard is missing too: this query fails first, and says what is wrong.
        LedgerEntry.objects.exists()
        try:
            verified = verification.verify(anchors=anchors)
        except verification.RecordCorrupt as fault:
            self.stderr.write(str(fault))
            sys.exit(1)
        self.stdout.write(
            f"Sound: {verified.entries} entries of the ledger seal {verified.rows} rows."
        )
        for note in verified.notes:
            self.stdout.write(f"Note: {note}")
        if verified.checkpoint:
            self.stdout.write(json.dumps(verified.checkpoint))


def _anchors(path: str) -> list[Mapping[str, Any]]:
    """Return the checkpoints in a file; an empty file is refused, as it would prove nothing."""
    try:
        text = read_file(path).decode()
    except UnicodeDecodeError as error:
        raise refusal(f"{path} is not text in UTF-8. Save what /checkpoint gives.") from error
    if anchors := read_anchors(text):
        return anchors
    raise refusal(f"{path} holds no checkpoint. Save what /checkpoint gives, one a line.")
