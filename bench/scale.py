"""How import and capture grow: seconds and queries per model, as a ratio to the smallest register.

    python -m bench.scale [--sizes 1000 10000 100000]

Each size gets a SQLite database of its own in a temporary folder, or the one that DATABASE_URL names, which must be
empty. The pages are generated: listings of ten models, two of fifty providers, every tenth listing with a note.
"""

import argparse
import gc
import os
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from time import perf_counter

SIZES = [1_000, 10_000, 100_000]
MODELS_A_LISTING, PROVIDERS = 10, 50


def page(models: int) -> str:
    """Return a page of so many models."""
    rows = []
    for listing in range(models // MODELS_A_LISTING):
        names = [
            f"Model {listing * MODELS_A_LISTING + number}" for number in range(MODELS_A_LISTING)
        ]
        providers = [listing % PROVIDERS, (listing * 7 + 1) % PROVIDERS]
        documents = [
            f"[Provider {p} Privacy Policy](https://provider{p}.example/privacy)"
            for p in dict.fromkeys(providers)
        ]
        cells = ["<br>".join(f"• {name}" for name in names)]
        cells.append("<br>".join(f"• Provider {p}" for p in dict.fromkeys(providers)))
        cells += [
            "No",
            "30 days¹" if listing % 10 == 0 else "30 days",
            "<br>".join(f"• {each}" for each in documents),
        ]
        rows.append("| " + " | ".join(cells) + " |\n")
    head = "# Generated\n\nA page.\n\n| A | B | C | D | E |\n|--|--|--|--|--|\n"
    return head + "".join(rows) + "\n¹ A note.\n"


def measure(models: int) -> None:
    """Print, for one size in a database of its own, seconds and queries of reading, import, import again and capture."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from compliance.page.formats import markdown
    from compliance.workingcopy.importing import import_page
    from compliance.workingcopy.resolve import capture

    call_command("migrate", verbosity=0)
    snapshot = None
    queries = count()
    asked = 0

    def counted(execute, *args):
        nonlocal asked
        asked = next(queries)
        return execute(*args)

    def step(name, act):
        gc.collect()
        before, started = asked, perf_counter()
        result = act()
        print(models, name, perf_counter() - started, asked - before, sep="\t", flush=True)
        return result

    with connection.execute_wrapper(counted):
        snapshot = step("read", lambda: markdown.parse(page(models)))
        bring = lambda: import_page(snapshot, slug="generated", reason="Bench", label="bench")  # noqa: E731
        imported = step("import", bring)
        again = step("import again", bring)
        step("capture", lambda: capture(imported.register))
    if again.changes:
        sys.exit("The second import changed something.")


def main() -> None:
    """Measure each size in a process of its own and print the table with ratios to the first."""
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
        f"{'models':>8}  {'step':14}{'seconds':>9}{'ms/model':>10}{'ratio':>7}{'queries':>10}{'a model':>9}"
    )
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            environment = {
                "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
                **os.environ,
            }
            command = [sys.executable, "-m", "bench.scale", "--one", str(size)]
            told = subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            ).stdout
        for line in told.splitlines():
            _, step, seconds, queries = line.split("\t")
            each = float(seconds) / size * 1000
            ratio = each / first.setdefault(step, each)
            print(
                f"{size:8}  {step:14}{float(seconds):9.2f}{each:10.3f}{ratio:7.2f}{queries:>10}{int(queries) / size:9.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
