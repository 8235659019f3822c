"""Claims that a listing does not state: they follow from its providers and models.

A claim is the worst that any of its providers declares for everything that it is sent, and none is
better than the floor of one of its models.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from compliance.page import inline
from compliance.page.durations import describe_duration
from compliance.page.retention import read_clauses
from compliance.page.severity import worst_term
from compliance.page.snapshot import Declared, Snapshot
from compliance.page.table import Cell, ClaimItem, Clause, Column, Row, Term
from compliance.page.training import training_text
from compliance.page.vocabulary import (
    Basis,
    Bound,
    ClauseKind,
    ColumnRole,
    DataClass,
    TrainingUse,
    Trigger,
)

# Printed where no provider declares a retention.
_NOT_SPECIFIED = "Not specified"


def term_in(column: Column, term: Term) -> Term:
    """Return a term as it reads in a column.

    What the column asks, covers and counts tells what bare words and numbers mean. Clauses that an
    editor gave the wording, other than those that are read from it, stay as they are.
    """
    words = inline.plain(term.text)
    if term.clauses != read_clauses(words):
        return term
    return replace(term, clauses=_read(column, words))


def derived_cell(
    column: Column, declared: Iterable[Declared | None], floors: Iterable[Term]
) -> Cell:
    """Return what a row that states nothing prints in a claim column, and what it means.

    `declared` is what each provider of the row declares (None: nothing), `floors` are the retention
    floors of its models.
    """
    known = [one or Declared(None, None) for one in declared]
    if column.role is ColumnRole.TRAINING:
        use = _derived_use([one.training for one in known])
        text = inline.escape(training_text(use, asks=column.asks))
        return Cell((ClaimItem(text),), Basis.DERIVED, use=use)
    term = _derived_term(column, [one.retention for one in known], floors)
    return Cell((ClaimItem(term.text),), Basis.DERIVED, clauses=term.clauses)


class DerivedClaims:
    """What the rows of a snapshot would print in a claim column if they stated nothing there."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._declared = {provider.id: provider.declared for provider in snapshot.providers}
        self._floors = {
            model.id: model.retention_floor for model in snapshot.models if model.retention_floor
        }
        # Few sets of providers and floors stand behind many rows.
        self._cells: dict[tuple[Any, ...], Cell] = {}

    def cell(self, row: Row, column: Column) -> Cell:
        """Return what a row would print in a claim column if it stated nothing there."""
        providers = tuple(dict.fromkeys(item.provider for item in row.providers))
        floors: tuple[Term, ...] = ()
        if self._floors:
            found = (self._floors.get(item.model) for item in row.models)
            floors = tuple(dict.fromkeys(floor for floor in found if floor))
        key = (column, providers, floors)
        if key not in self._cells:
            declared = [self._declared.get(id) for id in providers]
            self._cells[key] = derived_cell(column, declared, floors)
        return self._cells[key]

    def silent(self, row: Row, role: ColumnRole) -> list[str]:
        """Return the ids of the providers of a row that declare nothing about a claim."""
        ids = dict.fromkeys(item.provider for item in row.providers)
        return [id for id in ids if not self._declares(id, role)]

    def _declares(self, provider: str, role: ColumnRole) -> bool:
        declared = self._declared.get(provider)
        if declared is None:
            return False
        return bool(declared.training if role is ColumnRole.TRAINING else declared.retention)


def _derived_use(declared: Iterable[TrainingUse | None]) -> TrainingUse:
    """Return the worst training use of what providers declare; None is one that declares none."""
    uses = [use or TrainingUse.NOT_STATED for use in declared]
    return max(uses, key=lambda use: use.severity, default=TrainingUse.NOT_STATED)


def _derived_term(column: Column, declared: Sequence[Term | None], floors: Iterable[Term]) -> Term:
    """Return the worst of the terms that providers declare and of the floors of models.

    None is a provider that declares none, which is worse for users than one that declares a time. A
    column that covers one kind of data has only the clauses about that.
    """
    silent = Term(_NOT_SPECIFIED, read_clauses(_NOT_SPECIFIED, covers=_covered(column)))
    candidates = [(term and _covering(column, term)) or silent for term in declared or [None]]
    for floor in floors:
        if covering := _covering(column, floor):
            candidates.append(covering)
    return worst_term(candidates)


def _covered(column: Column) -> DataClass:
    return column.covers or DataClass.ALL_CONTENT


def _read(column: Column, words: str) -> tuple[Clause, ...]:
    return read_clauses(words, asks=column.asks, covers=_covered(column), unit=column.unit)


def _covering(column: Column, term: Term) -> Term | None:
    """Return what a term says about the data that a column covers, None if it says nothing.

    It keeps its text if that says the same in the column.
    """
    clauses = term.clauses
    if _covered(column) is not DataClass.ALL_CONTENT:
        clauses = tuple(clause for clause in clauses if clause.data_class is column.covers)
        if not clauses:
            return None
    words = inline.plain(term.text)
    is_judged = term.clauses != read_clauses(words)
    if _read(column, words) == clauses or (is_judged and clauses == term.clauses):
        return replace(term, clauses=clauses)
    return Term("; ".join(_wording(clause) for clause in clauses), clauses)


_WORDINGS = {
    ClauseKind.NONE: "Not stored",
    ClauseKind.UNTIL_EVENT: "Until deletion",
    ClauseKind.INDEFINITE: "Indefinitely",
    ClauseKind.KEPT: "Kept, how long is not said",
    ClauseKind.NOT_STATED: _NOT_SPECIFIED,
    ClauseKind.UNKNOWN: "Unknown",
}
_BOUNDS = {
    Bound.EXACT: "",
    Bound.AT_MOST: "at most ",
    Bound.AT_LEAST: "at least ",
    Bound.ABOUT: "about ",
}


def _wording(clause: Clause) -> str:
    """Return a wording of a clause about the data that a column covers."""
    words = _WORDINGS.get(clause.kind, "")
    if clause.duration:
        words = f"{_BOUNDS[clause.bound]}{describe_duration(clause.duration)}"
    return f"{words} (opt-in)" if clause.trigger is Trigger.OPT_IN else words
