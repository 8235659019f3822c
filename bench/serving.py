"""Servers for benchmarks, each in processes of its own, and the load that wrk puts on them."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

WORKERS, CONNECTIONS = 2, 8
_NGINX = """worker_processes {workers};
{user}
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{sites}
}}
"""


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def need(program: str, package: str) -> None:
    """Exit with a message if a program is not installed."""
    if not shutil.which(program):
        sys.exit(f"{program} is not installed. Run apt-get install {package}.")


def with_style_sheets(folder: Path) -> dict[str, str]:
    """Collect the static files, and return the environment of a demo server.

    The caller adds the database and the published store.
    """
    environment = {
        "DEMO": "True",
        "SECRET_KEY": "bench",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "http://127.0.0.1",
        "STATIC_ROOT": str(folder / "static"),
        "MALLOC_ARENA_MAX": "1",  # as in deploy/registry.service
    }
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, env={**os.environ, **environment}, check=True)
    return environment


@contextmanager
def gunicorn(
    application: str,
    environment: Mapping[str, str],
    *,
    threads: int,
    path: str = "/",
    workers: int = WORKERS,
) -> Iterator[str]:
    """Serve a WSGI application and yield its address, once it answers at `path`."""
    site = f"127.0.0.1:{free_port()}"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        application,
        "--bind",
        site,
        "--workers",
        str(workers),
    ]
    command += ["--threads", str(threads), "--no-control-socket", "--log-level", "error"]
    server = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        _await(f"http://{site}{path}", server)
        yield f"http://{site}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def nginx(folder: Path, sites: str, ready: str) -> Iterator[None]:
    """Run nginx with the `server` blocks in `sites`, once it answers at the URL `ready`."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    user = "user root;" if os.getuid() == 0 else ""  # its workers must be able to read the files
    configuration.write_text(_NGINX.format(workers=WORKERS, user=user, folder=folder, sites=sites))
    server = subprocess.Popen(
        ["nginx", "-c", str(configuration), "-g", "daemon off;", "-e", str(folder / "nginx.log")]
    )
    try:
        _await(ready, server)
        yield
    finally:
        server.terminate()
        server.wait()


def _await(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    server.terminate()
    sys.exit(f"The server did not answer at {url}. Its messages are above.")


class Speed(NamedTuple):
    """How many responses a server gave per second, and per second of its processor time.

    Only the second number is reproducible on a machine that has other work too.
    """

    per_second: float
    per_processor_second: float


def load(
    url: str, *, seconds: int, headers: Mapping[str, str] | None = None, script: Path | None = None
) -> Speed:
    """Load an address with wrk and return the speed; exit if a response is an error."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20"]
    command += [
        part for name, value in (headers or {}).items() for part in ("-H", f"{name}: {value}")
    ]
    command += ["-s", str(script)] if script else []
    servers = workers_of(url)
    before = sum(map(_processor_seconds, servers))
    output = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    used = sum(map(_processor_seconds, servers)) - before
    if "Non-2xx" in output:
        sys.exit(f"{url} responded with errors:\n{output}")
    rate = re.search(r"Requests/sec:\s+([0-9.]+)", output)
    responses = re.search(r"(\d+) requests in", output)
    assert rate, output
    assert responses, output
    if not int(responses[1]):
        sys.exit(f"{url} gave no response within {seconds} seconds. Measure for more seconds.")
    return Speed(float(rate[1]), int(responses[1]) / max(used, 0.01))


def workers_of(url: str) -> list[int]:
    """Return the process ids of the workers that serve an address."""
    port = urlsplit(url).port
    listening = subprocess.run(
        ["ss", "-Hltnp", f"sport = :{port}"], check=True, capture_output=True, text=True
    ).stdout
    pids = sorted({int(pid) for pid in re.findall(r"pid=(\d+)", listening)})
    return pids[1:]  # without the first, the main process


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Return how much memory a process holds, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert kilobytes
    return int(kilobytes[1]) / 1024
