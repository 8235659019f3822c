"""deploy/: containers get secrets as files, and images are pinned to exact bytes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """Return a copy of deploy/, in which scripts may write."""
    return Path(shutil.copytree(ROOT / "deploy", tmp_path / "deploy"))


def run(script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = environment.pop("PATH", os.environ["PATH"])
    return subprocess.run(
        [script], capture_output=True, text=True, timeout=60, env={"PATH": path, **environment}
    )


def test_secrets_are_written_once_and_open_the_settings(deploy):
    first = run(deploy / "make-secrets")
    secrets = {path.name: path.read_text() for path in (deploy / "secrets").iterdir()}
    (deploy / "secrets" / "secret_key").unlink()
    run(deploy / "make-secrets")

    assert first.returncode == 0, first.stderr
    again = {path.name: path.read_text() for path in (deploy / "secrets").iterdir()}
    assert again.pop("secret_key") != secrets.pop("secret_key")
    assert again == secrets
    assert secrets["application_password"] in secrets["database_url"]
    assert secrets["owner_password"] in secrets["owner_database_url"]
    assert len({value for name, value in secrets.items() if name.endswith("password")}) == 3
    named = {name.upper() + "_FILE": str(deploy / "secrets" / name) for name in secrets}
    code = (
        "from registry import settings; from django.conf import settings as s; "
        "from compliance.accounts.encryption import keys_fault; "
        "print(settings.DATABASES['default']['PASSWORD'], len(s.SECRET_KEY), keys_fault())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={
            "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "registry.settings", **named,
            "SECRET_KEY_FILE": str(deploy / "secrets" / "secret_key"),
        },
    )  # fmt: skip
    assert shown.stdout.split() == [secrets["application_password"], "64"], shown.stderr


def test_a_secret_whose_file_is_not_there_is_named_at_the_start(tmp_path):
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "SECRET_KEY_FILE": str(tmp_path / "none")},
    )  # fmt: skip

    assert ended.returncode == 2
    assert "SECRET_KEY_FILE must be a readable file" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_no_secret_is_in_the_environment_of_a_container():
    lines = (ROOT / "deploy" / "compose.yaml").read_text().splitlines()
    set_here = [line for line in lines if re.match(r"\s+\w*(PASSWORD|SECRET|KEYS?|URL):", line)]

    assert [line.strip() for line in set_here] == ["SITE_URL: ${SITE_URL:?set it}"]


DIGEST = "sha256:" + "a1" * 32


def images(deploy: Path) -> list[str]:
    text = (deploy / "Dockerfile").read_text() + (deploy / "compose.yaml").read_text()
    return re.findall(r"(?:FROM|image:)\s+(\S+)", text)


def test_images_are_named_by_exact_version_and_pinned_by_a_command(deploy, tmp_path):
    for image in images(deploy):
        assert re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?-[a-z-]+", image), image
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\necho {DIGEST}\n")
    docker.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"

    for _ in range(2):  # a digest that is there is replaced
        ended = run(deploy / "pin-images", PATH=path)
        assert ended.returncode == 0, ended.stderr

    assert all(image.endswith(f"bookworm@{DIGEST}") for image in images(deploy))
    assert {image.partition("@")[0] for image in images(deploy)} == set(images(ROOT / "deploy"))


@pytest.mark.parametrize("answer", ["exit 1", "echo no such manifest"])
def test_without_a_registry_of_images_nothing_is_pinned(deploy, tmp_path, answer):
    docker = tmp_path / "docker"
    docker.write_text(f"#!/bin/sh\n{answer}\n")
    docker.chmod(0o755)

    ended = run(deploy / "pin-images", PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert ended.returncode != 0
    assert images(deploy) == images(ROOT / "deploy")
