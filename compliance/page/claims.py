"""How bad the claims of a row are for the user, over all its columns of a role."""

from collections.abc import Iterable
from typing import Any

from compliance.page.severity import severity
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


def counted_clauses(column: Column | None, cell: Cell) -> tuple[Clause, ...]:
    """Return the clauses of a retention cell; an empty one counts as one clause not stated.

    Without a column the clause is about all content.
    """
    covers = (column and column.covers) or DataClass.ALL_CONTENT
    return cell.clauses or (_not_stated(covers),)


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


def worst_retention(row: Row) -> Any:
    """Return the severity of the worst retention of a row; larger is worse for the user.

    Without a retention column it is not stated.
    """
    claims = row.claims(ColumnRole.RETENTION)
    severities = [severity(counted_clauses(column, cell)) for column, cell in claims]
    return max(severities, default=NOT_STATED_SEVERITY)


def retention_by_class(rows: Iterable[Row]) -> dict[DataClass, Any]:
    """Return the severity of the worst retention of rows by what their columns cover.

    A row without a retention column says nothing about all content.
    """
    worst: dict[DataClass, Any] = {}
    for row in rows:
        severities = [
            (column.covers or DataClass.ALL_CONTENT, severity(counted_clauses(column, cell)))
            for column, cell in row.claims(ColumnRole.RETENTION)
        ]
        for covers, value in severities or [(DataClass.ALL_CONTENT, NOT_STATED_SEVERITY)]:
            worst[covers] = max(value, worst.get(covers, value))
    return worst


def _not_stated(data_class: DataClass) -> Clause:
    return Clause(data_class, ClauseKind.NOT_STATED, None, Bound.EXACT, Trigger.ALWAYS)


NOT_STATED_SEVERITY = severity([_not_stated(DataClass.ALL_CONTENT)])
