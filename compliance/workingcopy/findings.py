"""Run the rules over a register, with what only its working copy knows."""

from datetime import UTC, datetime

from django.conf import settings

from compliance.models import Register
from compliance.page import rules
from compliance.page.catalogue import ids_of
from compliance.page.remembered import settle
from compliance.page.rules import Facts, Finding, Severity
from compliance.page.rules.facts import CatalogueEntry, ReviewDue
from compliance.page.snapshot import Snapshot
from compliance.workingcopy.resolve import WorkingCopy, working_copy
from compliance.workingcopy.reviews import overdue


def findings(
    register: Register,
    snapshot: Snapshot,
    *,
    before: Snapshot | None,
    at: datetime,
    catalogue: tuple[CatalogueEntry, ...] | None = None,
) -> tuple[Finding, ...]:
    """Return what the rules find in a page of a register at a moment, compared with `before`.

    What a page does not hold (unlisted models, due reviews) is that of the working copy as it is
    now. Days are UTC.
    """
    facts = facts_of(register, working_copy(register), at=at, catalogue=catalogue)
    return judged(snapshot, before=before, facts=facts)


def facts_of(
    register: Register,
    working: WorkingCopy,
    *,
    at: datetime,
    catalogue: tuple[CatalogueEntry, ...] | None = None,
) -> Facts:
    """Return what the rules know besides pages: what the working copy says, and what is due."""
    today = at.astimezone(UTC).date()
    return Facts(
        today=today,
        models=working.known_models,
        reviews=tuple(
            ReviewDue(due.kind, due.id, due.name, due.due_on)
            for due in overdue(today, register=register)
        ),
        catalogue=catalogue,
        listed=ids_of(working.snapshot.models),
    )


def judged(snapshot: Snapshot, *, before: Snapshot | None, facts: Facts) -> tuple[Finding, ...]:
    """Return what the rules find in a page, compared with `before`; it needs no database."""
    severities = {code: Severity(severity) for code, severity in settings.RULES_SEVERITY.items()}
    found = tuple(rules.findings(snapshot, before=before, facts=facts, severities=severities))
    settle()
    return found
