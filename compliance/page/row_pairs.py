"""Rows of two pages, each as it was and as it is."""

from typing import NamedTuple

from compliance.page.remembered import by_identity
from compliance.page.snapshot import Snapshot
from compliance.page.table import Row


class RowPair(NamedTuple):
    """A row of the earlier and of the later page; None where it is on one of them only.

    `id` is that of its listing, which is the same on both pages.
    """

    id: str
    old: Row | None
    new: Row | None


@by_identity(16)
def rows_by_id(snapshot: Snapshot) -> dict[str, Row]:
    """Return the rows of a page by the ids of their listings, in the order of the page."""
    return {row.listing.id: row for row in snapshot.all_rows}


@by_identity(16)
def differing_rows(before: Snapshot, after: Snapshot) -> tuple[RowPair, ...]:
    """Return the rows that are on one page only, in another section, or have other cells.

    Their columns count as well, but neither their place in the section nor the section's prose.
    The rows of the later page come first, in its order. Of a long page most rows stay as they are,
    and these are the same objects.
    """
    old, new = rows_by_id(before), rows_by_id(after)
    found = []
    for id, row in new.items():
        earlier = old.get(id)
        if earlier is None or _differ(earlier, row):
            found.append(RowPair(id, earlier, row))
    return (*found, *(RowPair(id, row, None) for id, row in old.items() if id not in new))


def _differ(old: Row, new: Row) -> bool:
    return (
        (old.listing is not new.listing and old.listing != new.listing)
        or old.section.id != new.section.id
        or old.section.columns != new.section.columns
    )
