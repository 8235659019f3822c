"""What a change means for the reader: whether a promise about prompts got weaker or stronger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from compliance.page.diff.sentences import join_names, verb_form
from compliance.page.diff.types import Effect
from compliance.page.retention import read_clauses, severity
from compliance.page.snapshot import Declared
from compliance.page.table import Listing
from compliance.page.vocabulary import TrainingUse

# The severity of a training use and that of a retention term; larger is worse for the user.
Terms = tuple[Any, Any]


def effect(old_severity: Any, new_severity: Any) -> Effect:
    """Return the effect of a change from one severity to another; larger is worse for the user."""
    if old_severity == new_severity:
        return Effect.NEUTRAL
    return Effect.WEAKER if new_severity > old_severity else Effect.STRONGER


def training_effect(old: TrainingUse, new: TrainingUse) -> Effect:
    """Return the effect of another training use."""
    return effect(old.severity, new.severity)


def terms_effect(old_terms: Terms, new_terms: Terms) -> Effect:
    """Return weaker if training or retention got worse, else stronger if one of them got better."""
    effects = [effect(old, new) for old, new in zip(old_terms, new_terms, strict=True)]
    if Effect.WEAKER in effects:
        return Effect.WEAKER
    return Effect.STRONGER if Effect.STRONGER in effects else Effect.NEUTRAL


def declared_terms(declared: Declared | None) -> Terms:
    """Return the severity of what a provider declares; what it does not declare is not stated."""
    use = (declared and declared.training) or TrainingUse.NOT_STATED
    if declared and declared.retention:
        clauses = declared.retention.clauses
    else:
        clauses = read_clauses("Not specified")
    return use.severity, severity(clauses)


# A model in two rows is used on the terms of both, so the worse ones count.
def _worst_terms(rows: Sequence[Listing]) -> Terms:
    return (
        max(row.training.use.severity for row in rows),
        max(severity(row.retention.clauses) for row in rows),
    )


def _provider_names_by_id(rows: Iterable[Listing]) -> dict[str, str]:
    return {provider.id: provider.name for row in rows for provider in row.providers}


# Frozen, because models with the same consequence are grouped by it.
@dataclass(frozen=True, slots=True)
class MoveConsequence:
    """What standing in other rows means for a model: providers gained and lost, and its terms."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    terms: Effect

    @classmethod
    def of(cls, old_rows: Sequence[Listing], new_rows: Sequence[Listing]) -> Self:
        """Return the consequence for a model that stood in some rows and now stands in others."""
        before, after = _provider_names_by_id(old_rows), _provider_names_by_id(new_rows)
        return cls(
            gained=tuple(name for id, name in after.items() if id not in before),
            lost=tuple(name for id, name in before.items() if id not in after),
            terms=terms_effect(_worst_terms(old_rows), _worst_terms(new_rows)),
        )

    @property
    def effect(self) -> Effect:
        """Weaker for a provider gained or worse terms, else stronger for the opposite."""
        if self.gained or self.terms == Effect.WEAKER:
            return Effect.WEAKER
        return Effect.STRONGER if self.lost else self.terms

    def sentence_end(self, count: int) -> str:
        """Return the end of a sentence about so many models; "" where nothing changed for them."""
        they = verb_form(count, "it", "they")
        go = verb_form(count, "goes", "go")
        gained, lost = join_names(self.gained), join_names(self.lost)
        if gained and lost:
            end = f"; {they} now {go} to {gained} and no longer to {lost}"
        elif gained:
            end = f"; {they} now also {go} to {gained}"
        elif lost:
            end = f"; {they} no longer {go} to {lost}"
        else:
            end = ""
        if self.terms == Effect.NEUTRAL:
            return end
        return f"{end}; {verb_form(count, 'its', 'their')} terms are {self.terms}"
