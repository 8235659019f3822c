"""The rows of a listing (models, providers, documents, cells), made equal to what is wanted."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from compliance.models import Cell, Column, ListedDocument, ListedModel, ListedProvider, Listing
from compliance.models.graph import label_field
from compliance.models.positions import arrange
from compliance.models.tracked import Tracked
from compliance.page.matching import Partners
from compliance.workingcopy.matching import align
from compliance.workingcopy.writes import Writes

ListedRow = TypeVar("ListedRow", ListedModel, ListedProvider, ListedDocument)
AnyRow = TypeVar("AnyRow", ListedModel, ListedProvider, ListedDocument, Cell)


@dataclass
class RowChanges:
    """What became of the rows of one kind in a listing, by the names of what they list."""

    added: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    replaced: list[tuple[str, str]] = field(default_factory=list)


def sync_rows(
    row_class: type[ListedRow],
    listing: Listing,
    present: Sequence[ListedRow],
    wanted: Sequence[Tracked],
    *,
    values: Sequence[dict[str, Any]] | None = None,
    in_place: bool = True,
) -> tuple[list[ListedRow], RowChanges]:
    """Make a listing list what is wanted, in that order, with the fewest writes.

    See `plan_rows`. Returns the rows in the wanted order, and what was added, retired and replaced.
    """
    writes = Writes()
    name = label_field(row_class)
    listed = [getattr(row, name) for row in present]
    rows = plan_rows(writes, row_class, listing, present, wanted, values=values, in_place=in_place)
    writes.write()
    return rows, _changes(present, listed, rows, wanted)


def plan_rows(
    writes: Writes,
    row_class: type[ListedRow],
    listing: Listing,
    present: Sequence[ListedRow],
    wanted: Sequence[Tracked],
    *,
    values: Sequence[dict[str, Any]] | None = None,
    in_place: bool = True,
) -> list[ListedRow]:
    """Add to `writes` what makes a listing list what is wanted, in that order.

    `present` are the rows now, in order. `values` holds further values for each wanted row. A row
    whose model, provider or document is still wanted is kept wherever it moves, because citations
    hang on it; `in_place`, one that was replaced where it stood becomes the row of its successor.

    Returns the rows in the wanted order.
    """
    name = label_field(row_class)
    further = values or [{}] * len(wanted)
    keys = [getattr(row, f"{name}_id") for row in present], [record.pk for record in wanted]
    partners: Partners = list(range(len(present)))
    if keys[0] != keys[1]:
        names = [str(getattr(row, name)) for row in present], [str(record) for record in wanted]
        partners = align(*keys, names=names, in_place=in_place)
    wanted_values = [{name: record, **more} for record, more in zip(wanted, further, strict=True)]
    return _arranged(writes, present, partners, wanted_values, lambda: row_class(listing=listing))


def plan_cells(
    writes: Writes,
    listing: Listing,
    column: Column,
    present: Sequence[Cell],
    wanted: Sequence[dict[str, Any]],
) -> list[Cell]:
    """Add to `writes` what makes the cells of a listing in a column equal to the wanted values.

    `present` are the cells now, in order. A cell that prints the same text is kept wherever it
    moves, because citations hang on it; else it becomes the one that replaces it in its place.

    Returns the cells in the wanted order.
    """
    keys: tuple[list[Hashable], list[Hashable]] = (
        [cell.text for cell in present],
        [values["text"] for values in wanted],
    )
    partners: Partners = list(range(len(present)))
    if keys[0] != keys[1]:
        partners = align(*keys)
    wanted_values = [{"column": column, **values} for values in wanted]
    return _arranged(writes, present, partners, wanted_values, lambda: Cell(listing=listing))


def _arranged(
    writes: Writes,
    present: Sequence[AnyRow],
    partners: Partners,
    wanted: Sequence[dict[str, Any]],
    new_row: Callable[[], AnyRow],
) -> list[AnyRow]:
    """Give each partner, or a new row, its wanted values and position; delete the others."""
    continued = set(partners)
    for index, row in enumerate(present):
        if index not in continued:
            writes.delete(row)
    rows = [new_row() if partner is None else present[partner] for partner in partners]
    positions = arrange([None if row._state.adding else row.position for row in rows])
    for row, values, position in zip(rows, wanted, positions, strict=True):
        writes.set(row, position=position, **values)
    return rows


def _changes(
    present: Sequence[ListedRow],
    listed: Sequence[Tracked],
    rows: Sequence[ListedRow],
    wanted: Sequence[Tracked],
) -> RowChanges:
    """Return what became of rows that listed something else before; some were deleted."""
    changes = RowChanges()
    former = {id(row): record for row, record in zip(present, listed, strict=True)}
    kept = {id(row) for row in rows}
    for row, record in zip(present, listed, strict=True):
        if id(row) not in kept:
            changes.retired.append(str(record))
    for row, record in zip(rows, wanted, strict=True):
        before = former.get(id(row))
        if before is None:
            changes.added.append(str(record))
        elif before != record:
            changes.replaced.append((str(before), str(record)))
    return changes
