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
    named = list(changes)
    if not before.by_id:
        return named
    came = after.providers - before.providers
    places = _first_places(named, _ARRIVALS, after)
    for id, name in after.provider_names.items() if came else ():
        if id in came:
            end = (
                "is a new company on the page" if are_neighbours else "was not on the earlier page"
            )
            change = Change(ChangeKind.PROVIDER_ADDED, Effect.WEAKER, f"{name} {end}.", about=(id,))
            _tell(named, places.get(id), change)
    left = before.providers - after.providers
    if left:
        left -= _no_longer_told(before, after)
    places = _first_places(named, _DEPARTURES, before)
    for id, name in before.provider_names.items() if left else ():
        if id in left:
            end = "is no longer on the page"
            if not are_neighbours:
                end = "is not on the later page"
            kind = ChangeKind.PROVIDER_REMOVED
            change = Change(kind, Effect.NEUTRAL, f"{name} {end}.", about=(id,))
            _tell(named, places.get(id), change)
    return named


def _no_longer_told(before: RowIndex, after: RowIndex) -> set[str]:
    """Return the companies of rows whose table tells of none now: they may be there still."""
    companies: set[str] = set()
    for row in before.by_id.values():
        kept = after.by_id.get(row.id)
        if kept is not None and kept.section.column(ColumnRole.PROVIDERS) is None:
            companies.update(item.provider for item in row.providers)
    return companies


def _tell(named: list[Change], place: int | None, change: Change) -> None:
    """Add the sentence of a change to the one at a place; without a place, add the change."""
    if place is None:
        named.append(replace(change, touches_promise=True))
    else:
        named[place] = replace(named[place], sentence=f"{named[place].sentence} {change.sentence}")


def _first_places(
    named: Sequence[Change], kinds: Collection[ChangeKind], naming: RowIndex
) -> dict[str, int]:
    """Return the place of the first change of some kinds in a row that names each company."""
    places: dict[str, int] = {}
    for place, change in enumerate(named):
        row = naming.by_id.get(change.listing or "")
        if row is not None and change.kind in kinds:
            for item in row.providers:
                places.setdefault(item.provider, place)
    return places
