"""How long an approval needs to be public in every process, over one database and one published store.

    python -m bench.seen_everywhere [--approvals 20] [--servers 3]

Servers of one process each share database and store; this process approves, as another of the application's processes
would, and then asks every server until each shows the new number. Printed is the longest that any needed, from the moment
at which `approve` returned; it must be below two seconds. Between approvals every server is asked often enough to have
kept the old answer. The database is a SQLite file, or one made for the run on the server that DATABASE_URL names.
"""

import argparse
import statistics
import sys
import time
from contextlib import ExitStack
from urllib.request import urlopen

from bench.serving import gunicorn, with_style_sheets
from bench.staging import SLUG, cast, edit, staged

MOST = 2.0


def approve() -> int:
    """Edit, submit and approve; return the number that is now in force."""
    from django.utils import timezone

    from compliance import publishing

    register, editor, approver = cast()
    edit(register, editor)
    submitted = publishing.submit(register, by=editor, at=timezone.now(), reason="Bench")
    publishing.approve(
        submitted, by=approver, at=timezone.now(), content_sha256=submitted.content_sha256
    )
    return submitted.number


def shown(site: str, path: str) -> int:
    """Return the number that a server shows."""
    with urlopen(site + path, timeout=20) as answer:
        return int(answer.headers["Publication-Number"])


def main() -> None:
    """Approve and look; exit 1 when a server was behind for too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--approvals", type=int, default=20)
    parser.add_argument("--servers", type=int, default=3)
    options = parser.parse_args()
    with staged() as folder, ExitStack() as servers:
        environment = with_style_sheets(folder)
        approve()
        sites = [
            servers.enter_context(
                gunicorn("registry.wsgi", environment, threads=4, path="/healthz", workers=1)
            )
            for _ in range(options.servers)
        ]
        waited = []
        for turn in range(options.approvals):
            until = time.monotonic() + (
                2.5 if turn % 2 else 0
            )  # in every other turn the old answer is in memory
            while time.monotonic() < until:
                for site in sites:
                    shown(site, f"/{SLUG}/")
            number, approved = approve(), time.monotonic()
            waiting = {
                (site, path) for site in sites for path in (f"/{SLUG}/", f"/{SLUG}.json", "/")
            }
            while waiting:
                waiting = {(site, path) for site, path in waiting if shown(site, path) < number}
            waited.append(time.monotonic() - approved)
    print(
        f"{options.approvals} approvals, {options.servers} servers: public in all after "
        f"{statistics.median(waited):.3f} s (median), {max(waited):.3f} s (longest); aim: below {MOST:g} s"
    )
    if max(waited) > MOST:
        sys.exit("A server showed the old publication for too long.")


if __name__ == "__main__":
    main()
