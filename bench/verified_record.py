"""Measures the time and the memory that `verify` needs, by the number of history rows.

    python -m bench.verified_record [--sizes 10000 100000]
    python -m bench.verified_record --against efbf4fe [--sizes 100000] [--rounds 3]

Each size has a record of its own: an imported page, then changesets of one to fifty rows (models
added and retired, texts changed), and a publication for every 10,000 rows. All of it is written
through the models and the functions of `publishing`. The printed memory is the peak of the
verifying process minus the peak for a record of a few rows. The database is a SQLite file, or one
created for each size on the PostgreSQL server that DATABASE_URL names.

`--against` compares with an earlier version, which runs from a git worktree in this environment.
Each fills a record of its own with as many history rows, and both are verified in turns, so that
what else the machine does meets both. The exit code is 1 if the median processor time per history
row is over 1.2 times that of the earlier version.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from bench.databases import fresh
from bench.scale import MODELS_PER_LISTING, page
from bench.versions import worktree

FEW, SIZES = 200, [10_000, 100_000]
EDITS_PER_CHANGESET = [1, 1, 1, 2, 3, 5, 10, 50]
ROWS_PER_PUBLICATION = 10_000
MOST = 1.2


def fill(rows: int) -> None:
    """Write at least the given number of history rows into an empty database, and publish."""
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.utils import timezone

    from bench.staging import word_training
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
    snapshot = markdown.parse(page(max(MODELS_PER_LISTING, rows // 20)))
    register = import_page(snapshot, slug="generated", reason="Bench", label="bench").register
    listings, added, dice = list(register.listings), [], random.Random(1)

    def edit() -> int:
        """Make a random edit and return how many history rows it wrote."""
        listing, action = dice.choice(listings), dice.choice(["add", "add", "retire", "change"])
        if action == "retire" and added:
            added.pop(dice.randrange(len(added))).delete()
        elif action == "add":
            model = AIModel(name=f"Added {dice.getrandbits(64)}")
            model.save()
            listed = ListedModel(listing=listing, model=model, position=1_000 + len(added) * 10)
            listed.save()
            added.append(listed)
            return 2
        else:
            word_training(listing, f"No ({dice.getrandbits(64)})")
        return 1

    def publish() -> None:
        at = timezone.now()
        content = publishing.candidate(register, at=at)
        submitted = publishing.submit(
            register,
            by=editor,
            at=at,
            reason="Bench",
            answers={finding.key: "Bench." for finding in content.findings},
            grades={change.key: "neutral" for change in content.to_grade},
        )
        publishing.approve(
            submitted, by=approver, at=timezone.now(), approval_sha256=submitted.approval_sha256
        )

    written, published = history_rows(), 0
    while written < rows:
        with changeset(by=editor, reason="Bench"):
            written += sum(edit() for _ in range(dice.choice(EDITS_PER_CHANGESET)))
        if written >= (published + 1) * ROWS_PER_PUBLICATION:
            publish()
            published += 1
    if not published:
        publish()


def history_rows() -> int:
    """Return the number of history rows of all tracked models."""
    from django.apps import apps

    from compliance.models.tracked import Tracked

    tracked = [
        model
        for model in apps.get_app_config("compliance").get_models()
        if issubclass(model, Tracked)
    ]
    return sum(model.history.count() for model in tracked)


def verify() -> None:
    """Verify the record and print the figures that `measure` returns, as JSON."""
    from compliance.audit import verification

    started, used = perf_counter(), process_time()
    verified = verification.verify()
    seconds, used = perf_counter() - started, process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([history_rows(), verified.entries, verified.rows, seconds, used, peak]))


def measure(rows: int) -> list[float]:
    """Fill a record, verify it in another process, and return the figures; see `verified`."""
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh(Path(folder), f"rows_{rows}") as environment,
    ):
        filled(rows, Path.cwd(), environment)
        return verified(Path.cwd(), environment)


def filled(rows: int, version: Path, environment: dict[str, str]) -> None:
    """Fill the record that the environment names, with the code of a version."""
    command = [sys.executable, "-m", "bench.verified_record", "--one", str(rows)]
    # Filling prints the mails of publications to standard output.
    subprocess.run(command, cwd=version, env=environment, check=True, stdout=subprocess.DEVNULL)


def verified(version: Path, environment: dict[str, str]) -> list[float]:
    """Verify a record in another process, with the code of a version, and return the figures.

    They are the number of history rows, of ledger entries and of sealed rows, the seconds, the
    seconds of processor time, and the peak memory in MiB.
    """
    command = [sys.executable, "-m", "bench.verified_record", "--one", "0"]
    output = subprocess.run(
        command, cwd=version, env=environment, check=True, stdout=subprocess.PIPE
    ).stdout
    values: list[float] = json.loads(output)
    return values


def compare(revision: str, rows: int, rounds: int) -> float:
    """Print what verifying costs this version and an earlier one; return the ratio of the two."""
    with (
        tempfile.TemporaryDirectory() as name,
        worktree(revision, Path(name) / "earlier") as earlier,
        fresh(Path(name), "before") as before,
        fresh(Path(name), "now") as now,
    ):
        records = {"before": (earlier, before), "now": (Path.cwd(), now)}
        figures: dict[str, list[list[float]]] = {title: [] for title in records}
        for version, environment in records.values():
            filled(rows, version, environment)
        for _ in range(rounds):
            for title, (version, environment) in records.items():
                figures[title].append(verified(version, environment))
    per_row = {}
    print(f"{'version':>8}{'history':>9}{'sealed':>9}{'seconds':>9}{'CPU s':>8}{'MiB':>7}")
    for title, measured in figures.items():
        history, _, sealed, seconds, used, peak = map(
            statistics.median, zip(*measured, strict=True)
        )
        per_row[title] = used / history
        print(f"{title:>8}{history:9.0f}{sealed:9.0f}{seconds:9.2f}{used:8.2f}{peak:7.0f}")
    ratio = per_row["now"] / per_row["before"]
    print(f"Processor time per history row: {ratio:.2f} times that of {revision}.")
    return ratio


def main() -> None:
    """Measure each size and print the table, or compare with an earlier version.

    The ratio of the table compares the processor time per row with that of the first size. It is
    processor time because elapsed time depends on what else the machine does. The time of a
    database server is not included.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--against", help="a git revision")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    if options.one is not None:
        import django

        django.setup()
        fill(options.one) if options.one else verify()
        return
    if options.against:
        ratios = [compare(options.against, size, options.rounds) for size in options.sizes]
        sys.exit(int(max(ratios) > MOST))
    smallest_peak = measure(FEW)[-1]
    first_seconds_per_row = 0.0
    print(
        f"{'history':>8}{'entries':>9}{'sealed':>9}{'seconds':>9}{'rows/s':>8}{'CPU s':>8}"
        f"{'ratio':>7}{'MiB more':>10}"
    )
    for size in options.sizes:
        history, entries, sealed, seconds, used, peak = measure(size)
        first_seconds_per_row = first_seconds_per_row or used / sealed
        print(
            f"{history:8}{entries:9}{sealed:9}{seconds:9.2f}{sealed / seconds:8.0f}"
            f"{used:8.2f}{used / sealed / first_seconds_per_row:7.2f}{peak - smallest_peak:10.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
