"""How bad retention clauses are for the user.

Clauses that do not say how long all content is kept count as `effective_clauses` has them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from compliance.page.claims import effective_clauses
from compliance.page.durations import duration_seconds
from compliance.page.table import Clause
from compliance.page.vocabulary import Bound, ClauseKind, DataClass, Trigger

# The place of a clause's kind from best to worst, whether its duration is only the shortest one,
# and the seconds of that. Nobody knows when "at least 30 days" end.
Rank = tuple[int, bool, int]
# The worst rank that always applies, the worst of all, and all ranks, the worst first.
Severity = tuple[Rank, Rank, tuple[Rank, ...]]
# When a clause applies, and to what.
_Case = tuple[Trigger, DataClass]
_DATA_CLASSES = list(DataClass)
_CONDITIONS: list[Trigger] = [trigger for trigger in Trigger if trigger is not Trigger.ALWAYS]
_CASES: list[_Case] = [(trigger, data_class) for trigger in Trigger for data_class in DataClass]
_ALL_CONTENT: _Case = (Trigger.ALWAYS, DataClass.ALL_CONTENT)
_KINDS = list(ClauseKind)


@dataclass(frozen=True, slots=True)
class Standing:
    """How bad terms are in each case, where severity is one value for all of them.

    `said` are the kinds of data that have a clause of their own which always applies.
    """

    ranks: dict[_Case, Rank]
    said: frozenset[DataClass]

    @classmethod
    def of(cls, clauses: Iterable[Clause]) -> "Standing":
        """Return the standing of clauses.

        What they say of some data or of some condition outweighs what they say in general.
        """
        return _standing(effective_clauses(clauses))

    @classmethod
    def worst(cls, standings: Iterable[Self]) -> Self:
        """Return the standing that is as bad in each case as the worst of some."""
        found = list(standings)
        ranks = {case: max(standing.ranks[case] for standing in found) for case in _CASES}
        return cls(ranks, frozenset().union(*(standing.said for standing in found)))

    @property
    def is_understood(self) -> bool:
        """Whether no wording was left that nobody understood."""
        unknown = _KINDS.index(ClauseKind.UNKNOWN)
        return all(kind != unknown for kind, _, _ in self.ranks.values())

    def is_worse_than(self, other: Self) -> bool:
        """Return whether some case is worse than in another standing."""
        return any(self.ranks[case] > other.ranks[case] for case in _CASES)

    def is_better_than(self, other: Self) -> bool:
        """Return whether some case is better than in another standing.

        Data of which the other one says something, and this one nothing, is no such case.
        """
        unsaid = other.said - self.said
        return any(self.ranks[case] < other.ranks[case] for case in _CASES if case[1] not in unsaid)


def severity(clauses: Iterable[Clause]) -> Severity:
    """Return a value by which terms compare: the larger, the worse for the user.

    What is said of some data or of some condition never makes a term better than what it says of
    all content. A month counts 30 days, a year 365. Raises ValueError for a duration that is none.
    """
    return _severity(tuple(clauses))


def worst_clause(clauses: Iterable[Clause]) -> Clause:
    """Return the worst of the clauses that always apply."""
    always = [clause for clause in effective_clauses(clauses) if clause.trigger is Trigger.ALWAYS]
    return max(always, key=clause_rank)


def clause_rank(clause: Clause) -> Rank:
    """Return how bad one clause is where it applies."""
    seconds = duration_seconds(clause.duration) if clause.duration else 0
    return _KINDS.index(clause.kind), clause.bound is Bound.AT_LEAST, seconds


# A page repeats few terms on many rows.
@lru_cache(maxsize=10_000)
def _severity(clauses: tuple[Clause, ...]) -> Severity:
    ranks = Standing.of(clauses).ranks
    whole = ranks[_ALL_CONTENT]
    always = [max(whole, ranks[Trigger.ALWAYS, data_class]) for data_class in _DATA_CLASSES]
    conditional = [
        max(worst, ranks[trigger, data_class])
        for trigger in _CONDITIONS
        for data_class, worst in zip(_DATA_CLASSES, always, strict=True)
    ]
    return max(always), max(conditional), tuple(sorted([*always, *conditional], reverse=True))


@lru_cache(maxsize=10_000)
def _standing(clauses: tuple[Clause, ...]) -> Standing:
    stated = _stated_ranks(clauses)
    whole = stated.get(_ALL_CONTENT)
    if whole is None:
        whole = max(
            stated[Trigger.ALWAYS, DataClass.PROMPT], stated[Trigger.ALWAYS, DataClass.OUTPUT]
        )
    ranks = dict.fromkeys(_CASES, whole)
    for trigger in _CONDITIONS:
        if (trigger, DataClass.ALL_CONTENT) in stated:
            conditional = stated[trigger, DataClass.ALL_CONTENT]
            ranks.update(((trigger, data_class), conditional) for data_class in _DATA_CLASSES)
    for data_class in {data_class for _, data_class in stated} - {DataClass.ALL_CONTENT}:
        always = stated.get((Trigger.ALWAYS, data_class))
        for trigger in Trigger:
            cases = [(trigger, data_class)]
            if trigger is not Trigger.ALWAYS:
                cases.append((trigger, DataClass.ALL_CONTENT))
            found = [stated[case] for case in cases if case in stated]
            # What always applies to some data applies under a condition on all content too.
            if always is not None:
                found.append(always)
            ranks[trigger, data_class] = max(found, default=whole)
    said = frozenset(data_class for trigger, data_class in stated if trigger is Trigger.ALWAYS)
    return Standing(ranks, said)


def _stated_ranks(clauses: Iterable[Clause]) -> dict[_Case, Rank]:
    """Return the worst rank of each case that clauses name."""
    stated: dict[_Case, Rank] = {}
    for clause in clauses:
        case, rank = _case(clause), clause_rank(clause)
        stated[case] = max(rank, stated.get(case, rank))
    return stated


def _case(clause: Clause) -> _Case:
    # What is flagged may be any content.
    if clause.data_class is DataClass.FLAGGED_CONTENT and clause.trigger is not Trigger.OPT_IN:
        return Trigger.FLAGGED, DataClass.ALL_CONTENT
    return clause.trigger, clause.data_class
