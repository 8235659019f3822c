"""Rules over several records: what in a snapshot stands in the way of publishing it, or asks for a second look.

Each rule is one pure function in a module of its subject, with a code, a severity and the real case it comes from
(`docs/rules.md` is made of them).
"""

from collections.abc import Mapping

from compliance.page.rules import (
    catalogue,
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
from compliance.page.rules.finding import Finding, Severity, SubjectKind
from compliance.page.rules.rule import Rule
from compliance.page.snapshot import Snapshot

__all__ = ["RULES", "Answer", "Facts", "Finding", "Rule", "Severity", "SubjectKind", "findings"]

# By code, in the order in which they are written: that of the manual, and of findings that are equally severe.
RULES = {
    rule.code: rule
    for module in (listings, names, footnotes, documents, links, terms, promises, catalogue)
    for rule in vars(module).values()
    if isinstance(rule, Rule)
}


def findings(
    snapshot: Snapshot,
    before: Snapshot | None = None,
    facts: Facts | None = None,
    severities: Mapping[str, Severity] | None = None,
) -> list[Finding]:
    """Return what all rules find in a snapshot: blockers first, then warnings, then notes.

    With the snapshot in force `before` it, also each change of a promise, each new recipient and each removal. The
    `severities` by code are an installation's own; the others are the rules'.
    """
    case = RuleContext(snapshot, before, facts or Facts())
    found = [
        finding for rule in RULES.values() for finding in rule.findings(case, severities or {})
    ]
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))
