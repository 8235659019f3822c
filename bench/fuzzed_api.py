"""Fuzzes the API: schemathesis sends valid and invalid requests made from the OpenAPI document.

    python -m bench.fuzzed_api [--cases 3000] [--seed 1] [-- more options of schemathesis]

Schemathesis (`pip install schemathesis`, in an environment of its own) must be on the PATH as `st`.
The database is a SQLite file, or one created for the run on the PostgreSQL server that DATABASE_URL
names. The exit code is that of schemathesis: 0 if no response was a server error and every response
conforms to the document.
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
    """Serve the demo and run schemathesis against it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=3000, help="smallest total number of requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("options", nargs="*", help="options for schemathesis")
    arguments = parser.parse_args()
    need("st", "pipx, then pipx install schemathesis")
    with tempfile.TemporaryDirectory() as folder, fresh(Path(folder)) as database:
        environment = {**with_style_sheets(Path(folder)), **database, "API_REQUESTS_A_MINUTE": "0"}
        environment["GUNICORN_CMD_ARGS"] = (
            "--limit-request-line 0"  # or gunicorn would refuse long addresses itself
        )
        for name in ("migrate", "demo"):
            subprocess.run(
                [sys.executable, "manage.py", name],
                env={**os.environ, **environment},
                check=True,
                stdout=subprocess.DEVNULL,
            )
        with gunicorn("registry.wsgi", environment, threads=4) as url:
            document = f"{url}/api/v1/openapi.json"
            with urlopen(document) as response:
                paths = json.load(response)["paths"]
            operations = sum(method in _METHODS for path in paths.values() for method in path)
            command = [
                "st",
                "run",
                document,
                "--max-examples",
                str(-(-arguments.cases // operations)),
            ]
            # An OpenAPI document cannot say that `publication` and `as_of` exclude each other.
            command += ["--exclude-checks", "positive_data_acceptance"]
            command += ["--seed", str(arguments.seed), "--workers", "2", *arguments.options]
            sys.exit(subprocess.run(command).returncode)


if __name__ == "__main__":
    main()
