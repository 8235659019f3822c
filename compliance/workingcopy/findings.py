"""Run the rules over a register, with what only its working copy knows."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings

from compliance.models import AIModel, ListedModel, Register
from compliance.page import rules
from compliance.page.rules import Facts, Finding, Severity
from compliance.page.rules.facts import CatalogueEntry, KnownModel, ReviewDue
from compliance.page.snapshot import Snapshot
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

    What a page does not hold (unlisted models, due reviews) is read from the working copy as it is
    now, in four to seven queries. Days are UTC.
    """
    today = at.astimezone(UTC).date()
    facts = Facts(
        today=today,
        models=tuple(_models()),
        reviews=tuple(
            ReviewDue(due.kind, due.id, due.name, due.due_on)
            for due in overdue(today, register=register)
        ),
        catalogue=catalogue,
        listed=frozenset(
            ListedModel.objects.filter(listing__section__register=register).values_list(
                "model__slug", flat=True
            )
        ),
    )
    severities = {code: Severity(severity) for code, severity in settings.RULES_SEVERITY.items()}
    return tuple(rules.findings(snapshot, before=before, facts=facts, severities=severities))


def _models() -> Iterator[KnownModel]:
    """Yield every model, listed or not: a footnote may name one that left the page."""
    for id, name, aliases in AIModel.objects.values_list("slug", "name", "aliases"):
        other_names = [line.strip() for line in aliases.splitlines() if line.strip()]
        yield KnownModel(id, name, tuple(other_names))
