"""What each publication of a register changed, read from the published store alone.

A comparison depends on two files that never change, so it is kept by their hashes. A page of the
change log therefore costs the same however many publications there are.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from compliance.page.diff import AffectedChange, Effect, affected_changes
from compliance.page.snapshot import Snapshot
from compliance.published.index import Index, PublishedEntry
from compliance.published.reader import read_json

# A comparison of pages like the demo's takes a few kilobytes, a snapshot of 5,000 listings 20 MB.
_KEPT_COMPARISONS, _KEPT_SNAPSHOTS = 256, 4
_EFFECT_ORDER = list(Effect)


@dataclass(frozen=True, slots=True)
class _FrozenPage:
    """A publication as a key of the caches; two with the same content are equal."""

    content_sha256: str
    index: Index = field(compare=False)
    entry: PublishedEntry = field(compare=False)


def _frozen_page(index: Index, entry: PublishedEntry) -> _FrozenPage:
    # Only this one publication: a cache must not keep old indexes with all their entries alive.
    small_index = replace(index, publications=(entry,), head=None)
    return _FrozenPage(entry.content_sha256, small_index, entry)


def read_snapshot(index: Index, entry: PublishedEntry) -> Snapshot:
    """Return the page that a publication froze; raises StoreFault."""
    return _read_snapshot(_frozen_page(index, entry))


@lru_cache(maxsize=_KEPT_SNAPSHOTS)
def _read_snapshot(page: _FrozenPage) -> Snapshot:
    return Snapshot.from_dict(read_json(page.index, page.entry))


def compare_publications(
    index: Index, before: PublishedEntry | None, after: PublishedEntry
) -> tuple[AffectedChange, ...]:
    """Return the changes from one publication of a register to another, weaker ones first.

    If `before` is None, every listing and footnote of `after` is new. Raises StoreFault.
    """
    return _compare(_frozen_page(index, before) if before else None, _frozen_page(index, after))


@lru_cache(maxsize=_KEPT_COMPARISONS)
def _compare(before: _FrozenPage | None, after: _FrozenPage) -> tuple[AffectedChange, ...]:
    changes = affected_changes(_read_snapshot(before) if before else None, _read_snapshot(after))
    return tuple(sorted(changes, key=_effect_position))


def _effect_position(affected: AffectedChange) -> int:
    return _EFFECT_ORDER.index(affected.change.effect)


@dataclass(frozen=True, slots=True)
class PublicationStep:
    """A publication compared with the one before it; `before` is None for the first."""

    index: Index
    entry: PublishedEntry
    before: PublishedEntry | None

    @property
    def changes(self) -> tuple[AffectedChange, ...]:
        """What the publication changed, computed when it is asked for; raises StoreFault."""
        return compare_publications(self.index, self.before, self.entry)

    @property
    def shown_at(self) -> datetime:
        """When the public first saw the publication: at its approval if it was announced."""
        return _shown_at(self.entry)

    @property
    def updated_at(self) -> datetime:
        """When the step last changed.

        It changes when another publication comes before this one, or one before it is withdrawn.
        """
        moments = [self.shown_at]
        if self.before:
            moments.append(_shown_at(self.before))
        lowest = self.before.number if self.before else 0
        for entry in self.index.publications:
            is_between = lowest < entry.number < self.entry.number
            withdrawn_at = entry.withdrawn_at
            if is_between and withdrawn_at and _shown_at(entry) < withdrawn_at:
                moments.append(withdrawn_at)
        return max(moments)


def _shown_at(entry: PublishedEntry) -> datetime:
    return min(entry.approved_at, entry.effective_from) if entry.announced else entry.effective_from


def list_steps(index: Index, at: datetime) -> tuple[PublicationStep, ...]:
    """Return a step for every publication that the public may see, the newest first."""
    visible = index.visible(at)
    previous = (*visible[1:], None)
    return tuple(
        PublicationStep(index, entry, before)
        for entry, before in zip(visible, previous, strict=True)
    )


def make_step(index: Index, entry: PublishedEntry, at: datetime) -> PublicationStep:
    """Return the step of one publication, compared with the newest visible one before it."""
    return PublicationStep(index, entry, index.before(entry.number, at))
