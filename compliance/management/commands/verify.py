"""manage.py verify: whether the record and the published store are what was sealed."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from compliance.audit import verification
from compliance.management.inputs import RegistryCommand, read_file, refusal


class Command(RegistryCommand):
    """Recompute the record and compare the published store with it; exit 1 and the first fault, if there is one."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the saved checkpoints."""
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="FILE",
            help="what /checkpoint gave earlier, one a line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was verified and the checkpoint to save, or the first fault."""
        try:
            anchors = [anchor for path in options["anchor"] for anchor in _anchors(path)]
        except (verification.NotACheckpoint, UnicodeDecodeError) as error:
            raise refusal(str(error)) from error
        try:
            verified = verification.verify(anchors=anchors)
        except verification.RecordCorrupt as fault:
            self.stderr.write(str(fault))
            sys.exit(1)
        self.stdout.write(
            f"Sound: {verified.entries} entries of the ledger seal {verified.rows} rows."
        )
        if verified.checkpoint:
            self.stdout.write(json.dumps(verified.checkpoint))


def _anchors(path: str) -> list[Mapping[str, Any]]:
    """Return the checkpoints that a file holds; one without any would look like a proof."""
    if anchors := verification.read_anchors(read_file(path).decode()):
        return anchors
    raise refusal(f"{path} holds no checkpoint. Save what /checkpoint gives, a line a day.")
