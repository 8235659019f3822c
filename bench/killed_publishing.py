"""Publications and edits killed with -9 at random moments: nothing acknowledged is lost, nothing half is visible.

    python -m bench.killed_publishing [--acts 1000] [--clients 4] [--kills 40] [--seconds 1800] [--broken]

Clients edit and publish, each act alternately, and write down each act once its verb has returned. They are killed at
random and started again, while two readers read the published store all along. Afterwards every act that was written
down must be in the record, the record must verify, and no reader may have seen an answer that does not fit its hash,
or a number in force that went back. `--broken` writes the index before the commit: the readers must catch that.

The database is a SQLite file, or one made for the run on the PostgreSQL server that DATABASE_URL names.
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
    """Edit and publish until killed; write a line down for each act that returned."""
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
        whole = decide.decide

        def decide_early(publication, kind, **facts):
            decision = whole(publication, kind, **facts)
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
            began = time.monotonic()
            try:
                note(f"edit {edit(register, editor)}")
                submitted = publishing.submit(
                    register, by=editor, at=timezone.now(), reason="Bench"
                )
                publishing.approve(
                    submitted,
                    by=approver,
                    at=timezone.now(),
                    content_sha256=submitted.content_sha256,
                )
                note(f"publication {submitted.number} {submitted.content_sha256}")
            except publishing.NotPublishable:
                # Another client came between: wait at random, or they keep coming between each other.
                time.sleep(random.uniform(0, 3 * (time.monotonic() - began)))
            except OperationalError:
                continue


def _judge(folder: Path) -> dict[str, object]:
    """Return the figures; what must be 0 is named lost, half or unsound."""
    from compliance.audit import verification
    from compliance.models import Changeset, Decision
    from compliance.published import reader, writer

    writer.complete()
    acts = [
        line.split() for file in folder.glob("journal-*") for line in file.read_text().splitlines()
    ]
    edits = {int(act[1]) for act in acts if act[0] == "edit"}
    approved = {(int(act[1]), act[2]) for act in acts if act[0] == "publication"}
    lost = len(edits - set(Changeset.objects.values_list("pk", flat=True)))
    lost += len(
        approved
        - set(Decision.objects.filter(kind="approved").values_list("number", "content_sha256"))
    )
    index = reader.read_index(SLUG)
    shown = (
        {(entry.number, entry.content_sha256) for entry in index.publications} if index else set()
    )
    lost += len(approved - shown)
    met = report(folder)
    try:
        verified = verification.verify()
        sound = f"{verified.entries} entries, {verified.rows} rows"
    except verification.RecordCorrupt as fault:
        sound = f"UNSOUND: {fault}"
    return {
        "edits acknowledged": len(edits),
        "publications acknowledged": len(approved),
        "lost": lost,
        "answers read": met.answers,
        "half visible": len(met.faults),
        "faults": met.faults[:3],
        "verify": sound,
    }


def _run(options: argparse.Namespace, folder: Path) -> None:
    from django.db import connection

    broken = ["--broken"] if options.broken else []
    journals = [folder / f"journal-{number}" for number in range(options.clients)]

    def started(journal: Path) -> subprocess.Popen[bytes]:
        return start("bench.killed_publishing", "--client", journal, *broken)

    def acknowledged() -> int:
        return sum(
            journal.read_text().count("publication ") for journal in journals if journal.is_file()
        )

    kills, began = 0, time.monotonic()
    with read_all_along(folder):
        clients = [started(journal) for journal in journals]
        while (
            acknowledged() < options.acts or kills < options.kills
        ) and time.monotonic() - began < options.seconds:
            time.sleep(random.uniform(0.3, 2.5))
            if kills < options.kills:
                place = random.randrange(options.clients)
                _kill(clients[place])
                kills += 1
                clients[place] = started(journals[place])
        for process in clients:
            _kill(process)
    seconds = round(time.monotonic() - began)
    figures = _judge(folder)
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
    if figures["lost"] or figures["half visible"] or "UNSOUND" in str(figures["verify"]):
        sys.exit("Something was lost, half visible or unsound.")
    if acknowledged() < options.acts:
        sys.exit(
            f"Only {acknowledged()} of {options.acts} publications in {options.seconds} seconds."
        )


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def main() -> None:
    """Run clients, readers and kills, and print the figures; exit 1 when something was lost or half.

    Exit 1 too when there were fewer acts than asked for, and when the negative control was not caught.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=1000, help="publications; as many edits")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=1800, help="at most")
    parser.add_argument("--broken", action="store_true", help="the negative control")
    parser.add_argument("--client", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        client(options.client, options.broken)
    else:
        with staged() as folder:
            _run(options, folder)


if __name__ == "__main__":
    main()
