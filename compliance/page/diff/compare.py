"""The changes from one snapshot of a register to the next."""

from collections.abc import Iterator

from compliance.page.diff.cells import cell_changes, document_changes
from compliance.page.diff.footnotes import citation_changes, footnote_changes
from compliance.page.diff.register import declaration_changes, name_changes, text_changes
from compliance.page.diff.row_changes import ContinuedRow
from compliance.page.diff.rows import RowIndex, row_added, row_removed, rows_moved
from compliance.page.diff.types import Change
from compliance.page.snapshot import Snapshot


def compare(before: Snapshot | None, after: Snapshot) -> tuple[Change, ...]:
    """Return the changes from one snapshot to the next of the same register, in page order.

    Listings and footnotes are compared by id. Without a snapshot before, every listing and
    footnote is new. There is no change only if both snapshots are equal.
    """
    return tuple(_changes(before or Snapshot(after.register, (), ()), after))


def _changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    yield from text_changes(before, after)
    yield from name_changes(before, after)
    yield from declaration_changes(before, after)
    old_rows, new_rows = RowIndex(before), RowIndex(after)
    for listing in after.listings:
        if listing.id not in old_rows.by_id:
            yield from row_added(listing, old_rows, new_rows)
            continue
        old_listing = old_rows.by_id[listing.id]
        row = ContinuedRow(old_listing, listing, old_rows, new_rows)
        yield from row.model_changes()
        yield from row.provider_changes()
        yield from cell_changes(old_listing, listing)
        yield from document_changes(old_listing, listing)
    for listing in before.listings:
        if listing.id not in new_rows.by_id:
            yield from row_removed(listing, new_rows)
    yield from rows_moved(before, after)
    yield from footnote_changes(before, after)
    yield from citation_changes(before, after)
