"""An import killed with -9 at random moments: afterwards the register is as it was before, or wholly the new page.

    python -m bench.killed_import [--kills 20]

The database is a SQLite file in a temporary folder, or the empty one that DATABASE_URL names.
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
    """Return the working copy as Markdown; empty where there is no register."""
    process = manage(
        "export_page", "--register", "generated", "--working", "--to", "md", environment=environment
    )
    return process.communicate()[0]


def main() -> None:
    """Import a page, then kill imports of another at random moments; exit 1 when something is half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    kills = parser.parse_args().kills
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}", **os.environ}
        for models in (200, 300):
            (folder / f"{models}.md").write_text(page(models), encoding="utf-8")
        manage("migrate", "-v", "0", environment=environment).wait()

        def bring(models: int) -> subprocess.Popen[bytes]:
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

        bring(200).wait()
        before = exported(environment)
        killed = 0
        for _ in range(kills):
            process = bring(300)
            time.sleep(random.uniform(0.3, 1.6))
            process.send_signal(signal.SIGKILL)
            process.wait()
            after = exported(environment)
            if after == before:
                killed += 1
            elif after.count(b"Model ") == 300:
                bring(200).wait()
            else:
                sys.exit(f"Half an import: {after.count(b'Model ')} models.")
        print(
            f"{kills} imports killed, {killed} of them taken back whole, the others were done; none half."
        )


if __name__ == "__main__":
    main()
