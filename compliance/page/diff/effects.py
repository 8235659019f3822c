"""What a change means for the reader: whether a promise about prompts got weaker or stronger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from compliance.page.claims import (
    NOT_STATED_SEVERITY,
    counted_clauses,
    retention_by_class,
    worst_use,
)
from compliance.page.diff.sentences import join_names, verb_form
from compliance.page.diff.types import Effect
from compliance.page.severity import severity
from compliance.page.snapshot import Declared
from compliance.page.table import Cell, Column, Row
from compliance.page.vocabulary import ColumnRole, DataClass, TrainingUse


@dataclass(frozen=True, slots=True)
class Terms:
    """The severity of training, and of retention by what it is about; larger is worse."""

    training: int
    retention: dict[DataClass, Any]


def effect(old_severity: Any, new_severity: Any) -> Effect:
    """Return the effect of a change from one severity to another; larger is worse for the user."""
    if old_severity == new_severity:
        return Effect.NEUTRAL
    return Effect.WEAKER if new_severity > old_severity else Effect.STRONGER


def training_effect(old: TrainingUse, new: TrainingUse) -> Effect:
    """Return the effect of another training use."""
    return effect(old.severity, new.severity)


def retention_effect(column: Column, old: Cell, new: Cell) -> Effect:
    """Return the effect of another retention in one column; an empty cell is not stated."""
    old_severity = severity(counted_clauses(column, old))
    return effect(old_severity, severity(counted_clauses(column, new)))


def terms_effect(old: Terms, new: Terms) -> Effect:
    """Return weaker if training or retention got worse, else stronger if one of them got better.

    Retention is compared by what it is about; where one side says nothing of that, it is not
    stated.
    """
    effects = {effect(old.training, new.training)}
    for data_class in {**old.retention, **new.retention}:
        old_severity = old.retention.get(data_class, NOT_STATED_SEVERITY)
        effects.add(effect(old_severity, new.retention.get(data_class, NOT_STATED_SEVERITY)))
    if Effect.WEAKER in effects:
        return Effect.WEAKER
    return Effect.STRONGER if Effect.STRONGER in effects else Effect.NEUTRAL


def declared_terms(declared: Declared | None) -> Terms:
    """Return the severity of what a provider declares; what it does not declare is not stated."""
    use = (declared and declared.training) or TrainingUse.NOT_STATED
    clauses = declared.retention.clauses if declared and declared.retention else ()
    retention = severity(clauses) if clauses else NOT_STATED_SEVERITY
    return Terms(use.severity, {DataClass.ALL_CONTENT: retention})


def worst_terms(rows: Sequence[Row]) -> Terms:
    """Return the worse terms of rows: a model in two rows is used on the terms of both."""
    return Terms(max(worst_use(row).severity for row in rows), retention_by_class(rows))


def _provider_names_by_id(rows: Iterable[Row]) -> dict[str, str]:
    return {item.provider: item.plain for row in rows for item in row.providers}


# Frozen, because models with the same consequence are grouped by it.
@dataclass(frozen=True, slots=True)
class MoveConsequence:
    """What standing in other rows means for a model: providers gained and lost, and its terms."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    terms: Effect

    @classmethod
    def of(cls, old_rows: Sequence[Row], new_rows: Sequence[Row]) -> Self:
        """Return the consequence for a model that stood in some rows and now stands in others."""
        before, after = _provider_names_by_id(old_rows), _provider_names_by_id(new_rows)
        # Where a table does not say who gets the prompts, nobody is known to get none.
        is_told = all(row.section.column(ColumnRole.PROVIDERS) for row in new_rows)
        return cls(
            gained=tuple(name for id, name in after.items() if id not in before),
            lost=tuple(name for id, name in before.items() if is_told and id not in after),
            terms=terms_effect(worst_terms(old_rows), worst_terms(new_rows)),
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
