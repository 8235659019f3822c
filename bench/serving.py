"""Servers for benchmarks, each in processes of its own, and the load that wrk puts on them."""

import os
import re
import shutil
import signal
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
# The settings of a demo server. A process that opens sessions for it needs the same ones.
DEMO = {
    "DEMO": "True",
    "SECRET_KEY": "bench",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SITE_URL": "http://127.0.0.1",
    "MALLOC_ARENA_MAX": "1",  # as in deploy/registry.service
}
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
    environment = {**DEMO, "STATIC_ROOT": str(folder / "static")}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
    subprocess.run(command, env={**os.environ, **environment}, check=True)
    return environment


class Server:
    """A WSGI application served by gunicorn, which can be killed and started again.

    It keeps its address. `application` is what gunicorn calls it: `module` or `module:function()`.
    """

    def __init__(
        self,
        application: str,
        environment: Mapping[str, str],
        *,
        threads: int,
        workers: int = WORKERS,
    ) -> None:
        self._place = f"127.0.0.1:{free_port()}"
        self._environment = {**os.environ, **environment}
        self._command = [
            *(sys.executable, "-m", "gunicorn", application, "--bind", self._place),
            *("--workers", str(workers), "--threads", str(threads)),
            *("--no-control-socket", "--log-level", "error"),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def site(self) -> str:
        """The address, without a slash at its end."""
        return f"http://{self._place}"

    def start(self, path: str = "/") -> None:
        """Start the server, and return once it answers at `path`."""
        self._process = subprocess.Popen(
            self._command, env=self._environment, start_new_session=True
        )
        _await(f"{self.site}{path}", self._process)

    def stop(self) -> None:
        """Let the server answer what it has begun to answer, and end it."""
        if self._process:
            self._process.terminate()
            self._process.wait()

    def kill(self) -> None:
        """Kill the main process and all workers at once (SIGKILL)."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


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
    server = Server(application, environment, threads=threads, workers=workers)
    try:
        server.start(path)
        yield server.site
    finally:
        server.stop()


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
