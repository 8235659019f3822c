"""What each event of a register changed, read from the published store alone.

A comparison depends on two files that never change, so it is kept by their hashes. A page of the
change log therefore costs the same however many publications there are.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache

from compliance.page import selection
from compliance.page.diff import (
    AffectedChange,
    Effect,
    affected_changes,
    apply_grades,
    frame_changes,
)
from compliance.page.parts import Page
from compliance.page.snapshot import Snapshot
from compliance.published.events import EventKind, PublicationEvent
from compliance.published.index import Index, PublishedEntry
from compliance.published.reader import read_json

# A comparison of pages like the demo's takes a few kilobytes, a snapshot of 5,000 listings 20 MB.
_KEPT_COMPARISONS, _KEPT_SNAPSHOTS = 256, 4
_EFFECT_ORDER = list(Effect)


@dataclass(frozen=True, slots=True)
class _FrozenPage:
    """A publication as a key of the caches; two with the same content and frame are equal."""

    content_sha256: str
    frame: tuple[tuple[str, str], ...]
    index: Index = field(compare=False)
    entry: PublishedEntry = field(compare=False)


def _frozen_page(index: Index, entry: PublishedEntry | None) -> _FrozenPage | None:
    if entry is None:
        return None
    return _make_key(index, entry)


def _make_key(index: Index, entry: PublishedEntry) -> _FrozenPage:
    # Only this one publication: a cache must not keep old indexes with all their entries alive.
    small_index = replace(index, publications=(entry,), head=None)
    return _FrozenPage(entry.content_sha256, tuple(entry.frame.items()), small_index, entry)


def read_snapshot(index: Index, entry: PublishedEntry) -> Snapshot:
    """Return the page that a publication froze; raises StoreFault."""
    return _read_snapshot(_make_key(index, entry))


@lru_cache(maxsize=_KEPT_SNAPSHOTS)
def _read_snapshot(page: _FrozenPage) -> Snapshot:
    return Snapshot.from_dict(read_json(page.index, page.entry))


def compare_publications(
    index: Index,
    before: PublishedEntry | None,
    after: PublishedEntry | None,
    *,
    are_neighbours: bool = True,
) -> tuple[AffectedChange, ...]:
    """Return the changes from one publication of a register to another, weaker ones first.

    None stands for an empty page. `are_neighbours` says that no other publication stood between the
    two. Raises StoreFault.
    """
    return _compare(_frozen_page(index, before), _frozen_page(index, after), are_neighbours)


def compare_any(
    index: Index, before: PublishedEntry, after: PublishedEntry
) -> tuple[AffectedChange, ...]:
    """Return the changes between any two publications of a register; raises StoreFault."""
    first, last = sorted((before.number, after.number))
    are_neighbours = not any(first < entry.number < last for entry in index.publications)
    return compare_publications(index, before, after, are_neighbours=are_neighbours)


def event_changes(index: Index, event: PublicationEvent) -> tuple[AffectedChange, ...]:
    """Return what an event changed, weaker changes first; raises StoreFault.

    Changes that the submitter graded have the effects that were given. Calling off changes nothing
    for readers: its changes are the announced ones, which come with another publication or never.
    """
    if event.kind is EventKind.CALLED_OFF and event.takes_back:
        return event_changes(index, event.takes_back)
    if not event.changes_page:
        return ()
    changes = compare_publications(index, event.before, event.after)
    return _graded(changes, event.entry) if event.has_grades and event.entry.grades else changes


def fulfilled_by(index: Index, event: PublicationEvent) -> PublishedEntry | None:
    """Return the publication with which the changes of one that was called off come.

    It says all of them, so that nothing was left of the other. None for any other event, and where
    a change does not come. Raises StoreFault.
    """
    if event.instead is None:
        return None
    announced, instead = _make_key(index, event.entry), _make_key(index, event.instead)
    before = _frozen_page(index, event.before)
    return event.instead if _says_all(instead, before, announced) else None


@lru_cache(maxsize=_KEPT_COMPARISONS)
def _says_all(page: _FrozenPage, before: _FrozenPage | None, after: _FrozenPage) -> bool:
    origin = _read_page(before) if before else None
    return selection.says_all(_read_page(page), origin, _read_page(after))


def _read_page(page: _FrozenPage) -> Page:
    return Page(_read_snapshot(page), dict(page.frame))


def _graded(
    changes: tuple[AffectedChange, ...], entry: PublishedEntry
) -> tuple[AffectedChange, ...]:
    judged = apply_grades([affected.change for affected in changes], entry.grades)
    graded = [
        replace(affected, change=change) for affected, change in zip(changes, judged, strict=True)
    ]
    return tuple(sorted(graded, key=_effect_position))


@lru_cache(maxsize=_KEPT_COMPARISONS)
def _compare(
    before: _FrozenPage | None, after: _FrozenPage | None, are_neighbours: bool
) -> tuple[AffectedChange, ...]:
    old = _read_snapshot(before) if before else None
    new = _read_snapshot(after) if after else None
    if new is None:
        if old is None:
            return ()
        new = Snapshot(old.register, ())
    changes = list(affected_changes(old, new, are_neighbours=are_neighbours))
    if before and after:
        changes += map(AffectedChange, frame_changes(dict(before.frame), dict(after.frame)))
    return tuple(sorted(changes, key=_effect_position))


def _effect_position(affected: AffectedChange) -> int:
    return _EFFECT_ORDER.index(affected.change.effect)
