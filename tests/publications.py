"""Submit and approve publications in tests, with an answer to every finding."""

from datetime import UTC, datetime, timedelta

from compliance.publishing import approve, candidate, submit

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def answers_to(register, at=NOON, **choice):
    """Return an answer to every finding about the page that would be submitted."""
    return {finding.key: "Known." for finding in candidate(register, at=at, **choice).findings}


def submitted(register, editor, *, at=NOON, **values):
    """Submit the register; return the publication in review."""
    choice = {name: values[name] for name in ("listings", "effective_from") if name in values}
    return submit(
        register,
        by=editor,
        at=at,
        reason="Why",
        answers=answers_to(register, at, **choice),
        **values,
    )


def published(register, editor, approver, *, at=NOON, **values):
    """Submit and approve the register at one moment; return the publication."""
    publication = submitted(register, editor, at=at, **values)
    return approve(publication, by=approver, at=at, approval_sha256=publication.approval_sha256)
