"""Which models fit a reader's policy: judged by the worst that is printed for each, and at which provider it is so."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from compliance.page.retention import describe_clauses, duration_seconds
from compliance.page.snapshot import (
    DURATION,
    Bound,
    Clause,
    ClauseKind,
    Listing,
    Provider,
    Snapshot,
    TrainingUse,
)

NOT_KEPT = "P0D"
# What a reader can accept as the longest retention: a duration, or none at all.
LONGEST = re.compile(rf"{NOT_KEPT}\Z|{DURATION.pattern}")


class InvalidPolicy(ValueError):
    """A value that no policy can have; says which and what to write."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something does not fit: a sentence, and the providers at which it is so."""

    sentence: str
    providers: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a reader accepts: the worst use for training, the longest retention (ISO 8601); None where all is."""

    training: TrainingUse | None = None
    longest: str | None = None

    @classmethod
    def of(cls, training: str, longest: str) -> "Policy":
        """Return the policy of two texts, empty where all is accepted; raises NoPolicy."""
        if training and training not in set(TrainingUse):
            raise InvalidPolicy(
                f"training={training[:40]} is no training use. Use one of {', '.join(TrainingUse)}."
            )
        if longest and not LONGEST.match(longest):
            raise InvalidPolicy(
                f"longest={longest[:40]} is no duration. Write for example P30D, PT24H or P2Y; P0D for none."
            )
        return cls(TrainingUse(training) if training else None, longest or None)

    def reasons(self, listing: Listing) -> Iterator[Reason]:
        """Give why a row does not fit, nothing where it does.

        What the row prints decides. Who is to blame is who declares as much; where nobody does, the row says it of
        all its providers.
        """
        if not self._accepts(listing.training.use):
            blamed = [each for each in listing.providers if not self._accepts(_declared_use(each))]
            yield Reason(
                f"Training: “{listing.training.text}”.", tuple(blamed) or listing.providers
            )
        if too_long := self._too_long(listing.retention.clauses):
            blamed = [each for each in listing.providers if self._too_long(_declared_clauses(each))]
            sentence = (
                f"Retention: “{listing.retention.text}”, that is: {describe_clauses(too_long)}."
            )
            yield Reason(sentence, tuple(blamed) or listing.providers)

    def _accepts(self, use: TrainingUse | None) -> bool:
        return self.training is None or use is None or use.severity <= self.training.severity

    def _too_long(self, clauses: tuple[Clause, ...]) -> list[Clause]:
        return [each for each in clauses if self.longest and not _ends_within(each, self.longest)]


def _ends_within(clause: Clause, longest: str) -> bool:
    """Say whether what a clause keeps is surely gone in time, also if the clause applies only sometimes."""
    if clause.kind == ClauseKind.NONE:
        return True
    if longest == NOT_KEPT or clause.duration is None or clause.bound == Bound.AT_LEAST:
        return False
    return duration_seconds(clause.duration) <= duration_seconds(longest)


def _declared_use(provider: Provider) -> TrainingUse | None:
    return provider.declared.training if provider.declared else None


def _declared_clauses(provider: Provider) -> tuple[Clause, ...]:
    return (
        provider.declared.retention.clauses
        if provider.declared and provider.declared.retention
        else ()
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A model, and why it does not fit; no reasons where it does."""

    model: str
    name: str
    reasons: tuple[Reason, ...]


def verdicts(snapshot: Snapshot, policy: Policy) -> list[Verdict]:
    """Return the verdict on each model of a page, in its order; one that stands in several rows must fit in all."""
    names: dict[str, str] = {}
    reasons: dict[str, dict[Reason, None]] = {}
    for listing in snapshot.listings:
        found = dict.fromkeys(policy.reasons(listing))
        for model in listing.models:
            names.setdefault(model.id, model.name)
            reasons.setdefault(model.id, {}).update(found)
    return [Verdict(id, name, tuple(reasons[id])) for id, name in names.items()]
