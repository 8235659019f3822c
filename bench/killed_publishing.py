"""Checks that killing the server loses nothing that it acknowledged and shows nothing unfinished.

    python -m bench.killed_publishing [--acts 1000] [--clients 4] [--kills 40] [--seconds 1800]
                                      [--broken early_index | early_answer]

Clients edit and publish over HTTP (`bench.publishing_clients`), two clients to each register, and
two readers read the pages. The clients also announce publications for a later moment, and publish
urgent ones over them. All processes of the server are killed at once with SIGKILL, at random
moments, and started again. After each kill and at the end everything that was acknowledged must be
in the record and in the published store, and each announced publication must be scheduled, in force
at its moment, or called off in the public log, however often it was carried over. At the end the
record must verify. No reader may have read content that does not fit its hash, a smaller number
after a larger one, or what was never approved. `--broken` serves the application with a fault on
purpose (`bench.broken_servers`), which must be detected. It is killed once, as soon as a client
knows of something that may not be committed yet.

The database is a SQLite file, or one created for the run on the PostgreSQL server that DATABASE_URL
names. SQLite runs within the killed processes, so they are the database too.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.kept_schedules import Schedule, ScheduleLostError, fate
from bench.publishing_clients import (
    READERS,
    Editor,
    Reader,
    is_sound,
    losses,
    make_editors,
    paused,
    reading_faults,
    verdict,
    working,
)
from bench.serving import DEMO, Server, with_style_sheets
from bench.staging import SLUG, publish, staged

CLIENTS_PER_REGISTER = 2
LONGEST_WAIT = 60  # seconds, for an approval


def kill_at_random(
    server: Server, editors: list[Editor], options: argparse.Namespace
) -> tuple[int, set[str]]:
    """Kill the server until there are enough acts and kills; return the kills and what is lost.

    The kills are spread over the run, and every other one comes during an approval.
    """
    kills, lost, started_at = 0, set[str](), time.monotonic()
    while time.monotonic() - started_at < options.seconds:
        done = min(acknowledged(editors))
        if kills >= options.kills and done >= options.acts:
            break
        if kills < options.kills and done >= options.acts * kills / options.kills:
            if kills % 2:
                wait_for_approval(editors)
            time.sleep(random.uniform(0, 0.5))
            server.kill()
            server.start("/healthz")
            kills += 1
            with paused(editors):
                lost.update(losses(editors))
        time.sleep(0.1)
    return kills, lost


def kill_when_faulty(
    server: Server, editors: list[Editor], readers: list[Reader], options: argparse.Namespace
) -> None:
    """Kill a broken server once its fault can have reached a client, and leave it dead.

    That is when a reader sees a new publication, or when an act is acknowledged. A sound server has
    committed it by then, so it would lose nothing.
    """
    deadline = time.monotonic() + options.seconds
    while time.monotonic() < deadline:
        if options.broken == "early_answer" and any(acknowledged(editors)):
            break
        if options.broken == "early_index" and any(map(has_seen_new_publication, readers)):
            break
        time.sleep(0.01)
    server.kill()


def has_seen_new_publication(reader: Reader) -> bool:
    """Return whether a reader read a publication after a register's first one."""
    return any(number > 1 for _, number in list(reader.seen))


def wait_for_approval(editors: list[Editor]) -> None:
    """Wait until the server was asked to approve something."""
    deadline = time.monotonic() + LONGEST_WAIT
    while not any(editor.is_approving for editor in editors) and time.monotonic() < deadline:
        time.sleep(0.01)


def acknowledged(editors: list[Editor]) -> tuple[int, int]:
    """Return the numbers of acknowledged edits and approvals."""
    return (
        sum(len(editor.edits) for editor in editors),
        sum(len(editor.approvals) for editor in editors),
    )


def fates(schedules: Iterable[Schedule]) -> dict[str, int]:
    """Return how many announced publications there were, and what became of them."""
    states: Counter[str] = Counter()
    carried = 0
    for schedule in schedules:
        try:
            came = fate(schedule)
        except ScheduleLostError:
            states["lost"] += 1
            continue
        states[came.state] += 1
        carried += came.times_carried
    return {
        "announcements acknowledged": states.total(),
        "carried over": carried,
        "still scheduled": states["scheduled"],
        "in force at their moment": states["in force"],
        "called off": states["called off"],
    }


def run(options: argparse.Namespace, folder: Path, slugs: list[str]) -> dict[str, Any]:
    """Kill the server while clients use it, and return the figures."""
    from django.db import connection

    from compliance.models import Register

    for slug in slugs:
        publish(slug)
    application = f"bench.broken_servers:{options.broken}()" if options.broken else "registry.wsgi"
    server = Server(application, with_style_sheets(folder), threads=4)
    registers = list(Register.objects.order_by("pk"))
    editors = make_editors(registers, options.clients, server.site)
    readers = [Reader(server.site, slugs) for _ in range(READERS)]
    server.start("/healthz")
    started_at = time.monotonic()
    try:
        with working([*editors, *readers]):
            kills, lost = 1, set[str]()
            if options.broken:
                kill_when_faulty(server, editors, readers, options)
            else:
                kills, lost = kill_at_random(server, editors, options)
        seconds = round(time.monotonic() - started_at)
    finally:
        server.stop()
    edits, approvals = acknowledged(editors)
    lost.update(losses(editors))
    faults = reading_faults(readers)
    failures = [failure for client in (*editors, *readers) for failure in client.failures]
    return {
        "database": connection.vendor,
        "kills": kills,
        "seconds": seconds,
        "edits acknowledged": edits,
        "publications acknowledged": approvals,
        **fates(schedule for editor in editors for schedule in editor.schedules),
        "lost": len(lost),
        "answers read": sum(reader.answers for reader in readers),
        "half visible": len(faults),
        "faults": [*sorted(lost)[:3], *faults[:3]],
        "forms refused": sum(sum(editor.refusals.values()) for editor in editors),
        "requests without answer": sum(not failure.status for failure in failures),
        "server errors": sum(failure.status > 0 for failure in failures),
        "verify": verdict(),
    }


def exit_message(figures: dict[str, Any], options: argparse.Namespace) -> str | None:
    """Return why the run failed, or None."""
    if options.broken == "early_index":
        return None if figures["half visible"] else "An index written too early was not detected."
    if options.broken == "early_answer":
        return None if figures["lost"] else "An answer sent too early was not detected."
    if figures["lost"] or figures["half visible"] or not is_sound(figures["verify"]):
        return "Something was lost or half visible, or the record does not verify."
    if figures["server errors"]:
        return "Some requests were answered with a server error."
    if min(figures["edits acknowledged"], figures["publications acknowledged"]) < options.acts:
        return f"Fewer than {options.acts} edits or publications in {options.seconds} seconds."
    if not figures["announcements acknowledged"]:
        return "Nothing was announced, so no schedule was tried."
    return None


def main() -> None:
    """Print the figures as JSON; exit with 1 if something was lost or half visible.

    Also exits with 1 if there were fewer acts than requested, or if the fault of `--broken` was not
    detected.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--acts", type=int, default=1000, help="as many edits and publications")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seconds", type=int, default=1800, help="stop after this time")
    parser.add_argument(
        "--broken",
        choices=["early_index", "early_answer"],
        help="write the index, or answer, before the commit, which must be detected",
    )
    options = parser.parse_args()
    os.environ |= DEMO
    registers = -(-options.clients // CLIENTS_PER_REGISTER)
    slugs = [f"{SLUG}-{number}" for number in range(registers)]
    with staged(slugs) as folder:
        figures = run(options, folder, slugs)
    print(json.dumps(figures))
    sys.exit(exit_message(figures, options))


if __name__ == "__main__":
    main()
