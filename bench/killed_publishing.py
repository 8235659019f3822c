"""Checks that killing the processes that publish loses nothing and shows nothing unfinished.

    python -m bench.killed_publishing [--acts 1000] [--clients 4] [--kills 40] [--seconds 1800]
                                      [--broken]

Each client edits and publishes alternately, and writes a line to its journal when an edit or an
approval has returned. Clients are killed with SIGKILL at random moments and started again, while
two readers read the published store all the time. Afterwards everything in the journals must be in
the database, the record must verify, and no reader may have read a file that does not fit its hash,
or have seen the number in force decrease. `--broken` writes the index before the transaction
commits, which the readers must detect.

The database is a SQLite file, or one created for the run on the PostgreSQL server that DATABASE_URL
names.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.staging import SLUG, cast, edit, read_all_along, report, set_up_django, staged, start


def client(journal: Path, broken: bool) -> None:
    """Edit and publish until killed; write a line to the journal for each edit and publication."""
    set_up_django()
    from django.db import OperationalError
    from django.utils import timezone

    from compliance import publishing
    from compliance.models import Record
    from compliance.published import storage
    from compliance.published.index import encode_index
    from compliance.published.projection import build_index
    from compliance.publishing import decide

    if broken:
        original = decide.decide

        def decide_early(publication, kind, **facts):
            decision = original(publication, kind, **facts)
            index = build_index(publication.register, str(Record.identity()), known=None)
            if index:
                storage.save(storage.index_name(SLUG), encode_index(index))
                time.sleep(0.02)
            return decision

        decide.decide = decide_early
    register, editor, approver = cast()
    with journal.open("a") as lines:

        def note(line: str) -> None:
            lines.write(line + "\n")
            lines.flush()
            os.fsync(lines.fileno())

        while True:
            started_at = time.monotonic()
            try:
                note(f"edit {edit(register, editor)}")
                submitted = publishing.submit(
                    register, by=editor, at=timezone.now(), reason="Bench"
                )
                publishing.approve(
                    submitted,
                    by=approver,
                    at=timezone.now(),
                    approval_sha256=submitted.approval_sha256,
                )
                note(f"publication {submitted.number} {submitted.content_sha256}")
            except publishing.NotPublishable:
                # Another client has published in between. The random wait keeps the clients from
                # interrupting each other again and again.
                time.sleep(random.uniform(0, 3 * (time.monotonic() - started_at)))
            except OperationalError:
                continue


def _figures(folder: Path) -> dict[str, object]:
    """Return the figures of a run; "lost" and "half visible" must be 0."""
    from compliance.audit import verification
    from compliance.models import Changeset, Decision
    from compliance.published import reader, writer

    writer.complete()
    edits, approved = set(), set()
    for journal in folder.glob("journal-*"):
        for line in journal.read_text().splitlines():
            match line.split():
                case ["edit", changeset]:
                    edits.add(int(changeset))
                case ["publication", number, content_sha256]:
                    approved.add((int(number), content_sha256))
    changesets = set(Changeset.objects.values_list("pk", flat=True))
    approvals = Decision.objects.filter(kind="approved")
    decided = set(approvals.values_list("number", "content_sha256"))
    index = reader.read_index(SLUG)
    entries = index.publications if index else ()
    shown = {(entry.number, entry.content_sha256) for entry in entries}
    lost = len(edits - changesets) + len(approved - decided) + len(approved - shown)
    readers = report(folder)
    try:
        verified = verification.verify()
        verdict = f"{verified.entries} entries, {verified.rows} rows"
    except verification.RecordCorrupt as fault:
        verdict = f"CORRUPT: {fault}"
    return {
        "edits acknowledged": len(edits),
        "publications acknowledged": len(approved),
        "lost": lost,
        "responses read": readers.answers,
        "half visible": len(readers.faults),
        "faults": readers.faults[:3],
        "verify": verdict,
    }


def _run(options: argparse.Namespace, folder: Path) -> None:
    from django.db import connection

    broken = ["--broken"] if options.broken else []
    journals = [folder / f"journal-{number}" for number in range(options.clients)]

    def start_client(journal: Path) -> subprocess.Popen[bytes]:
        return start("bench.killed_publishing", "--client", journal, *broken)

    def acknowledged() -> int:
        return sum(
            journal.read_text().count("publication ") for journal in journals if journal.is_file()
        )

    kills, started_at = 0, time.monotonic()
    with read_all_along(folder):
        clients = [start_client(journal) for journal in journals]
        while (
            acknowledged() < options.acts or kills < options.kills
        ) and time.monotonic() - started_at < options.seconds:
            time.sleep(random.uniform(0.3, 2.5))
            if kills < options.kills:
                place = random.randrange(options.clients)
                _kill(clients[place])
                kills += 1
                clients[place] = start_client(journals[place])
        for process in clients:
            _kill(process)
    seconds = round(time.monotonic() - started_at)
    figures = _figures(folder)
    print(
        {
            "database": connection.vendor,
            "kills": kills + options.clients,
            "seconds": seconds,
            **figures,
        }
    )
    if options.broken:
        sys.exit(
            None
            if figures["half visible"]
            else "An index written before the commit was not caught."
        )
    if figures["lost"] or figures["half visible"] or "CORRUPT" in str(figures["verify"]):
        sys.exit("Something was lost or half visible, or the record does not verify.")
    if acknowledged() < options.acts:
        sys.exit(
            f"Only {acknowledged()} of {options.acts} publications in {options.seconds} seconds."
        )


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def main() -> None:
    """Print the figures; exit with 1 if something was lost or half visible.

    Also exits with 1 if there were fewer publications than requested, or if the fault of `--broken`
    was not detected.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--acts", type=int, default=1000, help="number of publications; there are as many edits"
    )
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=1800, help="stop after this time")
    parser.add_argument(
        "--broken", action="store_true", help="write the index too early, which must be detected"
    )
    parser.add_argument("--client", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        client(options.client, options.broken)
    else:
        with staged() as folder:
            _run(options, folder)


if __name__ == "__main__":
    main()
