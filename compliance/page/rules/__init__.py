"""Rules: what in a snapshot must be mended, answered or known before it is published.

Each rule is one pure function with a code, a severity and the reason that it is there for;
`docs/rules.md` is generated from them. A page that people have written for years breaks every rule
once, so they are findings here and no constraints of the database.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TypeVar

from compliance.page.remembered import by_identity
from compliance.page.rules import (
    catalogue,
    characters,
    declared,
    documents,
    footnotes,
    links,
    listings,
    names,
    promises,
    terms,
)
from compliance.page.rules.answers import Answer
from compliance.page.rules.context import RuleContext
from compliance.page.rules.facts import CatalogueEntry, Facts, KnownModel, ReviewDue
from compliance.page.rules.finding import Finding, Severity, SubjectKind, not_among
from compliance.page.rules.rule import Rule
from compliance.page.snapshot import Snapshot

__all__ = [
    "RULES",
    "Answer",
    "Facts",
    "Finding",
    "Rule",
    "Severity",
    "SubjectKind",
    "findings",
    "not_among",
]

_T = TypeVar("_T")
# By code, in the order in which they are written, which the manual keeps.
RULES = {
    rule.code: rule
    for module in (
        listings,
        names,
        characters,
        footnotes,
        documents,
        links,
        terms,
        declared,
        promises,
        catalogue,
    )
    for rule in vars(module).values()
    if isinstance(rule, Rule)
}


def findings(
    snapshot: Snapshot,
    before: Snapshot | None = None,
    facts: Facts | None = None,
    severities: Mapping[str, Severity] | None = None,
) -> list[Finding]:
    """Return the findings of all rules in a snapshot: blockers, then warnings, then notes.

    Among equal ones the rank of their rules counts, and then the order of the rules.
    With the snapshot in force as `before`, changed promises, new recipients and removals are found
    too. `severities` replaces the severity of rules, by code, for this installation.
    """
    known = facts or Facts()
    return list(
        _findings(
            snapshot,
            before,
            known.models,
            known.listed,
            known.catalogue,
            # What is not long is compared by its value.
            _shared((known.today, known.reviews, tuple((severities or {}).items()))),
        )
    )


@lru_cache(maxsize=64)
def _shared(value: _T) -> _T:
    """Return an equal value, always the same object."""
    return value


@by_identity(16)
def _findings(
    snapshot: Snapshot,
    before: Snapshot | None,
    models: tuple[KnownModel, ...],
    listed: frozenset[str],
    catalogue: tuple[CatalogueEntry, ...] | None,
    others: tuple[date | None, tuple[ReviewDue, ...], tuple[tuple[str, Severity], ...]],
) -> tuple[Finding, ...]:
    today, reviews, severities = others
    facts = Facts(today, models, reviews, catalogue, listed)
    context = RuleContext(snapshot, before, facts)
    found: list[Finding] = []
    for rule in RULES.values():
        found += rule.findings(context, dict(severities))
    order = list(Severity)
    return tuple(
        sorted(found, key=lambda finding: (order.index(finding.severity), RULES[finding.code].rank))
    )
