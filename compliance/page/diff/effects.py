"""What a change means for the reader, by the order of severity (design section 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from compliance.page.diff.sentences import join_names, verb_form
from compliance.page.diff.types import Effect
from compliance.page.retention import read_clauses, severity
from compliance.page.snapshot import Declared, Listing, TrainingUse

Terms = tuple[Any, Any]


def effect(was: Any, now: Any) -> Effect:
    """Return what it means that something as severe as `was` is now as severe as `now`."""
    if was == now:
        return Effect.NEUTRAL
    return Effect.WEAKER if now > was else Effect.STRONGER


def training_effect(was: TrainingUse, now: TrainingUse) -> Effect:
    """Return what another training use means."""
    return effect(was.severity, now.severity)


def terms_effect(was: Terms, now: Terms) -> Effect:
    """Return weaker where anything got worse, stronger where something got better and nothing worse."""
    effects = [effect(old, new) for old, new in zip(was, now, strict=True)]
    return next(
        (each for each in (Effect.WEAKER, Effect.STRONGER) if each in effects), Effect.NEUTRAL
    )


def declared_terms(declared: Declared | None) -> Terms:
    """Return how severe a declaration is, in training and in retention; what is not declared is not stated."""
    use = (declared and declared.training) or TrainingUse.NOT_STATED
    clauses = (
        declared.retention.clauses
        if declared and declared.retention
        else read_clauses("Not specified")
    )
    return use.severity, severity(clauses)


def _terms(rows: Sequence[Listing]) -> Terms:
    """Return how severe the worst of some rows is, in training and in retention."""
    return (
        max(row.training.use.severity for row in rows),
        max(severity(row.retention.clauses) for row in rows),
    )


@dataclass(frozen=True, slots=True)
class MoveConsequence:
    """What other rows mean for a model: whom its prompts reach now, whom no longer, and whether its terms changed."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    terms: Effect

    @classmethod
    def of(cls, was: Sequence[Listing], now: Sequence[Listing]) -> Self:
        """Return what it means for a model that it stood in some rows and now stands in others."""
        before, after = (
            {each.id: each.name for row in rows for each in row.providers} for rows in (was, now)
        )
        return cls(
            gained=tuple(name for id, name in after.items() if id not in before),
            lost=tuple(name for id, name in before.items() if id not in after),
            terms=terms_effect(_terms(was), _terms(now)),
        )

    @property
    def effect(self) -> Effect:
        """Weaker for a recipient gained or worse terms, else stronger for a recipient lost or better terms."""
        if self.gained or self.terms == Effect.WEAKER:
            return Effect.WEAKER
        return Effect.STRONGER if self.lost else self.terms

    def said(self, count: int) -> str:
        """Return it as the end of a sentence about one model or several, empty where nothing follows."""
        they, their, go = (
            verb_form(count, "it", "they"),
            verb_form(count, "its", "their"),
            verb_form(count, "goes", "go"),
        )
        said = ""
        if self.gained and self.lost:
            said = f"; {they} now {go} to {join_names(self.gained)} and no longer to {join_names(self.lost)}"
        elif self.gained:
            said = f"; {they} now also {go} to {join_names(self.gained)}"
        elif self.lost:
            said = f"; {they} no longer {go} to {join_names(self.lost)}"
        return said if self.terms == Effect.NEUTRAL else f"{said}; {their} terms are {self.terms}"
