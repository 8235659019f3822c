"""The worst that a page says of a model, and who causes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.page.claims import (
    cell_clauses,
    clauses_about,
    effective,
    effective_clauses,
    floor_clauses,
    is_partial,
    worst_use,
)
from compliance.page.severity import severity
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import Cell, Clause, Column, Row
from compliance.page.vocabulary import ColumnRole, DataClass, TrainingUse


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The worst claim of one role that any row of a model makes.

    `label` is the column's, `text` is empty where the cell is. `is_partial` tells that the row does
    not say how long all content is kept. The cause are the `providers` that declare as much; where
    none of them does, the model itself if its retention floor is as bad (`is_floor`), else all
    providers of the row.
    """

    role: ColumnRole
    label: str
    text: str
    providers: tuple[Provider, ...]
    is_floor: bool = False
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim of a row; `of_row` is the severity of all claims of the role there."""

    row: Row
    column: Column
    cell: Cell
    of_row: Any

    @property
    def severity(self) -> Any:
        """How bad it is, the larger, the worse for the user."""
        if self.column.role is ColumnRole.TRAINING:
            return (self.cell.use or TrainingUse.NOT_STATED).severity
        return severity(self.about(cell_clauses(self.column, self.cell)))

    def about(self, clauses: Sequence[Clause]) -> tuple[Clause, ...]:
        """Return what clauses say about the data that a retention column covers."""
        return clauses_about(self.column.covers or DataClass.ALL_CONTENT, clauses)


def worst_cases(snapshot: Snapshot, model: Model) -> list[WorstCase]:
    """Return the worst training and the worst retention of a model's rows.

    A role that no table with the model has a column for is left out.
    """
    rows = [row for row in snapshot.rows() if _names(row, model)]
    providers = {provider.id: provider for provider in snapshot.providers}
    cases = []
    for role in (ColumnRole.TRAINING, ColumnRole.RETENTION):
        claims = [
            _Claim(row, column, cell, _row_severity(row, role))
            for row in rows
            for column, cell in row.claims(role)
        ]
        if claims:
            cases.append(_worst_case(role, claims, model, providers))
    return cases


def _names(row: Row, model: Model) -> bool:
    return any(item.model == model.id for item in row.models)


def _row_severity(row: Row, role: ColumnRole) -> Any:
    return worst_use(row).severity if role is ColumnRole.TRAINING else severity(effective(row))


def _worst_case(
    role: ColumnRole, claims: list[_Claim], model: Model, providers: dict[str, Provider]
) -> WorstCase:
    worst = max(claims, key=lambda claim: (claim.of_row, claim.severity))
    # Several rows may be equally bad; each has providers of its own.
    equals = [
        claim
        for claim in claims
        if (claim.of_row, claim.severity) == (worst.of_row, worst.severity)
    ]
    recipients = [
        (claim, providers[item.provider]) for claim in equals for item in claim.row.providers
    ]
    causes = _unique(provider for claim, provider in recipients if _declares(provider, claim))
    is_floor = not causes and _is_floor(model, worst)
    if not causes and not is_floor:
        causes = _unique(provider for _, provider in recipients)
    leaves_open = role is ColumnRole.RETENTION and is_partial(worst.row)
    return WorstCase(role, worst.column.label, worst.cell.plain, causes, is_floor, leaves_open)


def _unique(providers: Iterable[Provider]) -> tuple[Provider, ...]:
    return tuple({provider.id: provider for provider in providers}.values())


def _declares(provider: Provider, claim: _Claim) -> bool:
    """Return whether what a provider declares is at least as bad as a claim."""
    declared = provider.declared
    if declared is None:
        return False
    if claim.column.role is ColumnRole.TRAINING:
        return declared.training is not None and declared.training.severity >= claim.severity
    if declared.retention is None:
        return False
    about = claim.about(effective_clauses(declared.retention.clauses))
    return bool(about) and severity(about) >= claim.severity


def _is_floor(model: Model, claim: _Claim) -> bool:
    if claim.column.role is not ColumnRole.RETENTION or model.retention_floor is None:
        return False
    floor = model.retention_floor.clauses
    if cell_clauses(claim.column, claim.cell) == floor:
        return True
    about = claim.about(floor_clauses(floor))
    return bool(about) and severity(floor_clauses(about)) >= claim.severity
