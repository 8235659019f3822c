"""Checks that killing PostgreSQL loses nothing that was acknowledged, and that the page stays up.

    python -m bench.killed_database [--kills 20] [--clients 4] [--acts 5] [--broken]

PostgreSQL runs in a temporary folder. Clients edit and publish over HTTP, and readers read the
pages (`bench.publishing_clients`). At random moments all processes of PostgreSQL are killed with
SIGKILL, and it is started again; the application keeps running. After each kill the clients pause:
everything that was acknowledged must be in the record and in the published store, and `verify` must
find the record sound and the store equal to it. Between two kills there are at least `--acts` edits
and publications. No request for a page may fail at any time, and no other request that
began three seconds after PostgreSQL answered again.

`--broken` lets PostgreSQL acknowledge commits before they are on the disk (`synchronous_commit`),
which must be detected.

SQLite has no server: `bench.killed_publishing` kills the processes that it runs in.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.killed_publishing import acknowledged
from bench.own_postgresql import OwnPostgreSQL
from bench.publishing_clients import (
    READERS,
    Editor,
    Failure,
    Reader,
    is_sound,
    losses,
    make_editors,
    paused,
    reading_faults,
    verdict,
    working,
)
from bench.serving import DEMO, gunicorn, with_style_sheets
from bench.staging import SLUG, publish, staged

_BROKEN = ["synchronous_commit=off", "wal_writer_delay=10s"]
# The application asks a database that is away once a second, and its pool connects anew meanwhile.
_NOTICED_WITHIN = 3  # seconds
_LONGEST_WAIT = 300  # seconds, for a few edits and publications
SLUGS = [f"{SLUG}-0", f"{SLUG}-1"]


class Outages:
    """Kills a server and starts it again, and remembers when it was away."""

    def __init__(self, database: OwnPostgreSQL) -> None:
        self._database = database
        self._times: list[tuple[float, float]] = []

    def kill_and_restart(self) -> None:
        killed_at = time.monotonic()
        self._database.kill()
        self._database.start()
        self._times.append((killed_at, time.monotonic() + _NOTICED_WITHIN))

    def explain(self, failure: Failure) -> bool:
        """Return whether the database was away at some time during a request."""
        return any(failure.began < ended and began < failure.ended for began, ended in self._times)


def check(editors: list[Editor]) -> tuple[list[str], bool]:
    """Return what is lost or unsound, and whether an index had to be completed.

    A kill between a commit and its index leaves an index behind the database. The next start of the
    application or the next approval completes it, and so does this function.
    """
    from django.db import connection

    from compliance.published import writer

    is_behind = bool(writer.slugs_behind())
    writer.complete()
    faults = losses(editors)
    found = verdict()
    if not is_sound(found):
        faults.append(found)
    connection.close()
    return faults, is_behind


def wait_for_acts(editors: list[Editor], acts: int) -> None:
    """Wait until there are more edits and publications, and then for a random time."""
    wanted = min(acknowledged(editors)) + acts
    deadline = time.monotonic() + _LONGEST_WAIT
    while min(acknowledged(editors)) < wanted:
        if time.monotonic() > deadline:
            failures = {failure.what for editor in editors for failure in editor.failures[-3:]}
            raise TimeoutError(f"The clients get nothing done. Their last failures: {failures}")
        time.sleep(0.1)
    time.sleep(random.uniform(0, 1))


def run(options: argparse.Namespace, folder: Path, database: OwnPostgreSQL) -> dict[str, Any]:
    """Kill the database while clients use the application, and return the figures."""
    from django.db import connection

    from compliance.models import Register

    for slug in SLUGS:
        publish(slug)
    outages = Outages(database)
    faults: list[str] = []
    kills = completed = 0
    started_at = time.monotonic()
    with gunicorn("registry.wsgi", with_style_sheets(folder), threads=4, path="/healthz") as site:
        registers = list(Register.objects.order_by("pk"))
        editors = make_editors(registers, options.clients, site)
        readers = [Reader(site, SLUGS) for _ in range(READERS)]
        connection.close()  # back into the pool, which replaces it after a kill
        with working([*editors, *readers]):
            while kills < options.kills and not faults:
                wait_for_acts(editors, options.acts)
                outages.kill_and_restart()
                kills += 1
                with paused(editors):
                    faults, is_behind = check(editors)
                completed += is_behind
    edits, approvals = acknowledged(editors)
    failures = [failure for editor in editors for failure in editor.failures]
    return {
        "kills": kills,
        "seconds": round(time.monotonic() - started_at),
        "edits acknowledged": edits,
        "publications acknowledged": approvals,
        "lost or unsound": faults[:3],
        "indexes completed": completed,
        "answers read": sum(reader.answers for reader in readers),
        "half visible": reading_faults(readers)[:3],
        "page down": [failure.what for reader in readers for failure in reader.failures][:3],
        "failed while PostgreSQL was away": sum(map(outages.explain, failures)),
        "failed besides": [failure.what for failure in failures if not outages.explain(failure)],
        "verify": verdict(),
    }


def main() -> None:
    """Print the figures as JSON; exit with 1 if something was lost or failed.

    Also exits with 1 if the fault of `--broken` was not detected.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--acts", type=int, default=5, help="edits and publications between kills")
    parser.add_argument(
        "--broken", action="store_true", help="acknowledge too early, which must be detected"
    )
    options = parser.parse_args()
    os.environ |= DEMO
    with tempfile.TemporaryDirectory() as name:
        database = OwnPostgreSQL(Path(name), _BROKEN if options.broken else ())
        try:
            database.start()
            os.environ["DATABASE_URL"] = database.url
            with staged(SLUGS) as folder:
                figures = run(options, folder, database)
        finally:
            database.stop()
    print(json.dumps(figures))
    if options.broken:
        sys.exit(None if figures["lost or unsound"] else "An early commit was not detected.")
    if figures["lost or unsound"] or figures["half visible"]:
        sys.exit("Something was lost or half visible, or the record does not verify.")
    if figures["page down"] or figures["failed besides"]:
        sys.exit("A request failed that does not need PostgreSQL, or that came when it was back.")


if __name__ == "__main__":
    main()
