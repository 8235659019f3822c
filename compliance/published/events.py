"""What the public saw happen to a register: publications, withdrawals, and changes called off.

Each event leads from one page to another, so all of them together tell what was public when. An
event stays: a publication that is withdrawn later keeps its own, and the withdrawal is another one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import islice

from compliance.published.index import Index, PublishedEntry


class EventKind(StrEnum):
    """What happened to a publication.

    `published`: it was announced or took effect. `withdrawn`: it was taken back after it had taken
    effect. `called_off`: it had been announced and does not come by itself.
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
    # When an announced publication was called off, and the page that is public in its place.
    called_off_at: datetime | None = None
    instead: PublishedEntry | None = None
    # What a withdrawal or calling off takes back.
    takes_back: "PublicationEvent | None" = None
    # How long a publication that was withdrawn had been in force.
    in_force_for: timedelta = timedelta()

    @property
    def id(self) -> str:
        """Its id in the register, which stays when the publication is renewed."""
        first = self.announced_as[0] if self.announced_as else self.entry
        is_published = self.kind is EventKind.PUBLISHED
        return str(first.number) if is_published else f"{first.number}-{self.kind}"

    @property
    def moment(self) -> datetime:
        """When it happens: a publication when it takes effect, or when it is called off."""
        if self.kind is EventKind.PUBLISHED:
            return self.called_off_at or self.entry.effective_from
        return self.told_at

    @property
    def day(self) -> date:
        """The day in UTC on which it happens."""
        return self.moment.astimezone(UTC).date()

    @property
    def announced_at(self) -> datetime | None:
        """When it was first announced, None if readers saw it only when it took effect."""
        first = self.announced_as[0] if self.announced_as else self.entry
        return shown_at(first) if shown_at(first) < self.entry.effective_from else None

    @property
    def announced_for(self) -> timedelta:
        """How long it had been announced when this happened."""
        return self.told_at - (self.announced_at or self.told_at)

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
    shown_after = _pages_after_withdrawals(index)
    in_force_for = _times_in_force(index)
    # Those before a publication that had not ended when it was approved, the newest last.
    standing: list[PublishedEntry] = []
    for entry in index.publications:
        while standing and _ended(standing[-1], entry.approved_at):
            standing.pop()
        if not entry.renewed_at:
            for event in _events_of(index, entry, standing, shown_after, at):
                is_withdrawn = event.kind is EventKind.WITHDRAWN
                time = in_force_for[entry.number] if is_withdrawn else timedelta()
                yield replace(event, in_force_for=time)
        standing.append(entry)


def _events_of(
    index: Index,
    entry: PublishedEntry,
    standing: list[PublishedEntry],
    shown_after: Mapping[int, PublishedEntry | None],
    at: datetime,
) -> Iterator[PublicationEvent]:
    """Yield how a publication came and how it was taken back, as far as the public saw it."""
    announced_as = tuple(_announced_as(index, entry))
    first = announced_as[0] if announced_as else entry
    told_at, ended_at = shown_at(first), entry.withdrawn_at
    if next(first.seen_at(), None) is None or told_at > at:
        return
    before, skipped = _page_before(entry, standing, at)
    called_off_at, instead = None, None
    updates = list(_updates(announced_as, before, skipped))
    if ended_at and ended_at <= at and ended_at < entry.effective_from:
        called_off_at = ended_at
        instead, learned = _page_instead(index, entry, at=at, since=ended_at)
        updates += [ended_at, *learned]
    published = PublicationEvent(
        EventKind.PUBLISHED,
        entry,
        announced_as,
        before,
        entry,
        told_at,
        max([told_at, *updates]),
        has_grades=before is (standing[-1] if standing else None),
        called_off_at=called_off_at,
        instead=instead,
    )
    yield published
    if ended_at is None or ended_at > at:
        return
    if called_off_at:
        # Readers never had the page.
        kind, left, shown = EventKind.CALLED_OFF, before, before
    else:
        kind, left, shown = EventKind.WITHDRAWN, entry, shown_after[entry.number]
        if shown and shown.effective_from > entry.effective_from:
            left = shown
    yield PublicationEvent(
        kind,
        entry,
        announced_as,
        left,
        shown,
        ended_at,
        max([ended_at, *updates]) if called_off_at else ended_at,
        instead=instead,
        takes_back=published,
    )


def _pages_after_withdrawals(index: Index) -> dict[int, PublishedEntry | None]:
    """Return the page that was shown after the withdrawal of each publication, by its number."""
    withdrawn = [entry for entry in index.publications if entry.withdrawn_at]
    coming = sorted(index.publications, key=lambda entry: entry.effective_from)
    shown: list[PublishedEntry] = []
    after: dict[int, PublishedEntry | None] = {}
    position = 0
    for entry in sorted(withdrawn, key=lambda entry: entry.withdrawn_at or entry.effective_from):
        moment = entry.withdrawn_at or entry.effective_from
        while position < len(coming) and coming[position].effective_from <= moment:
            shown.append(coming[position])
            position += 1
        while shown and _ended(shown[-1], moment):
            shown.pop()
        after[entry.number] = shown[-1] if shown else None
    return after


def _times_in_force(index: Index) -> dict[int, timedelta]:
    """Return how long each publication that was withdrawn had been in force, by its number.

    While a later one stood, it was not.
    """
    coming = sorted(index.publications, key=lambda entry: entry.effective_from)
    times: dict[int, timedelta] = {}
    for position, entry in enumerate(coming):
        if entry.withdrawn_at is None:
            continue
        time, since = timedelta(), entry.effective_from
        for later in islice(coming, position + 1, None):
            if later.effective_from >= entry.withdrawn_at:
                break
            if not _ended(later, later.effective_from):
                time += max(later.effective_from - since, timedelta())
                since = max(since, later.ended_at or entry.withdrawn_at)
        times[entry.number] = time + max(entry.withdrawn_at - since, timedelta())
    return times


def _ended(entry: PublishedEntry, at: datetime) -> bool:
    return entry.ended_at is not None and entry.ended_at <= at


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


def _page_before(
    entry: PublishedEntry, standing: Sequence[PublishedEntry], at: datetime
) -> tuple[PublishedEntry | None, list[PublishedEntry]]:
    """Return the page that a publication follows, as the public knows it at a moment.

    It is what was shown when the publication took effect, even if it was withdrawn later. Of one
    that has not taken effect, it is the last one before it that is shown or announced, at the end
    of one that was called off. Those in between are returned too.
    """
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

    skipped: list[PublishedEntry] = []
    for earlier in reversed(standing):
        if is_followed(earlier):
            return earlier, skipped
        skipped.append(earlier)
    return None, skipped


def _page_instead(
    index: Index, entry: PublishedEntry, *, at: datetime, since: datetime
) -> tuple[PublishedEntry | None, list[datetime]]:
    """Return the page in whose favour a publication was called off, and when it was told of.

    It is the last one before it that stood `since` then, or what renewed that one. There is none as
    long as the public does not know it, or if it was called off too.
    """
    earlier = [
        page
        for page in index.publications
        if page.approved_at <= since
        and page.effective_from < entry.effective_from
        and not _ended(page, since)
    ]
    page = max(earlier, key=lambda page: (page.effective_from, page.number), default=None)
    learned: list[datetime] = []
    while page:
        until = min(page.effective_from, page.ended_at or page.effective_from)
        learned += [moment for moment in page.seen_at() if since < moment <= min(at, until)]
        if page.effective_from <= until or not _ended(page, at):
            return (page if shown_at(page) <= at else None), learned
        page = index.entry(page.renewed_by) if page.renewed_by else None
    return None, learned


def _updates(
    announced_as: Sequence[PublishedEntry],
    before: PublishedEntry | None,
    skipped: Sequence[PublishedEntry],
) -> Iterator[datetime]:
    """Yield when what is told of a publication changed.

    It changes when it is renewed, and when another one comes before it or ends there.
    """
    yield from (renewed.renewed_at for renewed in announced_as if renewed.renewed_at)
    if before:
        yield shown_at(before)
    for earlier in skipped:
        if earlier.ended_at and next(earlier.seen_at(), None):
            yield earlier.ended_at
