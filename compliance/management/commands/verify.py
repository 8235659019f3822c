"""manage.py verify: check that the record and the published store are what was sealed."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from compliance.audit import verification
from compliance.audit.anchors import NotACheckpoint, read_anchors, read_checkpoints
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
            help="saved heads of the ledger, which verify prints as its last line, and saved "
            "checkpoints of the public log, which /checkpoint gives",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            texts = [_read_saved(path) for path in options["anchor"]]
            anchors = [anchor for text in texts for anchor in read_anchors(text)]
        except NotACheckpoint as error:
            raise refusal(str(error)) from error
        # Without tables every guard is missing too: this query fails first, and says what is wrong.
        LedgerEntry.objects.exists()
        try:
            checkpoints = [note for text in texts for note in read_checkpoints(text)]
            verified = verification.verify(anchors=anchors, checkpoints=checkpoints)
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


def _read_saved(path: str) -> str:
    """Return the text of a file; an empty one is refused, as it would prove nothing."""
    advice = "Save the last line of verify, or what /checkpoint gives."
    try:
        text = read_file(path).decode()
    except UnicodeDecodeError as error:
        raise refusal(f"{path} is not text in UTF-8. {advice}") from error
    if not text.strip():
        raise refusal(f"{path} holds no checkpoint. {advice}")
    return text
