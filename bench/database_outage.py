"""Checks that the page stays up while PostgreSQL is stopped, hangs and is started again.

    python -m bench.database_outage [--answers 10000] [--together] [--broken]

The shipped nginx.conf stands in front, with TLS, and sends readers and staff to processes of their
own, as deploy/ does. PostgreSQL runs in a temporary folder. It works, is killed, is started again,
hangs (SIGSTOP), and goes on, each for a fifth of the answers.

All along, strangers at many addresses ask for /admin/ 20 times a second with made-up session
cookies, so that the limits for one address do not help. Readers ask for pages, files, feeds and the
API. No answer to them may fail or take longer than a second. An editor sends a form each second:
each is saved, or answered with 503, a sentence, and what was typed.

`--together` serves readers and staff by the same processes. With `--broken` each request of staff
waits for the database by itself, in processes that readers share, which must be detected.
"""

import argparse
import base64
import json
import os
import re
import secrets
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from html import escape
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from itertools import count, cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlencode

from bench.own_postgresql import OwnPostgreSQL
from bench.serving import DEMO, Server, free_port, need, nginx, with_style_sheets
from bench.sessions import open_session
from bench.staging import SLUG, cast, publish, staged
from tests.forms import form_values

NAME = "privacy.example.com"
PATHS = [
    "/",
    f"/{SLUG}/",
    f"/{SLUG}.json",
    f"/{SLUG}/1/",
    f"/{SLUG}/changes/",
    f"/{SLUG}/filter/?sort=retention",
    f"/{SLUG}/feed.atom",
    f"/api/v1/registers/{SLUG}/",
    f"/{SLUG}/?made-up={{}}",
]
READERS, READS_A_SECOND = 4, 100
STRANGERS, ASKS_A_SECOND = 20, 20
_LONGEST_READ = 1.0  # seconds
_LONGEST_ANSWER = 30  # seconds until a client gives up
_LONGEST_PHASE = 60  # seconds
_PREFIXES = ("", "__Host-")
_PRODUCTION = {
    "DEMO": "False",
    "ALLOWED_HOSTS": f"{NAME},127.0.0.1",
    "SITE_URL": f"https://{NAME}",
    "BEHIND_TLS_PROXY": "True",
    "CLIENT_ADDRESS_HEADER": "X-Real-IP",
    "FACTOR_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "API_REQUESTS_A_MINUTE": "0",  # all readers have one address here
}


class Site:
    """The registry behind nginx, as its clients reach it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname, self._context.verify_mode = False, ssl.CERT_NONE

    def ask(
        self, path: str, *, address: str = "127.0.0.1", body: str | None = None, **headers: str
    ) -> tuple[HTTPResponse, bytes, float]:
        """Return the answer to a request over a new connection, its content and its seconds.

        Raises OSError or HTTPException if there is no whole answer.
        """
        began = time.monotonic()
        connection = _Connection(self._port, address, self._context)
        with closing(connection):
            headers = {"Host": NAME, **headers}
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST" if body is not None else "GET", path, body, headers)
            response = connection.getresponse()
            content = response.read()
        return response, content, time.monotonic() - began


class _Connection(HTTPSConnection):
    """A connection to nginx on this machine, which is asked for the registry's name by SNI."""

    def __init__(self, port: int, address: str, context: ssl.SSLContext) -> None:
        super().__init__(
            "127.0.0.1",
            port,
            timeout=_LONGEST_ANSWER,
            source_address=(address, 0),
            context=context,
        )
        self._tls = context

    def connect(self) -> None:
        self.sock = self._create_connection(  # type: ignore[attr-defined]
            (self.host, self.port), self.timeout, self.source_address
        )
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=NAME)


def _cookies(**values: str) -> str:
    """Return a Cookie header with the names of a demonstration and of production."""
    names = [(f"{prefix}{name}", value) for name, value in values.items() for prefix in _PREFIXES]
    return "; ".join(f"{name}={value}" for name, value in names)


class Readers:
    """Reads public addresses, so many a second, and notes each answer that failed or was late."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._numbers = count()
        self.answers = 0
        self.failed: list[str] = []
        self.late: list[str] = []
        self.longest = 0.0

    def repeat(self, stop: Event) -> None:
        paths = cycle(PATHS)
        while not stop.wait(READERS / READS_A_SECOND):
            self._read(next(paths).format(next(self._numbers)))

    def _read(self, path: str) -> None:
        try:
            response, _, seconds = self._site.ask(path)
        except (OSError, HTTPException) as fault:
            self.failed.append(f"{path}: {type(fault).__name__}")
            return
        self.answers += 1
        self.longest = max(self.longest, seconds)
        if response.status != 200:
            self.failed.append(f"{path}: {response.status}")
        if seconds > _LONGEST_READ:
            self.late.append(f"{path}: {seconds:.1f} s")


class Strangers:
    """Asks for the admin with made-up session cookies, and waits for no answer before the next."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.statuses: Counter[str] = Counter()
        self.longest = 0.0

    def repeat(self, stop: Event) -> None:
        with ThreadPoolExecutor(400) as pool:
            for number in count():
                if stop.wait(1 / ASKS_A_SECOND):
                    break
                pool.submit(self._ask, f"127.0.1.{number % STRANGERS + 1}")

    def _ask(self, address: str) -> None:
        cookies = _cookies(sessionid=secrets.token_hex(16))
        try:
            response, _, seconds = self._site.ask("/admin/", address=address, Cookie=cookies)
        except (OSError, HTTPException) as fault:
            self.statuses[type(fault).__name__] += 1
            return
        self.statuses[str(response.status)] += 1
        self.longest = max(self.longest, seconds)


class FormEditor:
    """Sends a form each second; it has to be saved, or given back with all that was typed."""

    def __init__(self, site: Site) -> None:
        register, editor, _ = cast()
        token = secrets.token_hex(16)
        self._site = site
        self._path = f"/admin/compliance/register/{register.pk}/change/"
        self._headers = {
            "Cookie": _cookies(sessionid=open_session(editor), csrftoken=token),
            "Referer": f"https://{NAME}{self._path}",
            "Sec-Fetch-Site": "same-origin",
        }
        self._token = token
        _, opened, _ = site.ask(self._path, **self._headers)
        self._values: dict[str, Any] = form_values(opened)
        self.outcomes: Counter[str] = Counter()
        self.longest = 0.0

    def repeat(self, stop: Event) -> None:
        for number in count():
            if stop.wait(1):
                break
            self.outcomes[self._send(f"Reason {number} with <b>marks</b>")] += 1

    def _send(self, reason: str) -> str:
        values = {**self._values, "reason": reason, "csrfmiddlewaretoken": self._token}
        try:
            response, content, seconds = self._site.ask(
                self._path, body=urlencode(values, doseq=True), **self._headers
            )
        except (OSError, HTTPException) as fault:
            return f"LOST: {type(fault).__name__}"
        self.longest = max(self.longest, seconds)
        shown = content.decode()
        if response.status == 503:
            is_kept = escape(reason) in shown and "fault is ours" not in shown
            return "503, and the text is kept" if is_kept else "LOST: 503 without the text"
        if response.status == 302:
            return "saved"
        return f"LOST: {response.status}"


@contextmanager
def served(folder: Path, *, together: bool, broken: bool) -> Iterator[Site]:
    """Serve the registry as deploy/ does; `together` by one set of processes."""
    environment = {**with_style_sheets(folder), **_PRODUCTION}
    application = "registry.wsgi"
    if broken:
        application = "bench.broken_servers:waiting_for_the_database()"
    with ExitStack() as running:
        staff = Server(application, environment, threads=4)
        servers = {"8000": staff, "8001": staff}
        if not together:
            servers["8001"] = Server(application, environment, threads=4)
        for server in {*servers.values()}:
            running.callback(server.stop)
            server.start("/healthz")
        port, ready = free_port(), free_port()
        sites = _configuration(folder, port, servers)
        sites += f"\nserver {{ listen 127.0.0.1:{ready}; return 204; }}"
        running.enter_context(nginx(folder / "nginx", sites, f"http://127.0.0.1:{ready}/"))
        yield Site(port)


def _configuration(folder: Path, port: int, servers: dict[str, Server]) -> str:
    """Return the shipped configuration with a certificate and the ports of the bench."""
    certificate = folder / "certificate"
    certificate.mkdir()
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"),
            *("-keyout", "privkey.pem", "-out", "fullchain.pem"),
        ],
        cwd=certificate,
        check=True,
        capture_output=True,
    )
    shipped = Path("deploy/nginx.conf").read_text().replace("/etc/ssl/registry", str(certificate))
    without_ipv6 = re.sub(r" *listen \[::\].*\n", "", shipped)
    placed = without_ipv6.replace("listen 443", f"listen 127.0.0.1:{port}")
    placed = placed.replace("listen 80", f"listen 127.0.0.1:{free_port()}")
    for shipped_port, server in servers.items():
        place = server.site.removeprefix("http://")
        placed = placed.replace(f"server 127.0.0.1:{shipped_port} ", f"server {place} ")
    return placed


def run(options: argparse.Namespace, folder: Path, database: OwnPostgreSQL) -> dict[str, Any]:
    """Let the database fail in each way while clients ask, and return the figures."""
    from django.db import connection

    publish()
    together = options.together or options.broken
    with served(folder, together=together, broken=options.broken) as site:
        readers, strangers, editor = Readers(site), Strangers(site), FormEditor(site)
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
        stop = Event()
        clients = [readers.repeat] * READERS + [strangers.repeat, editor.repeat]
        threads = [Thread(target=client, args=(stop,)) for client in clients]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        phases = {}
        try:
            for name, change in {
                "works": lambda: None,
                "stopped": database.kill,
                "restarted": database.start,
                "hangs": database.hang,
                "goes on": database.go_on,
            }.items():
                change()
                phases[name] = _phase(readers, options.answers // 5, editor)
        finally:
            database.go_on()
            stop.set()
            for thread in threads:
                thread.join()
        seconds = time.monotonic() - began
    return {
        "public answers": readers.answers,
        "failed": len(readers.failed),
        "over 1 s": len(readers.late),
        "longest public answer": round(readers.longest, 3),
        "examples": [*readers.failed, *readers.late][:5],
        "requests of strangers": dict(strangers.statuses),
        "longest of them": round(strangers.longest, 1),
        "forms": dict(editor.outcomes),
        "longest form": round(editor.longest, 1),
        "phases": phases,
        "seconds": round(seconds),
    }


def _phase(readers: Readers, answers: int, editor: FormEditor) -> dict[str, Any]:
    """Wait for so many answers, and return what became of the forms meanwhile.

    A page that is down gives few answers, so the wait ends after a while.
    """
    wanted = readers.answers + answers
    before = editor.outcomes.copy()
    ends_at = time.monotonic() + _LONGEST_PHASE
    while readers.answers < wanted and time.monotonic() < ends_at:
        time.sleep(0.1)
    return dict(editor.outcomes - before)


def main() -> None:
    """Print the figures as JSON; exit with 1 if the page was down, or a form was lost.

    Also exits with 1 if the fault of `--broken` was not detected.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--together", action="store_true", help="one set of processes for all")
    parser.add_argument("--broken", action="store_true", help="wait, which must be detected")
    options = parser.parse_args()
    need("nginx", "nginx")
    need("openssl", "openssl")
    os.environ |= DEMO
    with tempfile.TemporaryDirectory() as name:
        database = OwnPostgreSQL(Path(name))
        try:
            database.start()
            os.environ["DATABASE_URL"] = database.url
            with staged() as folder:
                figures = run(options, folder, database)
        finally:
            database.stop()
    print(json.dumps(figures))
    is_down = bool(figures["failed"] or figures["over 1 s"])
    if options.broken:
        sys.exit(None if is_down else "Requests that wait for the database were not detected.")
    if is_down:
        sys.exit("A public answer failed or took longer than a second.")
    if lost := [outcome for outcome in figures["forms"] if outcome.startswith("LOST")]:
        sys.exit(f"What was typed into a form was lost. {lost}")


if __name__ == "__main__":
    main()
