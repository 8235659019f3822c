"""Checks that an import killed at a random moment leaves the old page or the whole new one.

    python -m bench.killed_import [--kills 20]

The importing process is killed with SIGKILL. The database is a SQLite file in a temporary folder,
or the one that DATABASE_URL names, which must be empty.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.scale import page


def manage(*args: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a management command."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *args], env=environment, stdout=subprocess.PIPE
    )


def exported(environment: dict[str, str]) -> bytes:
    """Return the working copy as Markdown; empty if there is no register."""
    process = manage(
        "export_page", "--register", "generated", "--working", "--to", "md", environment=environment
    )
    return process.communicate()[0]


def main() -> None:
    """Import a page, then kill imports of another page; exit with 1 if one is imported partly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    kills = parser.parse_args().kills
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}", **os.environ}
        for models in (200, 300):
            (folder / f"{models}.md").write_text(page(models), encoding="utf-8")
        manage("migrate", "-v", "0", environment=environment).wait()

        def start_import(models: int) -> subprocess.Popen[bytes]:
            path = str(folder / f"{models}.md")
            return manage(
                "import_page",
                path,
                "--register",
                "generated",
                "--reason",
                "Bench",
                environment=environment,
            )

        start_import(200).wait()
        before = exported(environment)
        rolled_back = 0
        for _ in range(kills):
            process = start_import(300)
            time.sleep(random.uniform(0.3, 1.6))
            process.send_signal(signal.SIGKILL)
            process.wait()
            after = exported(environment)
            if after == before:
                rolled_back += 1
            elif after.count(b"Model ") == 300:
                start_import(200).wait()
            else:
                sys.exit(f"A part of the page was imported: {after.count(b'Model ')} models.")
        print(
            f"{kills} imports killed: {rolled_back} were rolled back, "
            f"{kills - rolled_back} had been completed, none was left half done."
        )


if __name__ == "__main__":
    main()
