"""What happened to a register, from the published store alone: which publication followed which, and what changed.

A comparison is a pure function of two files that never change, so it is kept by their hashes, and a page of the change
log costs the same whatever the number of publications. Only what the public may see is told: nothing withdrawn,
nothing that is not yet in force unless it was announced.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from compliance.page.diff import AffectedChange, Effect, affected_changes
from compliance.page.snapshot import Snapshot
from compliance.published import store
from compliance.published.store import Index, PublishedEntry

# A comparison of the seed's size is a few kilobytes; a snapshot of 5,000 listings is twenty megabytes.
_COMPARISONS, _SNAPSHOTS = 256, 4
_WEIGHT = {Effect.WEAKER: 0, Effect.STRONGER: 1, Effect.NEUTRAL: 2}


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A publication to be read; equal to any with the same content."""

    content_sha256: str
    place: Index = field(compare=False)
    entry: PublishedEntry = field(compare=False)


def _frozen(index: Index, entry: PublishedEntry) -> _Frozen:
    # The index of this one publication: a cache must not keep the indexes of all times alive.
    return _Frozen(
        entry.content_sha256, replace(index, publications=(entry,), checkpoint=None), entry
    )


def snapshot(index: Index, entry: PublishedEntry) -> Snapshot:
    """Return what a publication froze; raises StoreFault for a file that is not the one that was published."""
    return _snapshot(_frozen(index, entry))


@lru_cache(maxsize=_SNAPSHOTS)
def _snapshot(frozen: _Frozen) -> Snapshot:
    return Snapshot.from_dict(json.loads(store.content(frozen.place, frozen.entry, "json")))


def compared(
    index: Index, before: PublishedEntry | None, after: PublishedEntry
) -> tuple[AffectedChange, ...]:
    """Return what changed from one publication to another of a register, weaker first; raises StoreFault.

    Without one before, every listing and footnote is new.
    """
    return _compared(_frozen(index, before) if before else None, _frozen(index, after))


@lru_cache(maxsize=_COMPARISONS)
def _compared(before: _Frozen | None, after: _Frozen) -> tuple[AffectedChange, ...]:
    changes = affected_changes(_snapshot(before) if before else None, _snapshot(after))
    return tuple(sorted(changes, key=lambda each: _WEIGHT[each.change.effect]))


@dataclass(frozen=True, slots=True)
class Step:
    """A publication against the one before it that stands, None before the first."""

    index: Index
    entry: PublishedEntry
    before: PublishedEntry | None

    @property
    def changes(self) -> tuple[AffectedChange, ...]:
        """What changed; raises StoreFault."""
        return compared(self.index, self.before, self.entry)

    @property
    def shown_at(self) -> datetime:
        """When the public first saw it: from its approval where it was announced."""
        return _shown_at(self.entry)

    @property
    def updated_at(self) -> datetime:
        """When it was last told otherwise: when one came before it, or the one that was before it was withdrawn."""
        first = self.before.number if self.before else 0
        gone = [
            e.withdrawn_at
            for e in self.index.publications
            if first < e.number < self.entry.number
            and e.withdrawn_at
            and _shown_at(e) < e.withdrawn_at
        ]
        return max([self.shown_at, *gone, *([_shown_at(self.before)] if self.before else [])])


def _shown_at(entry: PublishedEntry) -> datetime:
    return min(entry.approved_at, entry.effective_from) if entry.announced else entry.effective_from


def steps(index: Index, at: datetime) -> tuple[Step, ...]:
    """Return every publication that the public may see at a moment with the one before it, the newest first.

    What changed is not computed before it is asked for.
    """
    return tuple(_steps(index, index.visible(at)))


def _steps(index: Index, visible: tuple[PublishedEntry, ...]) -> Iterator[Step]:
    for entry, before in zip(visible, (*visible[1:], None), strict=True):
        yield Step(index, entry, before)


def step(index: Index, entry: PublishedEntry, at: datetime) -> Step:
    """Return a publication that the public may see at a moment with the one before it."""
    return Step(index, entry, index.before(entry.number, at))
