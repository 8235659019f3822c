"""Companies that came to the page or left it, each named once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from compliance.page.diff.rows import RowIndex
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.vocabulary import ColumnRole

# The kinds of changes by which a row names a provider that it did not, and no longer names one.
_ARRIVALS = {
    ChangeKind.LISTING_ADDED,
    ChangeKind.LISTING_SPLIT,
    ChangeKind.MODEL_REPLACED,
    ChangeKind.MODEL_MOVED,
    ChangeKind.PROVIDER_ADDED,
    ChangeKind.RECIPIENT_GAINED,
}
_DEPARTURES = {
    ChangeKind.LISTING_REMOVED,
    ChangeKind.LISTING_MERGED,
    ChangeKind.MODEL_REPLACED,
    ChangeKind.MODEL_MOVED,
    ChangeKind.PROVIDER_REMOVED,
}


def name_companies(
    changes: Iterable[Change], before: RowIndex, after: RowIndex, *, are_neighbours: bool
) -> list[Change]:
    """Return the changes of rows, which also say once of each company that it came or left.

    The first change of a row that names it says so, or else a change of its own. On the first page
    every company is new, and nothing was promised before.
    """
    told = list(changes)
    if not before.by_id:
        return told
    for id in after.provider_names:
        if id in after.providers - before.providers:
            ends = ("is a new company on the page", "was not on the earlier page")
            sentence = f"{after.provider_names[id]} {ends[0] if are_neighbours else ends[1]}."
            place = _first_place(told, _ARRIVALS, id, after)
            _tell(
                told, place, Change(ChangeKind.PROVIDER_ADDED, Effect.WEAKER, sentence, about=(id,))
            )
    for id in before.provider_names:
        if id in before.providers - after.providers and _has_left(id, before, after):
            ends = ("is no longer on the page", "is not on the later page")
            sentence = f"{before.provider_names[id]} {ends[0] if are_neighbours else ends[1]}."
            place = _first_place(told, _DEPARTURES, id, before)
            kind = ChangeKind.PROVIDER_REMOVED
            _tell(told, place, Change(kind, Effect.NEUTRAL, sentence, about=(id,)))
    return told


def _has_left(id: str, before: RowIndex, after: RowIndex) -> bool:
    """Return whether a company left every row; one whose table tells of none may be there still."""
    rows = [
        row for row in before.by_id.values() if any(item.provider == id for item in row.providers)
    ]
    kept = [after.by_id[row.id] for row in rows if row.id in after.by_id]
    return all(row.section.column(ColumnRole.PROVIDERS) for row in kept)


def _tell(told: list[Change], place: int | None, change: Change) -> None:
    """Add the sentence of a change to the one at a place; without a place, add the change."""
    if place is None:
        told.append(replace(change, touches_promise=True))
    else:
        told[place] = replace(told[place], sentence=f"{told[place].sentence} {change.sentence}")


def _first_place(
    told: Sequence[Change], kinds: Collection[ChangeKind], company: str, naming: RowIndex
) -> int | None:
    """Return the place of the first change of some kinds in a row that names a company."""
    for place, change in enumerate(told):
        row = naming.by_id.get(change.listing or "")
        if row is None or change.kind not in kinds:
            continue
        if any(item.provider == company for item in row.providers):
            return place
    return None
