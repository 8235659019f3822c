"""How long `verify` takes and how much memory, by the rows of history: rows a second, and its growth as a ratio.

    python -m bench.verified_record [--sizes 10000 100000]

Each size gets a record of its own: a page imported, then changesets of one to fifty rows (models added and retired,
texts changed), and a publication for every 10,000 rows; all through the models and verbs. Memory is the peak of the
verifying process above that for a record of a few rows. The database is a SQLite file, or one made for each size on
the PostgreSQL server that DATABASE_URL names.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from bench.databases import fresh
from bench.scale import MODELS_A_LISTING, page

FEW, SIZES = 200, [10_000, 100_000]
ACTS = [1, 1, 1, 2, 3, 5, 10, 50]
ROWS_A_PUBLICATION = 10_000


def fill(rows: int) -> None:
    """Put so many rows of history into an empty database, and publish on the way."""
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.utils import timezone

    from compliance import publishing
    from compliance.models import AIModel, ListedModel, User
    from compliance.models.changesets import changeset
    from compliance.page.formats import markdown
    from compliance.published import writer
    from compliance.workingcopy.importing import import_page

    call_command("migrate", verbosity=0)
    writer.complete()
    editor, approver = (
        User.objects.create_user(role, is_staff=True) for role in ("editor", "approver")
    )
    for user in (editor, approver):
        user.groups.add(Group.objects.get(name=user.username))
    snapshot = markdown.parse(page(max(MODELS_A_LISTING, rows // 20)))
    register = import_page(snapshot, slug="generated", reason="Bench", label="bench").register
    listings, added, turn = list(register.listings.all()), [], random.Random(1)

    def edit() -> int:
        listing, act = turn.choice(listings), turn.choice(["add", "add", "retire", "change"])
        if act == "retire" and added:
            added.pop(turn.randrange(len(added))).delete()
        elif act == "add":
            model = AIModel(name=f"Added {turn.getrandbits(64)}")
            model.save()
            listed = ListedModel(listing=listing, model=model, position=1_000 + len(added) * 10)
            listed.save()
            added.append(listed)
            return 2
        else:
            listing.set(training_text=f"No ({turn.getrandbits(64)})")
        return 1

    def publish() -> None:
        at = timezone.now()
        answers = {
            finding.key: "Bench." for finding in publishing.candidate(register, at=at).findings
        }
        submitted = publishing.submit(register, by=editor, at=at, reason="Bench", answers=answers)
        publishing.approve(
            submitted, by=approver, at=timezone.now(), content_sha256=submitted.content_sha256
        )

    written, published = history_rows(), 0
    while written < rows:
        with changeset(by=editor, reason="Bench"):
            written += sum(edit() for _ in range(turn.choice(ACTS)))
        if written >= (published + 1) * ROWS_A_PUBLICATION:
            publish()
            published += 1
    if not published:
        publish()


def history_rows() -> int:
    """Return how many rows of history there are."""
    from django.apps import apps

    from compliance.models.tracked import Tracked

    tracked = [
        model
        for model in apps.get_app_config("compliance").get_models()
        if issubclass(model, Tracked)
    ]
    return sum(model.history.count() for model in tracked)


def verify() -> None:
    """Verify the record and print what that took; memory in MiB."""
    from compliance.audit import verification

    started, used = perf_counter(), process_time()
    verified = verification.verify()
    seconds, used = perf_counter() - started, process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([history_rows(), verified.entries, verified.rows, seconds, used, peak]))


def measured(rows: int) -> list[float]:
    """Return history rows, entries, sealed rows, seconds, those of the processor, and MiB, of verifying a record."""
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh(Path(folder), f"rows_{rows}") as environment,
    ):
        command = [sys.executable, "-m", "bench.verified_record", "--one"]
        # The mails that nobody reads go to standard output.
        subprocess.run(
            [*command, str(rows)], env=environment, check=True, stdout=subprocess.DEVNULL
        )
        told = subprocess.run(
            [*command, "0"], env=environment, check=True, stdout=subprocess.PIPE
        ).stdout
    values: list[float] = json.loads(told)
    return values


def main() -> None:
    """Measure each size and print the table; the ratio is that of the processor's time a row to the first size's.

    The processor's, because the other time depends on what else the machine does; the server's is not in it.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    if options.one is not None:
        import django

        django.setup()
        fill(options.one) if options.one else verify()
        return
    few = measured(FEW)[-1]
    first = 0.0
    print(
        f"{'history':>8}{'entries':>9}{'sealed':>9}{'seconds':>9}{'rows/s':>8}{'CPU s':>8}{'ratio':>7}{'MiB more':>10}"
    )
    for size in options.sizes:
        history, entries, sealed, seconds, used, peak = measured(size)
        first = first or used / sealed
        print(
            f"{history:8}{entries:9}{sealed:9}{seconds:9.2f}{sealed / seconds:8.0f}"
            f"{used:8.2f}{used / sealed / first:7.2f}{peak - few:10.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
