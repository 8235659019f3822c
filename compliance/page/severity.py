"""How severe retention terms are for the user."""

from collections.abc import Iterable

from compliance.page.durations import duration_seconds
from compliance.page.table import Clause, Term
from compliance.page.vocabulary import ClauseKind, Trigger


def severity(clauses: Iterable[Clause]) -> tuple[tuple[int, int], tuple[int, int], int]:
    """Return a value by which terms compare: the larger, the worse for the user.

    First the worst clause that always applies counts, then the worst conditional one, then the
    number of clauses; a month counts 30 days, a year 365. Raises ValueError for a duration that is
    none.
    """
    always: list[tuple[int, int]] = []
    conditional: list[tuple[int, int]] = []
    for clause in clauses:
        ranks = always if clause.trigger is Trigger.ALWAYS else conditional
        ranks.append(_rank(clause))
    no_clause = (-1, 0)
    worst_always = max(always, default=no_clause)
    worst_conditional = max(conditional, default=no_clause)
    return worst_always, worst_conditional, len(always) + len(conditional)


def worst_term(terms: Iterable[Term]) -> Term:
    """Return the worst term for the user, the first of equals; raises ValueError without terms."""
    return max(terms, key=lambda term: severity(term.clauses))


def _rank(clause: Clause) -> tuple[int, int]:
    seconds = duration_seconds(clause.duration) if clause.duration else 0
    return list(ClauseKind).index(clause.kind), seconds
