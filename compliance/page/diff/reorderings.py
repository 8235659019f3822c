"""Rows of which only the order differs: told by one change for the whole page."""

from collections.abc import Sequence

from compliance.page.diff.sentences import FEW, join_names, row_label
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Snapshot

# What stands in another order, with a place for the name of the row.
_ORDERED = {
    ChangeKind.MODELS_REORDERED: "the models of {}",
    ChangeKind.PROVIDERS_REORDERED: "the providers of {}",
    ChangeKind.DOCUMENTS_REORDERED: "the documents of {}",
    ChangeKind.LISTING_MOVED: "the row of {}",
}


def fold_reorderings(changes: Sequence[Change], after: Snapshot) -> list[Change]:
    """Return changes in which one tells of all rows where nothing but an order changed.

    It stands where the first of them stood. A single one stays as it is.
    """
    otherwise_changed = {change.listing for change in changes if not _is_order(change)}
    folded = [
        change
        for change in changes
        if _is_order(change) and change.listing not in otherwise_changed
    ]
    if len(folded) < 2:
        return list(changes)
    labels = {row.id: row_label(row) for row in after.rows()}
    left_out = set(folded)
    parts = [_ORDERED[change.kind].format(labels[change.listing or ""]) for change in folded]
    sentence = f"Only the order changed: {join_names(parts, limit=FEW)}."
    listings = tuple(dict.fromkeys(change.listing or "" for change in folded))
    one = Change(ChangeKind.REORDERED, Effect.NEUTRAL, sentence, about=listings)
    shown: list[Change] = []
    for change in changes:
        if change is folded[0]:
            shown.append(one)
        elif change not in left_out:
            shown.append(change)
    return shown


def _is_order(change: Change) -> bool:
    # A row that moved to another section may mean something else there.
    return change.kind in _ORDERED and change.effect is Effect.NEUTRAL
