"""Submit and approve publications in tests, with an answer to every finding and all grades."""

from datetime import UTC, datetime, timedelta

from compliance.publishing import approve, candidate, revert, reverted_changes, submit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours):
    """Return a moment so many hours after NOON."""
    return NOON + hours * HOUR


def answers_to(register, at=NOON, **choice):
    """Return an answer to every finding about the page that would be submitted."""
    return {finding.key: "Known." for finding in candidate(register, at=at, **choice).findings}


def grades_of(register, at=NOON, **choice):
    """Return the grade neutral for every change that needs one."""
    return {change.key: "neutral" for change in candidate(register, at=at, **choice).to_grade}


def submitted(register, editor, *, at=NOON, **values):
    """Submit the register; return the publication in review."""
    choice = {
        name: values[name] for name in ("listings", "held_back", "effective_from") if name in values
    }
    content = candidate(register, at=at, **choice)
    said = {
        "answers": {finding.key: "Known." for finding in content.findings},
        "grades": {change.key: "neutral" for change in content.to_grade},
    }
    return submit(register, by=editor, at=at, reason="Why", **{**said, **values})


def reverted(register, editor, *, to, at=NOON, reason="Why"):
    """Submit publication `to` again with the grade neutral for every change; return the new one."""
    to_grade = reverted_changes(register.publications.numbered(to), at=at)
    grades = {change.key: "neutral" for change in to_grade}
    return revert(register, to=to, by=editor, at=at, reason=reason, grades=grades)


def published(register, editor, approver, *, at=NOON, **values):
    """Submit and approve the register at one moment; return the publication."""
    publication = submitted(register, editor, at=at, **values)
    return approve(publication, by=approver, at=at, approval_sha256=publication.approval_sha256)
