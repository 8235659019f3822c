"""manage.py verify: check that the record and the published store are what was sealed."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from compliance.audit import last_verification, verification
from compliance.audit.anchors import NotSaved, read_checkpoints, read_heads
from compliance.management.inputs import RegistryCommand, read_file, refusal
from compliance.models import LedgerEntry

_ADVICE = "Save the last line of verify, or what /checkpoint gives."


class Command(RegistryCommand):
    help = (
        "Recompute the ledger's hashes and compare the published store with the database. "
        "Prints the first fault and exits with 1 if there is one; else what is worth a look, as "
        "notes, and the head of the ledger."
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
        texts = {path: _read_saved(path) for path in options["anchor"]}
        heads = [head for path, text in texts.items() for head in _read_heads(path, text)]
        # Without tables every guard is missing too: this query fails first, and says what is wrong.
        LedgerEntry.objects.exists()
        try:
            checkpoints = [note for text in texts.values() for note in read_checkpoints(text)]
            verified = verification.verify(heads=heads, checkpoints=checkpoints, now=timezone.now())
        except verification.RecordCorrupt as fault:
            last_verification.remember(at=timezone.now(), fault=str(fault))
            self.stderr.write(str(fault))
            sys.exit(1)
        last_verification.remember(at=timezone.now(), entries=verified.entries)
        self.stdout.write(
            f"Sound: {verified.entries} entries of the ledger seal {verified.rows} rows."
        )
        for note in verified.notes:
            self.stdout.write(f"Note: {note}")
        if verified.head:
            self.stdout.write(json.dumps(verified.head))


def _read_saved(path: str) -> str:
    """Return the text of a file; an empty one is refused, as it would prove nothing."""
    try:
        text = read_file(path).decode()
    except UnicodeDecodeError as error:
        raise refusal(f"{path} is not text in UTF-8. {_ADVICE}") from error
    if not text.strip():
        raise refusal(f"{path} holds neither a head nor a checkpoint. {_ADVICE}")
    return text


def _read_heads(path: str, text: str) -> list[Mapping[str, Any]]:
    try:
        return read_heads(text)
    except NotSaved as error:
        raise refusal(f"{path}: {error}. {_ADVICE}") from error
