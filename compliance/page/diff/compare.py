"""Two snapshots of one register, compared."""

from collections.abc import Iterator

from compliance.page.diff.cells import cell_changes, document_changes
from compliance.page.diff.footnotes import citation_changes, footnote_changes
from compliance.page.diff.register import declaration_changes, name_changes, text_changes
from compliance.page.diff.row_changes import ContinuedRow
from compliance.page.diff.rows import RowIndex, row_added, row_removed, rows_moved
from compliance.page.diff.types import Change
from compliance.page.snapshot import Snapshot


def compare(before: Snapshot | None, after: Snapshot) -> tuple[Change, ...]:
    """Return what changed from one snapshot to the next of the same register, in the order of the page.

    Listings and footnotes are compared by id. Without a snapshot before, every listing and footnote is new. Where
    nothing is returned, both are the same.
    """
    return tuple(_between(before or Snapshot(after.register, (), ()), after))


def _between(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    yield from text_changes(before, after)
    yield from name_changes(before, after)
    yield from declaration_changes(before, after)
    old, new = RowIndex(before), RowIndex(after)
    for listing in after.listings:
        if listing.id not in old.by_id:
            yield from row_added(listing, old, new)
            continue
        was = old.by_id[listing.id]
        row = ContinuedRow(was, listing, old, new)
        yield from row.model_changes()
        yield from row.provider_changes()
        yield from cell_changes(was, listing)
        yield from document_changes(was, listing)
    for listing in before.listings:
        if listing.id not in new.by_id:
            yield from row_removed(listing, new)
    yield from rows_moved(before, after)
    yield from footnote_changes(before, after)
    yield from citation_changes(before, after)
