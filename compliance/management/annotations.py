"""Findings as text, as JSON, and as annotations for code hosts (GitHub, Gitea, GitLab)."""

import hashlib
import json
from collections.abc import Callable, Sequence

from compliance.page.rules import Finding, Severity

_GITHUB = {Severity.BLOCKER: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_GITLAB = {Severity.BLOCKER: "blocker", Severity.WARNING: "major", Severity.NOTE: "info"}


def text(findings: Sequence[Finding], slug: str) -> str:
    """Return one line per finding, for people."""
    lines = [f"{finding.severity}: {finding.message}" for finding in findings]
    return "\n".join(lines) or "The rules find nothing."


def as_json(findings: Sequence[Finding], slug: str) -> str:
    """Return the findings of a register as one JSON object, for programs."""
    return json.dumps(
        {"register": slug, "findings": [finding.to_dict() for finding in findings]},
        ensure_ascii=False,
        indent=2,
    )


def github(findings: Sequence[Finding], slug: str) -> str:
    """Return one workflow command per finding, which GitHub and Gitea show beside a run.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    commands = []
    for finding in findings:
        title = _property(f"{slug}: {finding.code}")
        level = _GITHUB[finding.severity]
        commands.append(f"::{level} title={title}::{_escaped(finding.message)}")
    return "\n".join(commands)


def gitlab(findings: Sequence[Finding], slug: str) -> str:
    """Return a Code Quality report, which GitLab shows in a merge request.

    The report must name a line of a file, so each issue names line 1 of the register's Markdown.
    The fingerprint is made of the finding's key, so GitLab recognises the same finding later.
    https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    issues = [
        {
            "description": finding.message,
            "check_name": finding.code,
            "fingerprint": hashlib.sha256(f"{slug}:{finding.key}".encode()).hexdigest(),
            "severity": _GITLAB[finding.severity],
            "location": {"path": f"{slug}.md", "lines": {"begin": 1}},
        }
        for finding in findings
    ]
    return json.dumps(issues, ensure_ascii=False, indent=2)


# A line end would end the command, and `%` begins an escape.
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
