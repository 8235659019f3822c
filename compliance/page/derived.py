"""Claims that a listing does not state: they follow from its providers and models.

A claim is the worst that any of its providers declares for everything that it is sent, and none is
better than the floor of one of its models.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from compliance.page import inline
from compliance.page.claims import (
    ALL_CONTENT,
    clauses_about,
    effective_clauses,
    floor_clauses,
    says_all,
)
from compliance.page.descriptions import BOUND_WORDS
from compliance.page.durations import describe_duration
from compliance.page.remembered import by_identity
from compliance.page.retention import read_clauses
from compliance.page.severity import Standing, clause_rank
from compliance.page.snapshot import Declared, Model, Provider, Snapshot
from compliance.page.table import Cell, ClaimItem, Clause, Column, Row, Term
from compliance.page.training import training_text
from compliance.page.vocabulary import (
    Basis,
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


@by_identity(16)
def floors_of(models: tuple[Model, ...]) -> dict[str, Term]:
    """Return the shortest retention that any provider of a model can offer, by the model's id."""
    return {model.id: model.retention_floor for model in models if model.retention_floor}


@by_identity(16)
def _declared(providers: tuple[Provider, ...]) -> dict[str, Declared | None]:
    return {provider.id: provider.declared for provider in providers}


class DerivedClaims:
    """What the rows of a snapshot would print in a claim column if they stated nothing there."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._declared = _declared(snapshot.providers)
        self._floors = floors_of(snapshot.models)
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
    """Return a term as bad in each case as what any provider declares and any floor requires.

    None is a provider that declares none, which is worse for users than one that declares a time. A
    column that covers one kind of data has only the clauses about that. Where one of the terms is
    as bad as all of them together, it is that one, else one that is made of their worst clauses.
    """
    silent = Term(_NOT_SPECIFIED, read_clauses(_NOT_SPECIFIED, covers=_covered(column)))
    terms = [(term and _covering(column, term)) or silent for term in declared or [None]]
    required = [covering for floor in floors if (covering := _covering(column, floor))]
    parts = [effective_clauses(_about(column, term)) for term in terms]
    parts += [floor_clauses(_about(column, floor)) for floor in required]
    worst = Standing.worst(map(Standing.of, parts))
    candidates = [term for term in [*terms, *required] if says_all(_about(column, term))]
    # What a term leaves open, it may leave open for the row only if all providers do so.
    if len({term.clauses for term in terms}) == 1:
        candidates.insert(0, terms[0])
    for term in candidates:
        if not worst.is_worse_than(Standing.of(_about(column, term))):
            return term
    return _made_term(column, _worst_clauses(list(chain.from_iterable(parts))))


def _worst_clauses(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return the fewest of some clauses that are as bad in each case as all of them."""
    on_content = [
        clause
        for clause in clauses
        if clause.trigger is Trigger.ALWAYS and clause.data_class in ALL_CONTENT
    ]
    whole = max(on_content, key=clause_rank)
    worst = [replace(whole, data_class=DataClass.ALL_CONTENT)]
    for clause in sorted(clauses, key=clause_rank, reverse=True):
        if Standing.of([*worst, clause]).is_worse_than(Standing.of(worst)):
            worst.append(clause)
    return tuple(worst)


def _covered(column: Column) -> DataClass:
    return column.covers or DataClass.ALL_CONTENT


def _read(column: Column, words: str) -> tuple[Clause, ...]:
    return read_clauses(words, asks=column.asks, covers=_covered(column), unit=column.unit)


def _about(column: Column, term: Term) -> tuple[Clause, ...]:
    return clauses_about(_covered(column), term.clauses)


def _covering(column: Column, term: Term) -> Term | None:
    """Return what a term says about the data that a column covers, None if it says nothing.

    It keeps its text if that says the same in the column. Below a column about all content, a term
    without clauses does: editors may have left it so.
    """
    about = _about(column, term)
    if not about and _covered(column) is not DataClass.ALL_CONTENT:
        return None
    made = _made_term(column, about)
    words = inline.plain(term.text)
    is_judged = term.clauses != read_clauses(words)
    if _read(column, words) == made.clauses or (is_judged and made.clauses == term.clauses):
        return replace(term, clauses=made.clauses)
    return made


def _made_term(column: Column, about: Sequence[Clause]) -> Term:
    """Return a term of clauses that are about what a column covers."""
    # Behind a clause that names its data, one that names none could be about the same.
    in_order = sorted(about, key=lambda clause: clause.data_class is not DataClass.ALL_CONTENT)
    clauses = tuple(_covered_clause(column, clause) for clause in in_order)
    return Term("; ".join(_wording(clause) for clause in in_order), clauses)


def _covered_clause(column: Column, clause: Clause) -> Clause:
    """Return a clause on all content as one on what a column covers."""
    covers = _covered(column)
    if clause.data_class is not DataClass.ALL_CONTENT or covers is DataClass.ALL_CONTENT:
        return clause
    is_flagged = covers is DataClass.FLAGGED_CONTENT and clause.trigger is Trigger.ALWAYS
    trigger = Trigger.FLAGGED if is_flagged else clause.trigger
    return replace(clause, data_class=covers, trigger=trigger)


_WORDINGS = {
    ClauseKind.NONE: "Not stored",
    ClauseKind.UNTIL_EVENT: "Until deletion",
    ClauseKind.INDEFINITE: "Indefinitely",
    ClauseKind.KEPT: "Kept for an unspecified period",
    ClauseKind.NOT_STATED: _NOT_SPECIFIED,
    ClauseKind.UNKNOWN: "Unknown",
}


_DATA = {
    DataClass.ALL_CONTENT: "",
    DataClass.PROMPT: "prompts: ",
    DataClass.OUTPUT: "outputs: ",
    DataClass.FILE: "files: ",
    DataClass.CACHE: "cache: ",
    DataClass.APPLICATION_STATE: "application state: ",
    DataClass.ABUSE_LOG: "abuse logs: ",
    DataClass.FLAGGED_CONTENT: "flagged content: ",
    DataClass.FEEDBACK: "feedback: ",
    DataClass.METADATA: "metadata: ",
}


def _wording(clause: Clause) -> str:
    """Return a wording of a clause, which is read as that clause; all content is not named."""
    words = _WORDINGS.get(clause.kind, "")
    if clause.duration:
        words = f"{BOUND_WORDS[clause.bound]}{describe_duration(clause.duration)}"
    words = f"{_DATA[clause.data_class]}{words}"
    if clause.trigger is Trigger.OPT_IN:
        return f"{words} (opt-in)"
    is_named = clause.data_class is DataClass.FLAGGED_CONTENT
    return f"{words} if flagged" if clause.trigger is Trigger.FLAGGED and not is_named else words
