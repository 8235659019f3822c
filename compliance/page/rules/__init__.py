"""Rules: what in a snapshot must be mended, answered or known before it is published.

Each rule is one pure function with a code, a severity and the reason that it is there for;
`docs/rules.md` is generated from them. A page that people have written for years breaks every rule
once, so they are findings here and no constraints of the database.
"""

from collections.abc import Mapping

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
from compliance.page.rules.facts import Facts
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
    context = RuleContext(snapshot, before, facts or Facts())
    found: list[Finding] = []
    for rule in RULES.values():
        found += rule.findings(context, severities or {})
    order = list(Severity)
    return sorted(
        found, key=lambda finding: (order.index(finding.severity), RULES[finding.code].rank)
    )
