"""The worst that a page says of a model, and who causes it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from compliance.page.claims import counted_clauses
from compliance.page.severity import severity
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import Cell, Clause, Column, Row
from compliance.page.vocabulary import ColumnRole, DataClass, TrainingUse


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The worst claim of one role that any row of a model makes.

    `label` is the column's, `text` is empty where the cell is. The cause are the `providers` that
    declare as much; where none of them does, the model itself if its retention floor is as bad
    (`is_floor`), else all providers of the row.
    """

    role: ColumnRole
    label: str
    text: str
    providers: tuple[Provider, ...]
    is_floor: bool = False


@dataclass(frozen=True, slots=True)
class _Claim:
    row: Row
    column: Column
    cell: Cell

    @property
    def severity(self) -> Any:
        return _severity(self.column, self.cell)


def worst_cases(snapshot: Snapshot, model: Model) -> list[WorstCase]:
    """Return the worst training and the worst retention of a model's rows.

    A role that no table with the model has a column for is left out.
    """
    rows = [row for row in snapshot.rows() if _names(row, model)]
    providers = {provider.id: provider for provider in snapshot.providers}
    cases = []
    for role in (ColumnRole.TRAINING, ColumnRole.RETENTION):
        claims = [_Claim(row, column, cell) for row in rows for column, cell in row.claims(role)]
        if claims:
            cases.append(_worst_case(role, claims, model, providers))
    return cases


def _names(row: Row, model: Model) -> bool:
    return any(item.model == model.id for item in row.models)


def _worst_case(
    role: ColumnRole, claims: list[_Claim], model: Model, providers: dict[str, Provider]
) -> WorstCase:
    worst = max(claims, key=lambda claim: claim.severity)
    # Several rows may be equally bad; each has providers of its own.
    equals = [claim for claim in claims if claim.severity == worst.severity]
    recipients = [
        (claim, providers[item.provider]) for claim in equals for item in claim.row.providers
    ]
    causes = _unique(provider for claim, provider in recipients if _declares(provider, claim))
    is_floor = not causes and _is_floor(model, worst)
    if not causes and not is_floor:
        causes = _unique(provider for _, provider in recipients)
    return WorstCase(role, worst.column.label, worst.cell.plain, causes, is_floor)


def _unique(providers: Iterable[Provider]) -> tuple[Provider, ...]:
    return tuple({provider.id: provider for provider in providers}.values())


def _severity(column: Column, cell: Cell) -> Any:
    """Return a value by which claims of one role compare: the larger, the worse for the user."""
    if column.role is ColumnRole.TRAINING:
        return (cell.use or TrainingUse.NOT_STATED).severity
    return severity(counted_clauses(column, cell))


def _declares(provider: Provider, claim: _Claim) -> bool:
    """Return whether what a provider declares is at least as bad as a claim."""
    declared = provider.declared
    if declared is None:
        return False
    if claim.column.role is ColumnRole.TRAINING:
        return declared.training is not None and declared.training.severity >= claim.severity
    if declared.retention is None:
        return False
    return _is_as_bad(declared.retention.clauses, claim)


def _is_floor(model: Model, claim: _Claim) -> bool:
    if claim.column.role is not ColumnRole.RETENTION or model.retention_floor is None:
        return False
    return _is_as_bad(model.retention_floor.clauses, claim)


def _is_as_bad(clauses: tuple[Clause, ...], claim: _Claim) -> bool:
    """Return whether some clauses are at least as bad as a retention claim.

    Where the column is about one kind of data, only clauses about that kind count.
    """
    covers = claim.column.covers
    if covers is not DataClass.ALL_CONTENT:
        clauses = tuple(clause for clause in clauses if clause.data_class is covers)
    return bool(clauses) and severity(clauses) >= claim.severity
