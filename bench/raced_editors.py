"""Editors racing on one listing over HTTP: each edit that was acknowledged stands, and whoever is overtaken is told.

    python -m bench.raced_editors [--editors 50] [--edits 2] [--seconds 900] [--stock]

Each editor has a session of its own with a real server, opens the form of the same listing, adds a sign to a text of it,
and saves; whoever is told of a conflict opens the form anew and does it again. In the end each sign must stand, each
refusal must have said whose change came in between, and no answer may be a server error. `--stock` is the control:
Django's own admin over the same models (`bench.stock`), which must lose edits.

The database is a SQLite file, or one made for the run on the PostgreSQL server that DATABASE_URL names.
"""

import argparse
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from bench.staging import SLUG, staged
from tests.forms import form_values

# As many signs as there are edits, of one letter each: the text of a listing is short.
_FIRST_SIGN = 0x4E00


@contextmanager
def serving(folder: Path, *, stock: bool) -> Iterator[int]:
    """Serve the registry, or the stock admin, with two processes of four threads; give the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "STATIC_ROOT": str(folder / "static")}
    environment["DJANGO_SETTINGS_MODULE"] = "bench.stock" if stock else "registry.settings"
    collect = [sys.executable, "-m", "django", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(collect, env=environment, check=True)
    options = [
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "2",
        "--threads",
        "4",
        "--no-control-socket",
        "--log-level",
        "error",
    ]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "registry.wsgi", *options], env=environment
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("The server did not start within 120 seconds.")


class Editor:
    """Somebody with a browser: a session, and what the server answered."""

    def __init__(self, session: str, port: int, url: str) -> None:
        self._cookies = f"sessionid={session}; csrftoken={secrets.token_hex(16)}"
        self._port, self._url = port, url
        self.answers: Counter[str] = Counter()

    def edit(self, sign: str, until: float) -> bool:
        """Add a sign to the listing's text, again where somebody was quicker; return whether it was acknowledged."""
        while time.monotonic() < until:
            status, page = self._ask("GET")
            if status != 200:
                self.answers[f"{status} for the form"] += 1
                continue
            values = form_values(page)
            values |= {"training_text": values["training_text"] + sign, "reason": f"Add {sign}"}
            time.sleep(random.uniform(0, 0.5))  # as long as it takes to type
            status, page = self._ask("POST", urlencode(values, doseq=True))
            told = self._what(status, page)
            self.answers[told] += 1
            if told == "saved":
                return True
        return False

    def _what(self, status: int, page: bytes) -> str:
        if status == 302:
            return "saved"
        said = page.decode()
        if (
            status == 200
            and "was changed after you opened the form" in said
            and '<p class="why">Add ' in said
        ):
            return "told"
        if status == 200 and "your turn did not come" in said:
            return "told to do it again"
        return "server error" if status >= 500 else f"{status}, not told"

    def _ask(self, method: str, body: str = "") -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
        headers = {"Cookie": self._cookies, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, self._url, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _sessions(editors: int) -> list[str]:
    """Make editors, each signed in."""
    from django.contrib.auth.models import Group
    from django.test import Client

    from compliance.models import User

    group, sessions = Group.objects.get(name="editor"), []
    for number in range(editors):
        user = User.objects.create_user(f"editor-{number}", is_staff=True)
        user.groups.add(group)
        client = Client()
        client.force_login(user)
        sessions.append(client.cookies["sessionid"].value)
    return sessions


def race(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Let the editors edit, and return what came of it."""
    from django.db import connection

    from compliance.models import Changeset, Listing
    from compliance.models.changesets import changeset

    listing = Listing.objects.filter(register__slug=SLUG)[0]
    with changeset(by=None, label="bench", reason="Bench", source="command"):
        listing.set(training_use="never", training_text="No")
    place = "admin/stock" if options.stock else "admin"
    url = f"/{place}/compliance/listing/{listing.pk}/change/"
    edits = range(options.editors * options.edits)
    signs = [chr(_FIRST_SIGN + number) for number in edits]
    began = time.monotonic()
    with serving(folder, stock=options.stock) as port, ThreadPoolExecutor(options.editors) as pool:
        editors = [Editor(session, port, url) for session in _sessions(options.editors)]

        def work(number: int) -> list[str]:
            mine = signs[number :: options.editors]
            return [sign for sign in mine if editors[number].edit(sign, began + options.seconds)]

        saved = [sign for done in pool.map(work, range(options.editors)) for sign in done]
    text = Listing.objects.get(pk=listing.pk).training_text
    answers: Counter[str] = sum((editor.answers for editor in editors), Counter())
    return {
        "database": connection.vendor,
        "admin": "stock" if options.stock else "registry",
        "acknowledged": len(saved),
        "lost": sum(sign not in text for sign in saved),
        "unrecorded": len(saved)
        - Changeset.objects.filter(by__username__startswith="editor-").count(),
        "answers": dict(answers.most_common()),
        "seconds": round(time.monotonic() - began),
    }


def main() -> None:
    """Race, and print the figures as JSON; exit 1 when an edit was lost or an editor not told, or the control lost none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editors", type=int, default=50)
    parser.add_argument("--edits", type=int, default=2, help="of each editor")
    parser.add_argument("--seconds", type=int, default=900, help="at most")
    parser.add_argument("--stock", action="store_true", help="the control")
    options = parser.parse_args()
    # This process signs the sessions that the server reads, over plain HTTP.
    os.environ |= {
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEMO": "True",
    }
    with staged() as folder:
        figures = race(folder, options)
    print(json.dumps(figures))
    if options.stock:
        sys.exit(None if figures["lost"] else "The stock admin lost nothing: nothing raced.")
    if (
        figures["lost"]
        or figures["unrecorded"]
        or set(figures["answers"]) - {"saved", "told", "told to do it again"}
    ):
        sys.exit("An edit was lost, or somebody was not told.")
    if (
        figures["acknowledged"] < options.editors * options.edits
        or "told" not in figures["answers"]
    ):
        sys.exit(f"Not every edit was made in {options.seconds} seconds, or none was overtaken.")


if __name__ == "__main__":
    main()
