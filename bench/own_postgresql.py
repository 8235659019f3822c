"""A PostgreSQL server of the bench's own, in a temporary folder, which can be killed."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bench.serving import free_port

_SYSTEM_USER = "postgres"
_LONGEST_START = 120  # seconds, with the recovery after a crash


class OwnPostgreSQL:
    """A server on a free port, which writes each commit to the disk before it acknowledges it.

    `settings` are other settings of it, as `name=value`.
    """

    def __init__(self, folder: Path, settings: Sequence[str] = ()) -> None:
        self._data = folder / "data"
        self._port = free_port()
        self._settings = ["fsync=on", f"unix_socket_directories={folder}", *settings]
        # PostgreSQL refuses to run as root.
        self._user = _SYSTEM_USER if os.getuid() == 0 else None
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._server: subprocess.Popen[bytes] | None = None
        options = ["--auth=trust", f"--username={_SYSTEM_USER}", "--encoding=UTF8"]
        subprocess.run(
            [_program("initdb"), *options, "-D", self._data],
            user=self._user,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @property
    def url(self) -> str:
        """The DATABASE_URL of the server."""
        return f"postgres://{_SYSTEM_USER}@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start the server, and return once it answers."""
        command = [_program("postgres"), "-D", self._data, "-p", str(self._port)]
        command += [part for setting in self._settings for part in ("-c", setting)]
        self._server = subprocess.Popen(command, user=self._user, stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        import psycopg

        deadline = time.monotonic() + _LONGEST_START
        while time.monotonic() < deadline:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        sys.exit(f"PostgreSQL did not answer within {_LONGEST_START} seconds.")

    def kill(self) -> None:
        """Kill the main process and every process that it started (SIGKILL)."""
        assert self._server
        processes = self._signal(signal.SIGKILL)
        self._server.wait()
        # A new server refuses to start while a process of the old one is still there.
        while any(Path(f"/proc/{process}").exists() for process in processes[1:]):
            time.sleep(0.01)

    def hang(self) -> None:
        """Let no process of the server do anything (SIGSTOP), as if its disk or machine hung.

        The system still accepts connections in its name, and nothing answers on them.
        """
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a server that hangs go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> list[int]:
        """Send a signal to the main process and all others; return their ids."""
        assert self._server
        processes = [self._server.pid, *_children(self._server.pid)]
        for process in processes:
            with suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(process, number)
        return processes

    def stop(self) -> None:
        """End the server at once."""
        if self._server:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait()


def _children(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]


def _program(name: str) -> str:
    """Return the path of a program of PostgreSQL's newest version; exit if it is not installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = shutil.which(name) or (str(installed[-1]) if installed else "")
    if not path:
        sys.exit(f"{name} is not installed. Run apt-get install postgresql.")
    return path
