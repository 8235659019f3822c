"""A client generated from the OpenAPI document: does it type-check, and does each call work?

    python -m bench.generated_client [--keep FOLDER]

openapi-python-client generates a client of the demo's API, in an environment of its own that the
benchmark makes. mypy checks the client, and every operation is called against a server. It prints
how many schemas have a name of ours and how many have one that the generator made up of a path,
such as `ExportResponse200ListingsItem`. The exit code is 0 if no name was made up, mypy finds
nothing and every answer becomes an object of the client.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.databases import fresh
from bench.serving import gunicorn, with_style_sheets

_PACKAGES = ("openapi-python-client==0.29.1", "mypy", "types-python-dateutil", "ruff")
# The arguments of operations that have some in their path.
_PATH_ARGUMENTS = {"slug": "llms-privacy", "number": 1}
_CALLS = """
import importlib, inspect, json, pkgutil, sys
from demo_client import Client
from demo_client import api

arguments, url = json.loads(sys.argv[1]), sys.argv[2]
client = Client(base_url=url, raise_on_unexpected_status=True)
called, failed = [], []
for module in pkgutil.walk_packages(api.__path__, "demo_client.api."):
    operation = importlib.import_module(module.name)
    if module.ispkg or not hasattr(operation, "sync_detailed"):
        continue
    names = inspect.signature(operation.sync_detailed).parameters
    given = {name: value for name, value in arguments.items() if name in names}
    answer = operation.sync_detailed(client=client, **given)
    called.append(module.name.rpartition(".")[2])
    is_object = type(answer.parsed).__module__.startswith("demo_client.models")
    if answer.status_code != 200 or not is_object:
        failed.append(f"{called[-1]}: {answer.status_code} {type(answer.parsed).__name__}")
print(json.dumps({"called": called, "failed": failed}))
"""


def main() -> None:
    """Generate, check and call the client; print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="an empty folder for the client, to look at it")
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = _environment(folder / "tools")
        with fresh(folder) as database:
            environment = {
                **with_style_sheets(folder),
                **database,
                "API_REQUESTS_A_MINUTE": "0",
            }
            for command in ("migrate", "demo"):
                subprocess.run(
                    [sys.executable, "manage.py", command],
                    env={**os.environ, **environment},
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            with gunicorn("registry.wsgi", environment, threads=4) as url:
                sys.exit(_try_client(tools, keep or folder / "client", url))


def _environment(folder: Path) -> Path:
    """Make an environment with the generator, and return the folder of its programs."""
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    subprocess.run([programs / "pip", "install", "-qq", *_PACKAGES], check=True)
    return programs


def _try_client(tools: Path, target: Path, url: str) -> int:
    """Generate a client into a folder, check it and call it; return the exit code."""
    with urlopen(f"{url}/api/v1/openapi.json") as response:
        document = json.load(response)
    target.mkdir(parents=True, exist_ok=True)
    (target / "openapi.json").write_text(json.dumps(document))
    generated = target / "demo_client"
    subprocess.run(
        [
            tools / "openapi-python-client",
            "generate",
            "--path",
            target / "openapi.json",
            "--meta",
            "none",
            "--output-path",
            generated,
            "--fail-on-warning",
            "--overwrite",
        ],
        check=True,
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
    )
    made_up = _made_up_names(generated, document)
    faults = _type_faults(tools, target)
    calls = subprocess.run(
        [tools / "python", "-c", _CALLS, json.dumps(_PATH_ARGUMENTS), url],
        cwd=target,
        capture_output=True,
        text=True,
    )
    if calls.returncode:
        print(calls.stderr)
        return 1
    outcome = json.loads(calls.stdout)
    print(f"named schemas: {len(document['components']['schemas'])}")
    print(f"names that the generator made up: {len(made_up)} {', '.join(made_up)}")
    print(f"faults that mypy finds: {len(faults)} {chr(10).join(faults)}")
    print(f"operations called: {len(outcome['called'])}, failed: {outcome['failed']}")
    return int(bool(made_up or faults or outcome["failed"]))


def _type_faults(tools: Path, target: Path) -> list[str]:
    """Return what mypy finds in the client, but for the part that is the same for every API."""
    checked = subprocess.run(
        [tools / "mypy", "--ignore-missing-imports", "-p", "demo_client"],
        cwd=target,
        capture_output=True,
        text=True,
    )
    lines = [line for line in checked.stdout.splitlines() if ": error:" in line]
    # The generator copies this file as it is; its 0.29 passes on untyped arguments.
    return [line for line in lines if not line.startswith("demo_client/client.py:")]


def _made_up_names(client: Path, document: dict[str, Any]) -> list[str]:
    """Return the classes that the generator named after a path, because the schema has no name."""
    modules = {path.stem for path in (client / "models").glob("*.py")} - {"__init__"}
    named = [_snake_case(name) for name in document["components"]["schemas"]]
    return sorted(
        name
        for name in modules
        if "_response_" in name or not any(f"{name}_".startswith(f"{known}_") for known in named)
    )


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


if __name__ == "__main__":
    main()
