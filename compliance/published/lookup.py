"""Finds what an address names: a register, or a publication by its number or day.

Raises a NotPublic where the public may not see it. The pages and the API both answer from here, so
they refuse the same things; each adds to the message what its own readers can do.
"""

from datetime import UTC, datetime

from compliance.models import publications
from compliance.published import changelog, reader
from compliance.published.events import EventKind, PublicationEvent, list_events
from compliance.published.index import Index, PublishedEntry


class NotPublic(Exception):
    """What was asked for does not exist for the public; the message is a sentence that says so."""


class UnknownRegister(NotPublic):
    """No register has that slug."""


class NothingVisible(NotPublic):
    """The register has no publication that the public may see."""


class NothingInForce(NotPublic):
    """The register has no publication in force."""


class UnknownNumber(NotPublic):
    """The register has no publication of that number that the public may see."""


class NothingOnDay(NotPublic):
    """Nothing of the register was public on that day."""


class InvalidDay(NotPublic):
    """The text is not a day from 2000 to today."""


class WithdrawnPublication(NotPublic):
    """The publication was withdrawn or called off.

    `number` is the one that it had last. `end` is what the public was told of it, None if it ended
    before the public saw it. `fulfilled_by` is the number of the publication with which its changes
    come all the same.
    """

    def __init__(
        self, sentence: str, number: int, end: EventKind | None, fulfilled_by: int | None
    ) -> None:
        super().__init__(sentence)
        self.number = number
        self.end = end
        self.fulfilled_by = fulfilled_by


class RenewedPublication(NotPublic):
    """The publication was announced; publication `by` has come in its place."""

    def __init__(self, number: int, by: int) -> None:
        super().__init__(f"Publication {number} was renewed as publication {by}.")
        self.number = number
        self.by = by


def find_index(slug: str) -> Index:
    """Return the index of a register; raises UnknownRegister or StoreFault."""
    index = reader.read_index(slug)
    if index is None:
        raise UnknownRegister(f"There is no register named {slug}.")
    return index


def find_register(slug: str, at: datetime) -> Index:
    """Return the index of a register of which the public was told something.

    Raises UnknownRegister, NothingVisible or StoreFault.
    """
    index = find_index(slug)
    if not list_events(index, at):
        raise NothingVisible(f"Nothing of {slug} is public now.")
    return index


def find_in_force(slug: str, at: datetime) -> tuple[Index, PublishedEntry]:
    """Return a register's index and its publication in force.

    Raises UnknownRegister, NothingInForce or StoreFault.
    """
    index = find_index(slug)
    entry = index.in_force(at)
    if entry is None:
        raise NothingInForce(f"Nothing of {slug} is in force now.")
    return index, entry


def find_numbered(slug: str, number: int, at: datetime) -> tuple[Index, PublishedEntry]:
    """Return a register's index and its publication of a number.

    Raises UnknownRegister, UnknownNumber, RenewedPublication, WithdrawnPublication or StoreFault.
    """
    index = find_index(slug)
    return index, find_entry(index, number, at)


def find_entry(index: Index, number: int, at: datetime) -> PublishedEntry:
    """Return the publication of a number.

    Raises UnknownNumber, RenewedPublication, WithdrawnPublication or StoreFault.
    """
    entry = _newest_renewal(index, number)
    if entry:
        _refuse_withdrawn(index, entry, number, at)
    if entry is None or not entry.is_visible(at):
        raise UnknownNumber(f"There is no publication {number} of {index.slug}.")
    if entry.number != number:
        raise RenewedPublication(number, by=entry.number)
    return entry


def find_events(
    slug: str, number: int, at: datetime
) -> tuple[Index, PublicationEvent, PublicationEvent | None]:
    """Return a register's index, and how a publication came and, if so, was taken back.

    Raises UnknownRegister, UnknownNumber, RenewedPublication, WithdrawnPublication if it was
    withdrawn before the public saw it, or StoreFault.
    """
    index = find_index(slug)
    entry = _newest_renewal(index, number)
    of_entry = [event for event in list_events(index, at) if event.entry is entry]
    if entry is None or not of_entry:
        find_entry(index, number, at)
        raise UnknownNumber(f"There is no publication {number} of {index.slug}.")
    if entry.number != number:
        raise RenewedPublication(number, by=entry.number)
    [published] = [event for event in of_entry if event.kind is EventKind.PUBLISHED]
    ended = [event for event in of_entry if event is not published]
    return index, published, ended[0] if ended else None


def _newest_renewal(index: Index, number: int) -> PublishedEntry | None:
    """Return the publication that has come in the place of a number, often that of the number."""
    entry = index.entry(number)
    while entry and entry.renewed_by:
        entry = index.entry(entry.renewed_by)
    return entry


def find_on_day(slug: str, day: str, at: datetime) -> tuple[Index, PublishedEntry]:
    """Return a register's index and what was public at the end of a day (UTC), as 2026-08-31.

    Today means now. A publication that was withdrawn since is refused and not replaced by the one
    before it, which is not what the public saw.

    Raises UnknownRegister, InvalidDay, NothingOnDay, WithdrawnPublication or StoreFault.
    """
    index = find_index(slug)
    try:
        moment = publications.as_of(day, now=at)
    except publications.NotADay as fault:
        raise InvalidDay(str(fault)) from fault
    entry = index.public_at(moment)
    if entry is None:
        raise NothingOnDay(f"Nothing of {slug} was public on {day}.")
    _refuse_withdrawn(index, entry, entry.number, at)
    return index, entry


def _refuse_withdrawn(index: Index, entry: PublishedEntry, number: int, at: datetime) -> None:
    """Raise WithdrawnPublication if a publication, asked for by a number, does not stand."""
    if entry.withdrawn_at is None:
        return
    events = list_events(index, max(at, entry.withdrawn_at))
    end = next((event for event in events if event.entry is entry and event.takes_back), None)
    fulfilled_by = changelog.fulfilled_by(index, end) if end else None
    sentence = f"Publication {entry.number} {_describe_end(end, fulfilled_by, at)}"
    if entry.number != number:
        sentence = f"Publication {number} was renewed as publication {entry.number}. {sentence}"
    raise WithdrawnPublication(
        sentence,
        entry.number,
        end.kind if end else None,
        fulfilled_by.number if fulfilled_by else None,
    )


def _describe_end(
    end: PublicationEvent | None, fulfilled_by: PublishedEntry | None, at: datetime
) -> str:
    """Return the rest of the sentence about a publication that was withdrawn or called off."""
    if end is None:
        return "was withdrawn before it was public."
    begins, ended = _minute(end.entry.effective_from), _minute(end.told_at)
    if end.kind is EventKind.WITHDRAWN:
        return f"was in force from {begins}. It was withdrawn on {ended}."
    if fulfilled_by is None:
        return f"was announced for {begins}. It was called off on {ended} and does not come."
    verb = "take" if fulfilled_by.is_waiting(at) else "took"
    return (
        f"was announced for {begins}. Its changes {verb} effect with publication"
        f" {fulfilled_by.number} instead."
    )


def _minute(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
