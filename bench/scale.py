"""Measures the import and capture of registers: seconds and queries per model, by size.

    python -m bench.scale [--sizes 1000 10000 100000]

The printed ratio is that of the processor time per model to that of the first size: elapsed time
depends on what else the machine does. The time of a database server is not included. Each size has
a database of its own: a SQLite file, or one on the PostgreSQL server that DATABASE_URL names. The
pages are generated: each listing has ten models and two of fifty providers, and every tenth listing
has a footnote.

The step "plain" writes the same rows and history rows by bulk_create into the emptied database,
without validating, matching or sealing anything. The last column is the import's time to that:
processor time, or with a server elapsed time.
"""

import argparse
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter, process_time

from bench.databases import fresh

SIZES = [1_000, 10_000, 100_000]
MODELS_PER_LISTING, PROVIDERS = 10, 50


def page(models: int) -> str:
    """Return a generated page in Markdown."""
    rows = []
    for listing in range(models // MODELS_PER_LISTING):
        first = listing * MODELS_PER_LISTING
        names = [f"Model {number}" for number in range(first, first + MODELS_PER_LISTING)]
        providers = dict.fromkeys([listing % PROVIDERS, (listing * 7 + 1) % PROVIDERS])
        documents = [
            f"[Provider {provider} Privacy Policy](https://provider{provider}.example/privacy)"
            for provider in providers
        ]
        cells = [
            _bullets(names),
            _bullets(f"Provider {provider}" for provider in providers),
            "No",
            "30 days¹" if listing % 10 == 0 else "30 days",
            _bullets(documents),
        ]
        rows.append("| " + " | ".join(cells) + " |\n")
    labels = "| Model | Provider | Trains on prompts | Retention | Policies |\n|--|--|--|--|--|\n"
    head = f"# Generated\n\nA page.\n\n{labels}"
    return head + "".join(rows) + "\n¹ A note.\n"


def _bullets(items: Iterable[str]) -> str:
    return "<br>".join(f"• {item}" for item in items)


def measure(models: int) -> None:
    """Print the seconds and queries of parsing, importing, importing again and capturing a page.

    Prints a line for each step, with its columns separated by tabs.
    """
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from compliance.page.formats import markdown
    from compliance.workingcopy.importing import import_page
    from compliance.workingcopy.resolve import capture

    call_command("migrate", verbosity=0)
    queries = 0

    def count_query(execute, *args):
        nonlocal queries
        queries += 1
        return execute(*args)

    def step(name, function):
        gc.collect()
        queries_before, started, used = queries, perf_counter(), process_time()
        result = function()
        seconds, used = perf_counter() - started, process_time() - used
        print(name, seconds, used, queries - queries_before, sep="\t", flush=True)
        return result

    def import_generated():
        return import_page(snapshot, slug="generated", reason="Bench", label="bench")

    # What the first import of a process compiles and caches is no cost of a page.
    small = markdown.parse(page(MODELS_PER_LISTING))
    import_page(small, slug="small", reason="Bench", label="bench")
    with connection.execute_wrapper(count_query):
        snapshot = step("read", lambda: markdown.parse(page(models)))
        imported = step("import", import_generated)
        again = step("import again", import_generated)
        step("capture", lambda: capture(imported.register))
    if again.changes:
        sys.exit("The second import changed something.")
    rows = written_rows()
    empty()
    with connection.execute_wrapper(count_query):
        step("plain", lambda: write_plainly(rows))


def written_rows() -> list[tuple[type, list]]:
    """Return the changesets, and all rows of the working copy with their history rows."""
    from compliance.models import Changeset, graph

    rows = [(Changeset, list(Changeset.objects.all()))]
    for model in graph.tracked_models():
        for kind in (model, model.history.model):
            rows.append((kind, list(kind._base_manager.all())))
    return rows


def empty() -> None:
    """Delete everything that was written."""
    from django.core.management import call_command
    from django.db import connection

    from compliance.audit import guards

    guards.uninstall(connection)
    call_command("flush", verbosity=0, interactive=False)
    guards.install(connection)


def write_plainly(rows: list[tuple[type, list]]) -> None:
    """Insert rows with nothing but bulk_create."""
    from django.db import transaction

    with transaction.atomic():
        for kind, instances in rows:
            kind._base_manager.bulk_create(instances)


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
    first: dict[str, float] = {}
    print(
        f"{'models':>8}  {'step':14}{'seconds':>9}{'CPU s':>8}{'µs a model':>12}{'ratio':>7}"
        f"{'queries':>10}{'a model':>9}{'to plain':>10}"
    )
    for size in options.sizes:
        with (
            tempfile.TemporaryDirectory() as folder,
            fresh(Path(folder), f"scale_{size}") as environment,
        ):
            command = [sys.executable, "-m", "bench.scale", "--one", str(size)]
            output = subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            ).stdout
        print_size(size, [line.split("\t") for line in output.splitlines()], first)


def print_size(size: int, lines: list[list[str]], first: dict[str, float]) -> None:
    """Print a line for each step; `first` keeps the times per model of the first size."""
    # Of a server's work only the elapsed time is known.
    has_server = os.environ.get("DATABASE_URL", "").startswith("postgres")
    times = {name: float(elapsed if has_server else used) for name, elapsed, used, _ in lines}
    for name, seconds, used, queries in lines:
        microseconds = float(used) / size * 1e6
        ratio = microseconds / first.setdefault(name, microseconds)
        to_plain = f"{times['import'] / times['plain']:10.2f}" if name == "import" else ""
        print(
            f"{size:8}  {name:14}{float(seconds):9.2f}{float(used):8.2f}{microseconds:12.0f}"
            f"{ratio:7.2f}{queries:>10}{int(queries) / size:9.3f}{to_plain}",
            flush=True,
        )


if __name__ == "__main__":
    main()
