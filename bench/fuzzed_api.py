"""The API asked by a stranger: schemathesis makes requests from the OpenAPI document, sound and unsound ones.

    python -m bench.fuzzed_api [--cases 3000] [--seed 1] [-- more options of schemathesis]

Schemathesis (`pip install schemathesis`, in an environment of its own) must be on the PATH as `st`. The database is a SQLite
file, or one made for the run on the PostgreSQL server that DATABASE_URL names. The exit code is that of schemathesis: 0 when
no answer was a server's error and each was as the document says.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import urlopen

from bench.databases import fresh
from bench.serving import gunicorn, need, with_style_sheets

_METHODS = {"get", "head", "post", "put", "patch", "delete", "options"}


def main() -> None:
    """Serve the fixture, and let schemathesis ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=3000, help="at least, in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("options", nargs="*", help="of schemathesis")
    arguments = parser.parse_args()
    need("st", "pipx, then pipx install schemathesis")
    with tempfile.TemporaryDirectory() as name, fresh(Path(name)) as database:
        environment = {**with_style_sheets(Path(name)), **database, "API_REQUESTS_A_MINUTE": "0"}
        environment["GUNICORN_CMD_ARGS"] = (
            "--limit-request-line 0"  # or gunicorn refuses long addresses before us
        )
        for command in ("migrate", "demo"):
            run = [sys.executable, "manage.py", command]
            subprocess.run(
                run, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
            )
        with gunicorn("registry.wsgi", environment, threads=4) as url:
            document = f"{url}/api/v1/openapi.json"
            with urlopen(document) as answer:
                paths = json.load(answer)["paths"]
            operations = sum(method in _METHODS for path in paths.values() for method in path)
            asked = [
                "st",
                "run",
                document,
                "--max-examples",
                str(-(-arguments.cases // operations)),
            ]
            asked += ["--seed", str(arguments.seed), "--workers", "2", *arguments.options]
            sys.exit(subprocess.run(asked).returncode)


if __name__ == "__main__":
    main()
