"""Which models fit a reader's policy, judged by the worst row of each model."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from compliance.page.retention import describe_clauses, duration_seconds
from compliance.page.snapshot import Provider, Snapshot
from compliance.page.table import Clause, Listing
from compliance.page.vocabulary import DURATION, Bound, ClauseKind, TrainingUse

NOT_KEPT = "P0D"
# What a reader can accept as the longest retention: a duration, or none at all.
LONGEST = re.compile(rf"{NOT_KEPT}\Z|{DURATION.pattern}")


class InvalidPolicy(ValueError):
    """A value that no policy can have; the message names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row does not fit: a sentence, and the providers that cause it."""

    sentence: str
    providers: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The worst training use and the longest retention that a reader accepts; None for any."""

    training: TrainingUse | None = None
    longest: str | None = None

    @classmethod
    def of(cls, training: str, longest: str) -> "Policy":
        """Return the policy of two texts, "" standing for any; raises InvalidPolicy."""
        if training and training not in set(TrainingUse):
            known = ", ".join(TrainingUse)
            raise InvalidPolicy(f"training={training[:40]} is no training use. Use one of {known}.")
        if longest and not LONGEST.match(longest):
            raise InvalidPolicy(
                f"longest={longest[:40]} is no duration. "
                "Write for example P30D, PT24H or P2Y; P0D for none."
            )
        return cls(TrainingUse(training) if training else None, longest or None)

    def reasons(self, listing: Listing) -> Iterator[Reason]:
        """Give the reasons why a row does not fit, none where it does.

        What the row prints decides. The cause are the providers that declare as much; where none
        does, all providers of the row.
        """
        if not self._accepts(listing.training.use):
            causes = _those(listing, lambda provider: not self._accepts(_declared_use(provider)))
            yield Reason(f"Training: “{listing.training.text}”.", causes)
        if too_long := self._too_long(listing.retention.clauses):
            causes = _those(listing, lambda party: bool(self._too_long(_declared_clauses(party))))
            meaning = describe_clauses(too_long)
            yield Reason(f"Retention: “{listing.retention.text}”, that is: {meaning}.", causes)

    def _accepts(self, use: TrainingUse | None) -> bool:
        return self.training is None or use is None or use.severity <= self.training.severity

    def _too_long(self, clauses: tuple[Clause, ...]) -> list[Clause]:
        if self.longest is None:
            return []
        return [clause for clause in clauses if not _ends_within(clause, self.longest)]


def _those(listing: Listing, is_cause: Callable[[Provider], bool]) -> tuple[Provider, ...]:
    return tuple(filter(is_cause, listing.providers)) or listing.providers


def _ends_within(clause: Clause, longest: str) -> bool:
    """Return whether what a clause keeps is surely deleted in time.

    A clause that applies only sometimes counts like any other.
    """
    if clause.kind == ClauseKind.NONE:
        return True
    # Without a duration, and with "at least 30 days", nobody knows when the data are deleted.
    if longest == NOT_KEPT or clause.duration is None or clause.bound == Bound.AT_LEAST:
        return False
    return duration_seconds(clause.duration) <= duration_seconds(longest)


def _declared_use(provider: Provider) -> TrainingUse | None:
    return provider.declared.training if provider.declared else None


def _declared_clauses(provider: Provider) -> tuple[Clause, ...]:
    if provider.declared is None or provider.declared.retention is None:
        return ()
    return provider.declared.retention.clauses


@dataclass(frozen=True, slots=True)
class Verdict:
    """A model (id and name) and the reasons why it does not fit; none where it fits."""

    model: str
    name: str
    reasons: tuple[Reason, ...]


def verdicts(snapshot: Snapshot, policy: Policy) -> list[Verdict]:
    """Return the verdict on each model in the order of the page.

    A model that stands in several rows fits only where all of them do.
    """
    names: dict[str, str] = {}
    reasons: dict[str, dict[Reason, None]] = {}
    for listing in snapshot.listings:
        row_reasons = dict.fromkeys(policy.reasons(listing))
        for model in listing.models:
            names.setdefault(model.id, model.name)
            reasons.setdefault(model.id, {}).update(row_reasons)
    return [Verdict(id, name, tuple(reasons[id])) for id, name in names.items()]
