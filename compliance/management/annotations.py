"""Findings as text, as JSON, and as the annotations that code hosts show."""

import hashlib
import json
from collections.abc import Callable, Sequence

from compliance.page.rules import Finding, Severity

_GITHUB = {Severity.BLOCKER: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_GITLAB = {Severity.BLOCKER: "blocker", Severity.WARNING: "major", Severity.NOTE: "info"}


def text(findings: Sequence[Finding], slug: str) -> str:
    """Return a finding a line, for people."""
    return (
        "\n".join(f"{each.severity}: {each.message}" for each in findings)
        or "The rules find nothing."
    )


def as_json(findings: Sequence[Finding], slug: str) -> str:
    """Return the findings of a register as one JSON object, for programs."""
    return json.dumps(
        {"register": slug, "findings": [each.to_dict() for each in findings]},
        ensure_ascii=False,
        indent=2,
    )


def github(findings: Sequence[Finding], slug: str) -> str:
    """Return a workflow command a finding, which GitHub and Gitea show beside a run.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    return "\n".join(
        f"::{_GITHUB[each.severity]} title={_property(f'{slug}: {each.code}')}::{_escaped(each.message)}"
        for each in findings
    )


def gitlab(findings: Sequence[Finding], slug: str) -> str:
    """Return a Code Quality report, which GitLab shows in a merge request.

    It asks for a place in a file: the register's Markdown stands for it. The fingerprint is the finding's key.
    https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    issues = [
        {
            "description": each.message,
            "check_name": each.code,
            "fingerprint": hashlib.sha256(f"{slug}:{each.key}".encode()).hexdigest(),
            "severity": _GITLAB[each.severity],
            "location": {"path": f"{slug}.md", "lines": {"begin": 1}},
        }
        for each in findings
    ]
    return json.dumps(issues, ensure_ascii=False, indent=2)


def _escaped(message: str) -> str:
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _escaped(value).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[Sequence[Finding], str], str]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "gitlab": gitlab,
}
