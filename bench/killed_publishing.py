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
import tempfile
import time
from pathlib import Path

from bench.databases import fresh

SLUG = "bench"


def _django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    import django

    django.setup()


def client(journal: Path, broken: bool) -> None:
    """Edit and publish until killed; write a line down for each act that returned."""
    _django()
    from django.contrib.auth.models import User
    from django.db import OperationalError
    from django.utils import timezone

    from compliance import publishing, store
    from compliance.models import Listing, Register
    from compliance.models.changesets import changeset
    from compliance.publishing import deciding

    if broken:
        whole = deciding.decide

        def decide_early(publication, kind, **facts):
            decision = whole(publication, kind, **facts)
            index = store._made(publication.register, str(store.Record.identity()), known=None)
            if index:
                store._write(f"{SLUG}/index.json", store._encoded(index))
                time.sleep(0.02)
            return decision

        deciding.decide = decide_early
    editor, approver = User.objects.get(username="editor"), User.objects.get(username="approver")
    register = Register.objects.get(slug=SLUG)
    with journal.open("a") as lines:

        def note(line: str) -> None:
            lines.write(line + "\n")
            lines.flush()
            os.fsync(lines.fileno())

        answers: dict[str, str] = {}
        while True:
            began = time.monotonic()
            try:
                with changeset(by=editor, reason="Bench") as act:
                    listing = Listing.objects.filter(register=register).order_by("?").first()
                    assert listing
                    listing.set(training_text=f"No ({random.getrandbits(40)})")
                note(f"edit {act.changeset and act.changeset.pk}")
                submitted = publishing.submit(register, by=editor, at=timezone.now(), reason="Bench", answers=answers)
                publishing.approve(submitted, by=approver, at=timezone.now(), content_sha256=submitted.content_sha256)
                note(f"publication {submitted.number} {submitted.content_sha256}")
            except publishing.NotPublishable as refusal:
                answers |= {finding.key: "Bench." for finding in refusal.findings}
                # Another client came between: wait at random, or they keep coming between each other.
                time.sleep(random.uniform(0, 3 * (time.monotonic() - began)))
            except OperationalError:
                continue


def reader(report: Path, stop: Path) -> None:
    """Read what is in force until told to stop; write down what no reader may see."""
    _django()
    from django.utils import timezone

    from compliance import store

    last = answers = 0
    faults = []
    while not stop.exists():
        try:
            index = store.read(SLUG)
            entry = index.in_force(timezone.now()) if index else None
            if index is None or entry is None:
                continue
            for format in entry.files:
                store.content(index, entry, format)
            if entry.number < last:
                faults.append(f"went back from {last} to {entry.number}")
            last = max(last, entry.number)
        except store.StoreFault as fault:
            faults.append(str(fault))
        answers += 1
        time.sleep(0.01)
    report.write_text("\n".join([str(answers), *faults[:5]]))


def _prepare() -> None:
    _django()
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from compliance import store
    from compliance.formats import markdown
    from compliance.importing import import_page

    head = "| Model | Provider | Trains | Keeps | Policies |\n|--|--|--|--|--|\n"
    rows = "".join(f"| Model {n} | Provider {n} | No | 30 days | |\n" for n in range(8))
    import_page(markdown.parse(f"# Bench\n\n{head}{rows}"), slug=SLUG, reason="Bench", by=None, label="bench")
    for role in ("editor", "approver"):
        User.objects.create_user(role, is_staff=True).groups.add(Group.objects.get(name=role))
    store.complete()


def _judge(folder: Path) -> dict[str, object]:
    """Return the figures; what must be 0 is named lost, half or unsound."""
    _django()
    from compliance import record, store
    from compliance.models import Changeset, Decision

    store.complete()
    acts = [line.split() for file in folder.glob("journal-*") for line in file.read_text().splitlines()]
    edits = {int(act[1]) for act in acts if act[0] == "edit" and act[1] != "None"}
    approved = {(int(act[1]), act[2]) for act in acts if act[0] == "publication"}
    lost = len(edits - set(Changeset.objects.values_list("pk", flat=True)))
    lost += len(approved - set(Decision.objects.filter(kind="approved").values_list("number", "content_sha256")))
    index = store.read(SLUG)
    shown = {(entry.number, entry.content_sha256) for entry in index.publications} if index else set()
    lost += len(approved - shown)
    reports = [file.read_text().splitlines() for file in folder.glob("reader-*")]
    try:
        verified = record.verify()
        sound = f"{verified.entries} entries, {verified.rows} rows"
    except record.Unsound as fault:
        sound = f"UNSOUND: {fault}"
    return {
        "edits acknowledged": len(edits),
        "publications acknowledged": len(approved),
        "lost": lost,
        "answers read": sum(int(lines[0]) for lines in reports),
        "half visible": sum(len(lines) - 1 for lines in reports),
        "faults": [line for lines in reports for line in lines[1:]][:3],
        "verify": sound,
    }


def _run(options: argparse.Namespace, folder: Path) -> None:
    def start(*args: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "bench.killed_publishing", *args]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)  # where the mails go that nobody reads

    stop = folder / "stop"
    if start("--role", "prepare").wait():
        sys.exit("The database could not be prepared.")
    broken = ["--broken"] if options.broken else []
    journals = [str(folder / f"journal-{n}") for n in range(options.clients)]
    clients = [start("--role", "client", "--file", each, *broken) for each in journals]
    readers = [start("--role", "reader", "--file", str(folder / f"reader-{n}"), "--stop", str(stop)) for n in range(2)]
    kills, began = 0, time.monotonic()

    def acknowledged() -> int:
        return sum(file.read_text().count("publication ") for file in folder.glob("journal-*") if file.is_file())

    while (acknowledged() < options.acts or kills < options.kills) and time.monotonic() - began < options.seconds:
        time.sleep(random.uniform(0.3, 2.5))
        if kills < options.kills:
            place = random.randrange(options.clients)
            clients[place].send_signal(signal.SIGKILL)
            clients[place].wait()
            kills += 1
            clients[place] = start("--role", "client", "--file", journals[place], *broken)
    for process in clients:
        process.send_signal(signal.SIGKILL)
        process.wait()
    stop.touch()
    for process in readers:
        process.wait()
    seconds = round(time.monotonic() - began)
    figures = _judge(folder)
    print({"database": _vendor(), "kills": kills + options.clients, "seconds": seconds, **figures})
    if options.broken:
        sys.exit(None if figures["half visible"] else "An index written before the commit was not caught.")
    if figures["lost"] or figures["half visible"] or "UNSOUND" in str(figures["verify"]):
        sys.exit("Something was lost, half visible or unsound.")
    if acknowledged() < options.acts:
        sys.exit(f"Only {acknowledged()} of {options.acts} publications in {options.seconds} seconds.")


def _vendor() -> str:
    from django.db import connection

    return connection.vendor


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
    parser.add_argument("--role", choices=["prepare", "client", "reader"])
    parser.add_argument("--file", type=Path)
    parser.add_argument("--stop", type=Path)
    options = parser.parse_args()
    if options.role == "prepare":
        _prepare()
    elif options.role == "client":
        client(options.file, options.broken)
    elif options.role == "reader":
        reader(options.file, options.stop)
    else:
        with tempfile.TemporaryDirectory() as name, fresh(Path(name)) as environment:
            os.environ.update(environment)
            _run(options, Path(name))


if __name__ == "__main__":
    main()
