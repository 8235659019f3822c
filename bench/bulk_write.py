"""Measures writing many models at once, beside a plain bulk_create of the same rows.

    python -m bench.bulk_write [--sizes 1000 10000 100000]

The plain write makes the same rows and history rows, and neither validates nor seals anything.
Each size has a new database: a SQLite file, or one on the PostgreSQL server that DATABASE_URL
names. Both writes run in alternation in one process, and the median of the runs is printed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.databases import fresh

SIZES = [1_000, 10_000, 100_000]
RUNS = 5


def measure(size: int) -> None:
    """Print the seconds that each way of writing takes, and the queries of the bulk path."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone

    from compliance.models import AIModel, Changeset
    from compliance.models.bulk import delete_all, save_all
    from compliance.models.changesets import changeset

    call_command("migrate", verbosity=0)
    history = AIModel.history.model
    names = [field.attname for field in history.tracked_fields]
    queries = 0

    def count_query(execute, *args):
        nonlocal queries
        queries += 1
        return execute(*args)

    def records(run, kind):
        numbers = range(size)
        return [AIModel(name=f"{kind} {run} {n}", developer="Acme", aliases="a") for n in numbers]

    def write_plainly(run):
        made = records(run, "plain")
        for record in made:
            record.slug = record.name
        with transaction.atomic():
            author = Changeset(label="bench", reason="Bench", source="command")
            author.save()
            AIModel._base_manager.bulk_create(made)
            rows = [
                history(
                    changeset=author,
                    history_change_reason="Bench",
                    history_date=timezone.now(),
                    history_type="+",
                    **{name: getattr(record, name) for name in names},
                )
                for record in made
            ]
            history._base_manager.bulk_create(rows)

    def write_with_history(run):
        with changeset(by=None, label="bench", reason="Bench", source="command"):
            save_all(records(run, "recorded"))

    def change_all(run):
        changed = list(AIModel.objects.filter(name__startswith=f"recorded {run} "))
        with changeset(by=None, label="bench", reason="Bench", source="command"):
            for record in changed:
                record.developer = "Acme SE"
            save_all(changed)

    def delete_them(run):
        doomed = list(AIModel.objects.filter(name__startswith=f"recorded {run} "))
        with changeset(by=None, label="bench", reason="Bench", source="command"):
            delete_all(doomed)

    steps = {
        "plain": write_plainly,
        "save_all": write_with_history,
        "save_all, changed": change_all,
        "delete_all": delete_them,
    }
    with connection.execute_wrapper(count_query):
        for run in range(RUNS):
            for name, step in steps.items():
                queries = 0
                started = perf_counter()
                step(run)
                print(size, name, perf_counter() - started, queries, sep="\t", flush=True)


def main() -> None:
    """Measure each size in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    if options.one:
        measure(options.one)
        return
    print(f"{'records':>8}  {'write':20}{'seconds':>9}{'µs each':>9}{'to plain':>10}{'queries':>9}")
    for size in options.sizes:
        with (
            tempfile.TemporaryDirectory() as folder,
            fresh(Path(folder), f"bulk_{size}") as environment,
        ):
            command = [sys.executable, "-m", "bench.bulk_write", "--one", str(size)]
            output = subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            ).stdout
        print_size(size, [line.split("\t") for line in output.splitlines()])


def print_size(size: int, lines: list[list[str]]) -> None:
    """Print a line for each way of writing: the median of its runs."""
    seconds: dict[str, list[float]] = {}
    queries: dict[str, str] = {}
    for _, name, duration, count in lines:
        seconds.setdefault(name, []).append(float(duration))
        queries[name] = count
    plain = median(seconds["plain"])
    for name, durations in seconds.items():
        typical = median(durations)
        print(
            f"{size:8}  {name:20}{typical:9.3f}{typical / size * 1e6:9.1f}"
            f"{typical / plain:10.2f}{queries[name]:>9}",
            flush=True,
        )


if __name__ == "__main__":
    main()
