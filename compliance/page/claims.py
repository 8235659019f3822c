"""What the claims of a row say, over all its columns of a role."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from compliance.page.table import Cell, Clause, Column, Row
from compliance.page.vocabulary import (
    Asks,
    Bound,
    ClauseKind,
    ColumnRole,
    DataClass,
    TrainingUse,
    Trigger,
)

_PARTS = (DataClass.PROMPT, DataClass.OUTPUT)
# The kinds of data that are content, or the whole of it.
ALL_CONTENT = (DataClass.ALL_CONTENT, *_PARTS)


# What each retention column of a row covers, and the clauses of its cell.
_Claims = tuple[tuple[DataClass, tuple[Clause, ...]], ...]


def effective(row: Row) -> tuple[Clause, ...]:
    """Return the clauses that count for a row, over all its retention columns together."""
    return effective_clauses(stated_clauses(row))


def stated_clauses(row: Row) -> tuple[Clause, ...]:
    """Return what the retention columns of a row say.

    An empty cell counts as one clause not stated, unless it is about one kind of data of which
    another column says something.
    """
    claims = row.claims(ColumnRole.RETENTION)
    return _stated(tuple((_covered(column), cell.clauses or ()) for column, cell in claims))


# A page repeats few terms on many rows.
@lru_cache(maxsize=10_000)
def _stated(claims: _Claims) -> tuple[Clause, ...]:
    found = [clause for _, clauses in claims for clause in clauses]
    cases = {(clause.data_class, clause.trigger) for clause in found}
    for covers, clauses in claims:
        silent = _always(covers, ClauseKind.NOT_STATED)
        is_whole = covers is DataClass.ALL_CONTENT
        if not clauses and (is_whole or (silent.data_class, silent.trigger) not in cases):
            found.append(silent)
    return tuple(found)


def is_partial(row: Row) -> bool:
    """Return whether no retention column of a row says how long all content is always kept."""
    return not says_all(stated_clauses(row))


def effective_clauses(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """Return clauses, each once, and one clause not stated if none says what is always kept.

    "Zero data retention (opt-in)" says nothing of those who do not opt in, and "Files: 7 days"
    nothing of prompts. All content is covered by a clause on it that always applies, or by two on
    prompts and outputs.
    """
    return _completed(tuple(clauses), ClauseKind.NOT_STATED)


def floor_clauses(clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """Return the clauses of a floor; a provider need not keep what it does not mention.

    Every duration of a floor is the shortest one, whether its wording says "at least" or not.
    """
    exact = [replace(clause, bound=Bound.EXACT) for clause in clauses]
    return _completed(tuple(exact), ClauseKind.NONE)


def cell_clauses(column: Column, cell: Cell) -> tuple[Clause, ...]:
    """Return the clauses of a retention cell; an empty one counts as one clause not stated."""
    return cell.clauses or (_always(_covered(column), ClauseKind.NOT_STATED),)


def clauses_about(covers: DataClass, clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return what clauses say of the data that a column covers, as if that were all content.

    Clauses on other data are left out. A clause on all content counts for prompts and for outputs
    where there is none on these.
    """
    if covers is DataClass.ALL_CONTENT:
        return tuple(clauses)
    about = [clause for clause in clauses if clause.data_class is covers]
    triggers = {clause.trigger for clause in about}
    for clause in clauses if covers in _PARTS else ():
        if clause.data_class is DataClass.ALL_CONTENT and clause.trigger not in triggers:
            about.append(clause)
    return tuple(dict.fromkeys(_about_all_content(clause) for clause in about))


def _about_all_content(clause: Clause) -> Clause:
    # What is flagged is all that a column about flagged content speaks of.
    is_flagged = clause.data_class is DataClass.FLAGGED_CONTENT
    is_always = is_flagged and clause.trigger is Trigger.FLAGGED
    trigger = Trigger.ALWAYS if is_always else clause.trigger
    return replace(clause, data_class=DataClass.ALL_CONTENT, trigger=trigger)


def compared_clauses(row: Row, column: Column, clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return what of a declaration or floor a retention column of a row is compared with.

    A column about all content is not compared with clauses on data that have a column of their own.
    What is not compared counts as not kept, so that no claim can be better. Nothing is returned
    where there is nothing to compare.
    """
    if column.covers is DataClass.ALL_CONTENT:
        columns = row.section.columns
        elsewhere = {other.covers for other in columns if other.covers is not column.covers}
        found = tuple(clause for clause in clauses if clause.data_class not in elsewhere)
    else:
        found = clauses_about(_covered(column), clauses)
    return _completed(found, ClauseKind.NONE) if found else ()


def says_all(clauses: Iterable[Clause]) -> bool:
    """Return whether clauses say how long all content is kept, whatever happens."""
    always = {clause.data_class for clause in clauses if clause.trigger is Trigger.ALWAYS}
    return DataClass.ALL_CONTENT in always or always.issuperset(_PARTS)


def has_rivals(column: Column, row: Row) -> bool:
    """Return whether a row has other claims of the kind, so that only the label tells which."""
    return len(row.claims(column.role)) > 1


def needs_label(column: Column, row: Row) -> bool:
    """Return whether a claim is only understood with its column's label.

    It is where the row has other claims of the kind, where "Yes" is the better answer, and where
    the column is about some data only or gives bare numbers.
    """
    is_usual = (
        column.asks not in (Asks.DOES_NOT_TRAIN, Asks.IS_NOT_KEPT)
        and column.covers in (None, DataClass.ALL_CONTENT)
        and column.unit is None
    )
    return not is_usual or has_rivals(column, row)


def worst_use(row: Row) -> TrainingUse:
    """Return the worst training use of a row; without a training column it is not stated."""
    uses = [cell.use or TrainingUse.NOT_STATED for _, cell in row.claims(ColumnRole.TRAINING)]
    return max(uses, key=lambda use: use.severity, default=TrainingUse.NOT_STATED)


def _covered(column: Column) -> DataClass:
    return column.covers or DataClass.ALL_CONTENT


@lru_cache(maxsize=10_000)
def _completed(clauses: tuple[Clause, ...], kind: ClauseKind) -> tuple[Clause, ...]:
    found = tuple(dict.fromkeys(clauses))
    return found if says_all(found) else (*found, _always(DataClass.ALL_CONTENT, kind))


def _always(data_class: DataClass, kind: ClauseKind) -> Clause:
    is_flagged = data_class is DataClass.FLAGGED_CONTENT
    trigger = Trigger.FLAGGED if is_flagged else Trigger.ALWAYS
    return Clause(data_class, kind, None, Bound.EXACT, trigger)
