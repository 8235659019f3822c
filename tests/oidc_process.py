"""A process of its own, in which single sign-on is set up: settings are read once, at the start."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OIDC = {"OIDC_CLIENT_ID": "registry", "OIDC_CLIENT_SECRET": "a-client-secret"}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments and nothing else in the environment."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip


def run_with_oidc(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the settings for a provider on a port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    return run(*arguments, **OIDC, OIDC_SERVER_URL=address, OIDC_NAME="Acme ID")
