"""What an address names: a register, a publication by number or day; refused where the public may not see it."""

from datetime import datetime

from django.utils import timezone

from compliance.models import publications
from compliance.public.errors import Refusal, not_found
from compliance.published import store
from compliance.published.store import Index, PublishedEntry


def register(slug: str) -> tuple[Index, datetime]:
    """Return a register of which the public may see something, and now; raises Refusal."""
    index, at = _index(slug), timezone.now()
    if not index.visible(at):
        raise not_found(f"Nothing of {slug} is public now. Come back later.")
    return index, at


def in_force(slug: str) -> tuple[Index, PublishedEntry, datetime]:
    """Return a register's publication in force, and now; raises Refusal."""
    index, at = _index(slug), timezone.now()
    if entry := index.in_force(at):
        return index, entry, at
    raise not_found(f"Nothing of {slug} is in force now. Come back later.")


def numbered(slug: str, number: int) -> tuple[Index, PublishedEntry, datetime]:
    """Return a publication by its number, and now; raises Refusal."""
    index, at = _index(slug), timezone.now()
    return index, in_index(index, number, at), at


def in_index(index: Index, number: int, at: datetime) -> PublishedEntry:
    """Return the publication of a number that the public may see at a moment; raises Refusal."""
    entry = index.entry(number)
    if entry and entry.withdrawn_at:
        raise _withdrawn(entry)
    if entry and entry.is_visible(at):
        return entry
    raise not_found(
        f"There is no publication {number} of {index.slug}. The change log lists all of them."
    )


def on_day(slug: str, day: str) -> tuple[Index, PublishedEntry, datetime]:
    """Return what was public at the end of a day, in UTC, and now; a publication withdrawn since is refused."""
    index, at = _index(slug), timezone.now()
    try:
        entry = index.public_at(publications.as_of(day, now=at))
    except publications.NotADay as fault:
        raise Refusal(400, "Not a day", str(fault)) from fault
    if entry is None:
        raise not_found(
            f"Nothing of {slug} was public on {day}. The change log lists its publications."
        )
    if entry.withdrawn_at:
        raise _withdrawn(entry)
    return index, entry, at


def _index(slug: str) -> Index:
    index = store.read(slug)
    if index is None:
        raise not_found(f"There is no register named {slug}. Start from the first page.")
    return index


def _withdrawn(entry: PublishedEntry) -> Refusal:
    return Refusal(
        410,
        "Withdrawn",
        f"Publication {entry.number} was withdrawn. The first page leads to what is in force.",
    )
