"""Compares this version with an earlier one: reading, capturing, writing and serving a page.

    python -m bench.versions [--against efbf4fe] [--rounds 9] [--models 2000]

The earlier version runs from a git worktree in a temporary folder, in the same environment. Both
keep a process of their own, and measure in turns, so that what else the machine does meets both.
Each line is the median of processor times, and the ratio of this version to the earlier one. The
exit code is 1 if a ratio is over 1.15; canonical JSON has no limit.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST = 1.15
# The JSON itself is two thirds longer than that of version 1, and the library writes all of it.
_UNLIMITED = "canonical JSON"
_MODELS_PER_LISTING, _PROVIDERS = 10, 50
# What a process of either version does: set up, then measure once for each line that it is sent.
_PROCESS = """
import gc, json, sys
from time import process_time

import django
django.setup()
from django.core.management import call_command
from django.test import Client

try:
    from compliance.page.formats import markdown
    from compliance.rendering.html import html_body
    from compliance.workingcopy.importing.page import import_page
    from compliance.workingcopy.resolve import capture
except ImportError:  # version 1
    from compliance.capture import capture
    from compliance.formats import markdown
    from compliance.importing import import_page
    from compliance.rendering import html_body

for command in ("migrate", "demo"):
    call_command(command, verbosity=0, stdout=sys.stderr)
source = open(sys.argv[1], encoding="utf-8").read()
register = import_page(
    markdown.parse(source), slug="generated", reason="Bench", label="bench"
).register
snapshot = capture(register)
values = snapshot.to_dict()
client = Client()
etag = client.get("/llms-privacy/")["ETag"]

def repeated(times, act):
    for _ in range(times):
        act()

STEPS = {
    "read a page": lambda: markdown.parse(source),
    "capture": lambda: capture(register),
    "canonical JSON": lambda: snapshot.canonical_bytes(),
    "read JSON": lambda: type(snapshot).from_dict(values),
    "render HTML": lambda: html_body(snapshot),
    "page, 300 times": lambda: repeated(300, lambda: client.get("/llms-privacy/")),
    "304, 300 times": lambda: repeated(
        300, lambda: client.get("/llms-privacy/", headers={"If-None-Match": etag})
    ),
}
assert client.get("/llms-privacy/", headers={"If-None-Match": etag}).status_code == 304
print("ready", flush=True)
for line in sys.stdin:
    seconds = {}
    for name, act in STEPS.items():
        gc.collect()
        started = process_time()
        act()
        seconds[name] = process_time() - started
    print(json.dumps(seconds), flush=True)
"""


def main() -> None:
    """Measure both versions in turns, and print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", default="efbf4fe", help="a git revision")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--models", type=int, default=2000)
    options = parser.parse_args()
    measured: dict[str, list[dict[str, float]]] = {"before": [], "now": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = folder / "page.md"
        page.write_text(_page(options.models), encoding="utf-8")
        with worktree(options.against, folder / "earlier") as earlier:
            processes = {
                "before": _start(earlier, folder / "before", page),
                "now": _start(Path.cwd(), folder / "now", page),
            }
            for _ in range(options.rounds):
                for version, process in processes.items():
                    measured[version].append(_round(process))
            for process in processes.values():
                process.terminate()
                process.wait()
    sys.exit(_print_table(measured))


def _page(models: int) -> str:
    """Return a generated page in the Markdown that both versions read."""
    rows = []
    for listing in range(models // _MODELS_PER_LISTING):
        first = listing * _MODELS_PER_LISTING
        names = "<br>".join(f"• Model {first + number}" for number in range(_MODELS_PER_LISTING))
        provider = listing % _PROVIDERS
        policy = f"[Provider {provider} Policy](https://provider{provider}.example/privacy)"
        rows.append(f"| {names} | • Provider {provider} | No | 30 days | • {policy} |\n")
    labels = (
        "| Model | Model Provider | Trains on User Data via API | Data Retention for API |"
        " Privacy Policy / FAQ |\n|--|--|--|--|--|\n"
    )
    return f"# Generated\n\nA page.\n\n{labels}{''.join(rows)}"


@contextmanager
def worktree(revision: str, folder: Path) -> Iterator[Path]:
    """Yield a folder with the files of a revision."""
    subprocess.run(["git", "worktree", "add", "-q", "--detach", folder, revision], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", folder], check=True)


def _start(version: Path, folder: Path, page: Path) -> "subprocess.Popen[str]":
    """Start a process of a version, and return it when it is ready to measure."""
    folder.mkdir()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "registry.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "PUBLISHED_ROOT": str(folder / "published"),
        "STATIC_ROOT": str(folder / "static"),
        "DEMO": "True",
        "SECRET_KEY": "bench",
        "ALLOWED_HOSTS": "testserver",
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(collect, cwd=version, env=environment, check=True)
    process = subprocess.Popen(
        [sys.executable, "-c", _PROCESS, str(page)],
        cwd=version,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    if process.stdout.readline().strip() != "ready":
        sys.exit(f"{version} did not start:\n{process.stderr.read()}")
    return process


def _round(process: "subprocess.Popen[str]") -> dict[str, float]:
    assert process.stdin
    assert process.stdout
    process.stdin.write("measure\n")
    process.stdin.flush()
    seconds: dict[str, float] = json.loads(process.stdout.readline())
    return seconds


def _print_table(measured: dict[str, list[dict[str, float]]]) -> int:
    """Print a line for each step; return 1 if a ratio is over the limit, else 0."""
    print(f"{'step':20}{'before':>10}{'now':>10}{'ratio':>8}")
    is_slower = False
    for step in measured["now"][0]:
        before = statistics.median(seconds[step] for seconds in measured["before"])
        now = statistics.median(seconds[step] for seconds in measured["now"])
        is_slower = is_slower or (step != _UNLIMITED and now / before > MOST)
        print(f"{step:20}{before:10.3f}{now:10.3f}{now / before:8.2f}")
    return int(is_slower)


if __name__ == "__main__":
    main()
