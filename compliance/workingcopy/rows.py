"""The models, providers, documents and cells of a listing, made equal to what is wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from compliance.models import ListedDocument, ListedModel, ListedProvider, Listing
from compliance.models.graph import label_field
from compliance.models.positions import arrange
from compliance.models.tracked import Tracked
from compliance.workingcopy.matching import align

ListedRow = TypeVar("ListedRow", ListedModel, ListedProvider, ListedDocument)


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

    `present` are the rows now, in order. `values` holds further values for each wanted row. A row
    whose model, provider or document is still wanted is kept wherever it moves, because citations
    hang on it; `in_place`, one that was replaced where it stood becomes the row of its successor.

    Returns the rows in the wanted order, and what was added, retired and replaced.
    """
    name = label_field(row_class)
    changes = RowChanges()
    listed = [getattr(row, name) for row in present]
    partners = align(
        [record.pk for record in listed],
        [record.pk for record in wanted],
        names=([str(record) for record in listed], [str(record) for record in wanted]),
        in_place=in_place,
    )
    for index, row in enumerate(present):
        if index not in partners:
            changes.retired.append(str(listed[index]))
            row.delete()
    rows = []
    for partner, record in zip(partners, wanted, strict=True):
        if partner is None:
            rows.append(row_class(listing=listing))
            changes.added.append(str(record))
            continue
        rows.append(present[partner])
        if listed[partner] != record:
            changes.replaced.append((str(listed[partner]), str(record)))
    positions = arrange([None if row._state.adding else row.position for row in rows])
    further = values or [{} for _ in rows]
    for row, record, position, more in zip(rows, wanted, positions, further, strict=True):
        row.set(**{name: record}, position=position, **more)
    return rows, changes
