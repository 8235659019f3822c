"""What the public saw happen to a register: publications, withdrawals, and changes called off.

Each event leads from one page to another, so all of them together tell what was public when. An
event stays: a publication that is withdrawn later keeps its own, and the withdrawal is another one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from compliance.published.index import Index, PublishedEntry


class EventKind(StrEnum):
    """What happened to a publication.

    `published`: it was announced or took effect. `withdrawn`: it was taken back after it had taken
    effect. `called_off`: it had been announced and does not come.
    """

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class PublicationEvent:
    """Something that happened to a publication in public.

    `entry` is the publication. `announced_as` are those that were announced in its place, the
    oldest first; it renews them. The event leads from the page `before` to the page `after`; None
    stands for no page.
    """

    kind: EventKind
    entry: PublishedEntry
    announced_as: tuple[PublishedEntry, ...]
    before: PublishedEntry | None
    after: PublishedEntry | None
    # When it was told, and when what is told of it last changed.
    told_at: datetime
    updated_at: datetime
    # Whether the two pages are those between which the submitter graded the changes.
    has_grades: bool = False
    # Whether another event of the register happens on the same day.
    shares_day: bool = False

    @property
    def id(self) -> str:
        """Its id in the register, which stays when the publication is renewed."""
        first = self.announced_as[0] if self.announced_as else self.entry
        is_published = self.kind is EventKind.PUBLISHED
        return str(first.number) if is_published else f"{first.number}-{self.kind}"

    @property
    def moment(self) -> datetime:
        """When it happens; a publication happens when it takes effect, also if it is called off."""
        is_published = self.kind is EventKind.PUBLISHED
        return self.entry.effective_from if is_published else self.told_at

    @property
    def day(self) -> date:
        """The day in UTC on which it happens."""
        return self.moment.astimezone(UTC).date()

    @property
    def public_for(self) -> timedelta:
        """How long the public had seen the publication when it was taken back."""
        first = self.announced_as[0] if self.announced_as else self.entry
        return self.told_at - next(first.seen_at(), self.told_at)

    @property
    def changes_page(self) -> bool:
        """Whether another page is shown after it; not if a page in the past was withdrawn."""
        return self.before is not self.after


_kept: dict[str, tuple[Index, datetime, tuple[PublicationEvent, ...]]] = {}


def list_events(index: Index, at: datetime) -> tuple[PublicationEvent, ...]:
    """Return everything that the public has been told of a register up to a moment.

    The newest is first, by the moment at which it happens: announced publications come before all.
    """
    since = index.changed_at(at)
    kept_index, kept_since, events = _kept.get(index.slug, (None, None, ()))
    if kept_index is not index or kept_since != since:
        events = tuple(_mark_shared_days(sorted(_events(index, at), key=_order, reverse=True)))
        _kept[index.slug] = (index, since, events)
    return events


def _order(event: PublicationEvent) -> tuple[datetime, int, int]:
    return event.moment, event.entry.number, list(EventKind).index(event.kind)


def _mark_shared_days(events: list[PublicationEvent]) -> Iterator[PublicationEvent]:
    for position, event in enumerate(events):
        neighbours = events[max(position - 1, 0) : position + 2]
        is_shared = sum(neighbour.day == event.day for neighbour in neighbours) > 1
        yield replace(event, shares_day=True) if is_shared else event


def _events(index: Index, at: datetime) -> Iterator[PublicationEvent]:
    for position, entry in enumerate(index.publications):
        if entry.renewed_at:
            continue
        announced_as = tuple(_announced_as(index, entry))
        first = announced_as[0] if announced_as else entry
        seen_at = next(first.seen_at(), None)
        if seen_at is None or shown_at(first) > at:
            continue
        before, told_at = _page_before(index, position, at), shown_at(first)
        yield PublicationEvent(
            EventKind.PUBLISHED,
            entry,
            announced_as,
            before,
            entry,
            told_at,
            max([told_at, *_updates(index, position, announced_as, before)]),
            has_grades=before is _base(index, position),
        )
        if entry.withdrawn_at and entry.withdrawn_at <= at:
            yield _end(index, entry, announced_as, before, entry.withdrawn_at)


def _end(
    index: Index,
    entry: PublishedEntry,
    announced_as: tuple[PublishedEntry, ...],
    before: PublishedEntry | None,
    ended_at: datetime,
) -> PublicationEvent:
    """Return the event by which a publication was taken back; `before` is the page before it."""
    kind, shown = EventKind.CALLED_OFF, before
    left = entry
    if ended_at >= entry.effective_from:
        kind, shown = EventKind.WITHDRAWN, index.public_at(ended_at)
        if shown and shown.effective_from > entry.effective_from:
            left = shown
    return PublicationEvent(kind, entry, announced_as, left, shown, ended_at, ended_at)


def shown_at(entry: PublishedEntry) -> datetime:
    """Return when the public first saw a publication: at its approval if it was announced."""
    return min(entry.approved_at, entry.effective_from) if entry.announced else entry.effective_from


def _announced_as(index: Index, entry: PublishedEntry) -> list[PublishedEntry]:
    """Return the announced publications in whose place a publication came, the oldest first."""
    renewed: list[PublishedEntry] = []
    while entry.renews and (earlier := index.entry(entry.renews)) and earlier.announced:
        renewed.insert(0, earlier)
        entry = earlier
    return renewed


def _page_before(index: Index, position: int, at: datetime) -> PublishedEntry | None:
    """Return the page that a publication follows, as the public knows it at a moment.

    It is what was shown when the publication took effect, even if it was withdrawn later. Of one
    that has not taken effect, it is the last one before it that is shown or announced, at the end
    of one that was called off.
    """
    entry = index.publications[position]
    known_at = min(at, entry.ended_at or at)

    def is_followed(earlier: PublishedEntry) -> bool:
        is_known = earlier.announced or earlier.effective_from <= known_at
        if not is_known or earlier.effective_from > entry.effective_from:
            return False
        if earlier.ended_at is None:
            return True
        if entry.effective_from <= known_at:
            return earlier.ended_at > entry.effective_from
        return earlier.ended_at >= known_at

    return _newest_below(index, position, is_followed)


def _base(index: Index, position: int) -> PublishedEntry | None:
    """Return the publication with which a publication was compared when it was approved."""
    approved_at = index.publications[position].approved_at

    def stood(earlier: PublishedEntry) -> bool:
        return earlier.ended_at is None or earlier.ended_at > approved_at

    return _newest_below(index, position, stood)


def _newest_below(
    index: Index, position: int, is_wanted: Callable[[PublishedEntry], bool]
) -> PublishedEntry | None:
    # By position, not by a slice: a slice would copy up to ten thousand entries.
    for earlier in range(position - 1, -1, -1):
        if is_wanted(index.publications[earlier]):
            return index.publications[earlier]
    return None


def _updates(
    index: Index,
    position: int,
    announced_as: tuple[PublishedEntry, ...],
    before: PublishedEntry | None,
) -> Iterator[datetime]:
    """Yield when what is told of a publication changed.

    It changes when it is renewed, and when another one comes before it or ends there.
    """
    yield from (renewed.renewed_at for renewed in announced_as if renewed.renewed_at)
    if before:
        yield shown_at(before)
    for earlier in range(position - 1, -1, -1):
        skipped = index.publications[earlier]
        if skipped is before:
            return
        if skipped.ended_at and next(skipped.seen_at(), None):
            yield skipped.ended_at
