"""deploy/: units that name what exists, and the scripts that save what exposes a rewritten record."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted(
    path.name for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer", ".path")
)
# Costs nothing and is in every unit of the application. docs/operations.md says what is left open.
HARDENED = {
    "NoNewPrivileges=yes", "PrivateTmp=yes", "PrivateDevices=yes", "ProtectSystem=strict", "ProtectHome=yes",
    "ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectKernelLogs=yes", "ProtectControlGroups=yes",
    "ProtectClock=yes", "ProtectHostname=yes", "ProtectProc=invisible", "ProcSubset=pid", "RemoveIPC=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "RestrictNamespaces=yes", "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes", "LockPersonality=yes", "KeyringMode=private", "DevicePolicy=closed",
    "PrivateUsers=yes", "SystemCallFilter=~@privileged @resources", "MemoryDenyWriteExecute=yes", "CapabilityBoundingSet=",
    "SystemCallArchitectures=native", "SystemCallFilter=@system-service", "UMask=0022",
}  # fmt: skip
# These two run as root and speak for other services.
AS_ROOT = {"registry-exported.service", "registry-failed@.service"}
HEAD = '{"hash": "%s", "number": 7}' % ("a" * 64)
NOTE = "x.eu/log\n3\n%s=\n\n— x.eu/log %s\n"


def settings_of(unit: str) -> list[str]:
    """Return the lines of a unit that are no comments."""
    lines = (DEPLOY / unit).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def values(unit: str, name: str) -> list[str]:
    return [line.partition("=")[2] for line in settings_of(unit) if line.startswith(f"{name}=")]


def started_by(unit: str) -> list[str]:
    """Return the units that a unit starts."""
    others = [value.replace("%n", unit) for value in values(unit, "OnFailure")]
    if not unit.endswith(".service"):
        others.append(f"{unit.rpartition('.')[0]}.service")
    return [re.sub(r"@.*", "@.service", other) for other in others]


def missing(unit: str, lines: list[str]) -> list[str]:
    """Return what the command lines of a unit name that is not there."""
    found = []
    for line in lines:
        command = re.search(r"manage\.py (\w+)", line)
        if command and command[1] not in get_commands():
            found.append(f"{unit}: manage.py {command[1]}")
        script = re.search(
            r"/srv/registry/app/deploy/([\w-]+)|/usr/local/lib/registry/([\w-]+)", line
        )
        if script and not os.access(DEPLOY / (script[1] or script[2]), os.X_OK):
            found.append(f"{unit}: {script[0]}")
    return found


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_names_commands_scripts_and_units_that_exist(unit):
    assert missing(unit, values(unit, "ExecStart")) == []
    assert [other for other in started_by(unit) if other not in UNITS] == []
    assert not unit.endswith(".service") or values(unit, "ExecStart")


def test_a_command_or_script_that_is_not_there_is_found():
    lines = [
        "python manage.py verfy",
        "/srv/registry/app/deploy/verify-recrod x",
        "manage.py verify",
    ]

    assert missing("x", lines) == [
        "x: manage.py verfy",
        "x: /srv/registry/app/deploy/verify-recrod",
    ]


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_a_unit_is_hardened_and_its_failure_is_told(unit):
    lines = set(settings_of(unit))

    assert unit in AS_ROOT or HARDENED - lines == set()
    servers = ("registry.service", "registry-public.service")
    assert unit in (*servers, "registry-failed@.service") or values(unit, "OnFailure")


def test_readers_and_staff_have_processes_of_their_own():
    """Both units serve the same application, each at the port that nginx has for it."""
    ports = {}
    for unit in ("registry-public.service", "registry.service"):
        (command,) = values(unit, "ExecStart")
        ports[unit] = re.search(r"127\.0\.0\.1:\d+", command)[0]
    upstreams = re.findall(
        r"upstream (\w+) {\s+server ([\d.:]+)", (DEPLOY / "nginx.conf").read_text()
    )

    assert dict(upstreams) == {
        "registry_public": ports["registry-public.service"],
        "registry_staff": ports["registry.service"],
    }
    assert len(set(ports.values())) == 2
    public, staff = (set(settings_of(unit)) for unit in ports)
    assert {line.partition("=")[0] for line in public ^ staff} == {"Description", "ExecStart"}


@pytest.mark.parametrize("unit", UNITS)
def test_the_operations_manual_names_every_unit(unit):
    manual = (ROOT / "docs" / "operations.md").read_text()

    assert unit in manual or unit.partition(".")[0] in manual


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a folder with a Python and a curl that print $PRINTED and end with $ENDS_WITH."""
    for name in (".venv/bin/python", "bin/curl"):
        program = tmp_path / name
        program.parent.mkdir(parents=True)
        program.write_text(
            '#!/bin/sh\necho "$@" >>called\nprintf "%s" "$PRINTED"\nexit ${ENDS_WITH:-0}\n'
        )
        program.chmod(0o755)
    (tmp_path / "saved").mkdir()
    return tmp_path


def run(script: str, *arguments: str, folder: Path, printed: str, ends_with: int = 0) -> int:
    """Run a script of deploy/ in a folder; return its exit status."""
    return ended(script, *arguments, folder=folder, printed=printed, ends_with=ends_with).returncode


def ended(
    script: str, *arguments: str, folder: Path, printed: str, ends_with: int = 0
) -> subprocess.CompletedProcess[str]:
    """Run a script of deploy/ in a folder."""
    return subprocess.run(
        [DEPLOY / script, *arguments], cwd=folder, capture_output=True, text=True, timeout=30,
        env={"PATH": f"{folder}/bin:{os.environ['PATH']}", "PRINTED": printed, "ENDS_WITH": str(ends_with)},
    )  # fmt: skip


def test_each_sound_verification_saves_its_head_and_the_next_is_held_to_it(programs):
    sound = f"Sound: 7 entries.\nNote: look.\n{HEAD}\n"

    assert run("verify-record", "saved", folder=programs, printed=sound) == 0
    (programs / "saved" / "checkpoints").write_text("x")
    assert run("verify-record", "saved", folder=programs, printed=sound) == 0

    assert (programs / "saved" / "heads").read_text() == f"{HEAD}\n{HEAD}\n"
    assert (programs / "called").read_text().splitlines() == [
        "manage.py verify",
        "manage.py verify --anchor saved/heads --anchor saved/checkpoints",
    ]


@pytest.mark.parametrize(
    ("printed", "ends_with"), [(f"{HEAD}\n", 1), (f"{HEAD}\n", 2), ("Sound: 0 entries.\n", 0)]
)
def test_a_record_that_is_not_sound_or_empty_saves_no_head(programs, printed, ends_with):
    assert (
        run("verify-record", "saved", folder=programs, printed=printed, ends_with=ends_with)
        == ends_with
    )
    assert not (programs / "saved" / "heads").exists()


def test_a_record_that_does_not_fit_names_the_chapter_that_says_how_to_go_on(programs):
    (chapter,) = re.findall(
        r"^### (When what was saved .*?),",
        (ROOT / "docs" / "operations.md").read_text(),
        re.MULTILINE,
    )

    corrupt, unknown = (
        ended("verify-record", "saved", folder=programs, printed="", ends_with=code)
        for code in (1, 2)
    )

    assert f'docs/operations.md, "{chapter}"' in corrupt.stderr
    assert unknown.stderr == ""  # the database was not reached, which says nothing about the record


def test_a_checkpoint_is_saved_when_it_has_moved(programs):
    first, second = NOTE % ("a" * 43, "Sig="), NOTE % ("b" * 43, "Sig=")
    for printed in (first, first, second, second):
        assert (
            run("save-checkpoint", "https://x.eu", "saved", folder=programs, printed=printed) == 0
        )

    assert (programs / "saved" / "checkpoints").read_text() == f"{first}\n{second}\n"
    assert "https://x.eu/checkpoint" in (programs / "called").read_text()


NO_CHECKPOINTS = {
    "nothing": "",
    "a captive portal": "<!DOCTYPE html>\n<title>Sign in</title>\n",
    "the log of another site": (NOTE % ("a" * 43, "Sig=")).replace("x.eu", "y.eu"),
    "no size": (NOTE % ("a" * 43, "Sig=")).replace("\n3\n", "\nx\n"),
    "no root": NOTE % ("", "Sig="),
    "no signature": (NOTE % ("a" * 43, "Sig=")).partition("—")[0],
    "more": NOTE % ("a" * 43, "Sig=") + "<p>\n",
    "fewer events": (NOTE % ("a" * 43, "Sig=")).replace("\n3\n", "\n2\n"),
}


@pytest.mark.parametrize("answer", NO_CHECKPOINTS.values(), ids=NO_CHECKPOINTS)
def test_what_is_no_checkpoint_of_the_log_is_not_saved_and_the_unit_fails(programs, answer):
    saved, sound = programs / "saved" / "checkpoints", NOTE % ("b" * 43, "Sig=")

    def save(printed):
        return run("save-checkpoint", "https://x.eu/", "saved", folder=programs, printed=printed)

    assert save(sound) == 0

    assert save(answer) == 1

    assert saved.read_text() == f"{sound}\n"
    assert save(sound.replace("\n3\n", "\n4\n")) == 0  # the control


def test_the_name_of_the_log_can_be_given(programs):
    note = (NOTE % ("a" * 43, "Sig=")).replace("x.eu", "y.eu")

    def save(*name):
        site = ("https://x.eu", "saved")
        return run("save-checkpoint", *site, *name, folder=programs, printed=note)

    assert (save(), save("y.eu/log")) == (1, 0)


def test_without_a_checkpoint_nothing_is_saved_and_the_unit_fails(programs):
    assert (
        run("save-checkpoint", "https://x.eu", "saved", folder=programs, printed="", ends_with=22)
        == 22
    )
    assert not (programs / "saved" / "checkpoints").exists()
