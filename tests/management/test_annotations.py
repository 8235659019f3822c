"""compliance.management.annotations: findings in the formats of people, programs and code hosts."""

import json
import re

import pytest

from compliance.management.annotations import FORMATS
from compliance.page.rules import Finding, Severity, SubjectKind

FINDINGS = [
    Finding(
        "no-model:1", Severity.BLOCKER, "Row 1 has no model.", "1", "no-model", SubjectKind.LISTING
    ),
    Finding(
        "unknown-term:a",
        Severity.WARNING,
        "“50%, or\nso” is not understood.",
        "a",
        "unknown-term",
        SubjectKind.TERM,
    ),
    Finding(
        "uncited-footnote:b",
        Severity.NOTE,
        "Footnote 1: cited nowhere.",
        "b",
        "uncited-footnote",
        SubjectKind.FOOTNOTE,
    ),
]


def test_the_text_format_has_one_line_for_each_finding():
    assert FORMATS["text"](FINDINGS[:1], "page") == "blocker: Row 1 has no model."
    assert FORMATS["text"]([], "page") == "The rules find nothing."


def test_the_json_format_has_every_field():
    report = json.loads(FORMATS["json"](FINDINGS, "page"))

    assert report == {"register": "page", "findings": [finding.to_dict() for finding in FINDINGS]}


def test_github_gets_a_workflow_command_a_finding_that_nothing_in_it_can_end():
    lines = FORMATS["github"](FINDINGS, "page").splitlines()

    assert lines == [
        "::error title=page%3A no-model::Row 1 has no model.",
        "::warning title=page%3A unknown-term::“50%25, or%0Aso” is not understood.",
        "::notice title=page%3A uncited-footnote::Footnote 1: cited nowhere.",
    ]


def test_gitlab_gets_a_report_with_what_it_asks_for():
    issues = json.loads(FORMATS["gitlab"](FINDINGS, "page"))

    assert [issue["severity"] for issue in issues] == ["blocker", "major", "info"]
    assert all(issue["location"] == {"path": "page.md", "lines": {"begin": 1}} for issue in issues)
    assert [issue["check_name"] for issue in issues] == [finding.code for finding in FINDINGS]
    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", issue["fingerprint"]) for issue in issues)


@pytest.mark.parametrize(
    ("format", "report"), [("json", {"register": "page", "findings": []}), ("gitlab", [])]
)
def test_programs_get_json_even_where_nothing_is_found(format, report):
    assert json.loads(FORMATS[format]([], "page")) == report
