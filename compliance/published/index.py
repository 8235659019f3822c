"""The index of a register: what is published of it, and since when.

The site asks an index at every request. What depends on the moment is therefore computed once for
the time between two changes: a question costs the same with ten publications or ten thousand.
"""

import json
import sys
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from compliance.published.errors import StoreFault

SCHEMA = "published-index/1"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The hash and the size in bytes of one file of a publication."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """An approved publication, with the facts about the register that were frozen with it.

    `grades` are the effects that its submitter gave, by the key of a change. `renews` is the number
    of the scheduled publication that it carries over; that one has been renewed since `renewed_at`,
    by the number `renewed_by`.
    """

    number: int
    # The hash of all that was approved, and the number of the approval in the public log.
    approval_sha256: str
    event: int
    title: str
    language: str
    publisher: str
    contact: str
    licence: str
    source: str
    effective_from: datetime
    approved_at: datetime
    announced: bool
    withdrawn_at: datetime | None
    renews: int | None
    renewed_by: int | None
    renewed_at: datetime | None
    grades: Mapping[str, str]
    files: Mapping[str, StoredFile]

    @property
    def content_sha256(self) -> str:
        """The hash of the canonical JSON."""
        return self.files["json"].sha256

    @property
    def frame(self) -> dict[str, str]:
        """What was frozen beside the page."""
        return {"publisher": self.publisher, "contact": self.contact, "licence": self.licence}

    @property
    def ended_at(self) -> datetime | None:
        """When it was withdrawn or renewed, None if it stands."""
        return self.withdrawn_at or self.renewed_at

    def stood(self, at: datetime) -> bool:
        """Return whether it had taken effect and had not ended yet."""
        return self.effective_from <= at and not (self.ended_at and self.ended_at <= at)

    def seen_at(self) -> Iterator[datetime]:
        """Yield the moments at which the public sees it appear, take effect and disappear.

        Yields nothing if it ended before the public could see it.
        """
        # An imported publication took effect before it was approved, and appeared only then.
        appears = self.approved_at if self.announced else max(self.approved_at, self.effective_from)
        if self.ended_at is None:
            yield from (appears, self.effective_from)
        elif self.ended_at > appears:
            yield from (appears, self.effective_from, self.ended_at)

    def is_visible(self, at: datetime) -> bool:
        """Return whether the public may see it: in effect or announced, and not ended."""
        return self.ended_at is None and (self.announced or self.effective_from <= at)

    def is_waiting(self, at: datetime) -> bool:
        """Return whether it takes effect only after a moment."""
        return self.effective_from > at


@dataclass(frozen=True, slots=True)
class _VisibleEntries:
    """What an index answers from one of its changes to the next."""

    visible: tuple[PublishedEntry, ...]
    mementos: tuple[PublishedEntry, ...]


@dataclass(frozen=True)
class Index:
    """What is published of one register; `publications` are in the order of their numbers."""

    record: str
    # The primary key of the last decision that changed what the public sees.
    revision: int
    slug: str
    publications: tuple[PublishedEntry, ...]
    # The last entry of the ledger when the index was written. Two indexes may be equal without it.
    head: Mapping[str, Any] | None = field(default=None, compare=False)
    # The version of the file that it was read from; None if the storage could not tell.
    version: Hashable | None = field(default=None, compare=False)

    def entry(self, number: int) -> PublishedEntry | None:
        return self._by_number.get(number)

    def in_force(self, at: datetime) -> PublishedEntry | None:
        """Return the publication in force at a moment, leaving out those withdrawn since."""
        count = bisect_right(self._standing, at, key=_effective_from)
        return self._standing[count - 1] if count else None

    def public_at(self, at: datetime) -> PublishedEntry | None:
        """Return the publication that was public at a moment, even if it was withdrawn later."""
        count = bisect_right(self._by_moment, at, key=_effective_from)
        # By position, not by a slice: a slice would copy up to ten thousand entries.
        for position in range(count - 1, -1, -1):
            if self._by_moment[position].stood(at):
                return self._by_moment[position]
        return None

    def visible(self, at: datetime) -> tuple[PublishedEntry, ...]:
        """Return the publications that the public may see, the newest first."""
        return self._entries_at(at).visible

    def mementos(self, at: datetime) -> tuple[PublishedEntry, ...]:
        """Return the publications that are or were in force up to a moment, the oldest first."""
        return self._entries_at(at).mementos

    def before(self, number: int, at: datetime) -> PublishedEntry | None:
        """Return the newest visible publication with a smaller number."""
        visible = self.visible(at)
        position = bisect_right(visible, -number, key=lambda entry: -entry.number)
        return visible[position] if position < len(visible) else None

    def after(self, number: int, at: datetime) -> PublishedEntry | None:
        """Return the publication that replaced a number up to a moment."""
        mementos = self.mementos(at)
        position = bisect_right(mementos, number, key=_number)
        return mementos[position] if position < len(mementos) else None

    def fresh_for(self, at: datetime, *, seconds: int) -> int:
        """Return how many seconds a cache may keep an answer: at most `seconds`.

        It is less where the next publication takes effect earlier.
        """
        position = bisect_right(self._standing, at, key=_effective_from)
        if position == len(self._standing):
            return seconds
        remaining = self._standing[position].effective_from - at
        return min(seconds, int(remaining.total_seconds()))

    def changed_at(self, at: datetime) -> datetime:
        """Return when what the public sees last changed, up to a moment."""
        count = bisect_right(self._moments, at)
        return self._moments[count - 1] if count else at

    def changes_after(self, at: datetime) -> datetime | None:
        """Return when what the public sees changes next without a further decision."""
        position = bisect_right(self._moments, at)
        return self._moments[position] if position < len(self._moments) else None

    @cached_property
    def _by_number(self) -> dict[int, PublishedEntry]:
        return {entry.number: entry for entry in self.publications}

    @cached_property
    def _by_moment(self) -> tuple[PublishedEntry, ...]:
        return tuple(sorted(self.publications, key=_effective_from))

    @cached_property
    def _standing(self) -> tuple[PublishedEntry, ...]:
        return tuple(entry for entry in self._by_moment if not entry.ended_at)

    @cached_property
    def _moments(self) -> tuple[datetime, ...]:
        moments: set[datetime] = set()
        for entry in self.publications:
            moments.update(entry.seen_at())
        return tuple(sorted(moments))

    @cached_property
    def _entries_by_period(self) -> dict[int, _VisibleEntries]:
        return {}

    def _entries_at(self, at: datetime) -> _VisibleEntries:
        period = bisect_right(self._moments, at)
        entries = self._entries_by_period.get(period)
        if entries is None:
            entries = self._compute_entries(at)
            # Only the last period is kept: nearly every question is about now.
            self._entries_by_period.clear()
            self._entries_by_period[period] = entries
        return entries

    def _compute_entries(self, at: datetime) -> _VisibleEntries:
        visible = []
        mementos = []
        for entry in self.publications:
            if entry.is_visible(at):
                visible.append(entry)
            if entry.effective_from <= at and not entry.ended_at:
                mementos.append(entry)
        return _VisibleEntries(tuple(reversed(visible)), tuple(mementos))


def _effective_from(entry: PublishedEntry) -> datetime:
    return entry.effective_from


def _number(entry: PublishedEntry) -> int:
    return entry.number


def moment_text(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC: 2026-08-11T09:30:00Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def encode_index(index: Index) -> bytes:
    """Return an index as the bytes of its file."""
    value = {
        "schema": SCHEMA,
        "record": index.record,
        "revision": index.revision,
        "register": {"slug": index.slug},
        "head": index.head,
        "publications": [_entry_value(entry) for entry in index.publications],
    }
    # Plain JSON, not RFC 8785: nothing hashes an index, and the canonical form would take four
    # times as long at every approval.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _entry_value(entry: PublishedEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "approval_sha256": entry.approval_sha256,
        "event": entry.event,
        "title": entry.title,
        "language": entry.language,
        "publisher": entry.publisher,
        "contact": entry.contact,
        "licence": entry.licence,
        "source": entry.source,
        "effective_from": moment_text(entry.effective_from),
        "approved_at": moment_text(entry.approved_at),
        "announced": entry.announced,
        "withdrawn_at": moment_text(entry.withdrawn_at) if entry.withdrawn_at else None,
        "renews": entry.renews,
        "renewed_by": entry.renewed_by,
        "renewed_at": moment_text(entry.renewed_at) if entry.renewed_at else None,
        "grades": dict(entry.grades),
        "files": {
            name: {"sha256": file.sha256, "size": file.size} for name, file in entry.files.items()
        },
    }


def parse_index(content: bytes, slug: str) -> Index:
    """Return the index of a register from the bytes of its file; raises StoreFault."""
    try:
        value = json.loads(content, object_hook=_parse_object)
        if value["schema"] != SCHEMA or value["register"]["slug"] != slug:
            raise ValueError("it is the index of something else")
        head = value.get("head")
        return Index(
            record=value["record"],
            revision=value["revision"],
            **value["register"],
            publications=tuple(_checked_entries(value["publications"])),
            head=parse_head(head) if head else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreFault(
            f"The published index of {slug} cannot be read ({error}). Run restore_store."
        ) from error


def parse_head(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return number, hash and time of a head; raises KeyError, TypeError or ValueError."""
    return {"number": int(value["number"]), "hash": str(value["hash"]), "time": str(value["time"])}


def _parse_object(value: dict[str, Any]) -> Any:
    """Turn an object of the JSON into a StoredFile or PublishedEntry as soon as it is read.

    Holding ten thousand publications as dictionaries first would take three times the memory.
    """
    if value.keys() == {"sha256", "size"}:
        return StoredFile(**value)
    if "files" not in value:
        return value
    withdrawn_at, renewed_at = value["withdrawn_at"], value["renewed_at"]
    for name in value:
        if isinstance(value[name], str):
            # Nearly all publications of a register have the same publisher, contact and so on.
            value[name] = sys.intern(value[name])
    return PublishedEntry(
        **{
            **value,
            "effective_from": datetime.fromisoformat(value["effective_from"]),
            "approved_at": datetime.fromisoformat(value["approved_at"]),
            "withdrawn_at": datetime.fromisoformat(withdrawn_at) if withdrawn_at else None,
            "renewed_at": datetime.fromisoformat(renewed_at) if renewed_at else None,
        }
    )


def _checked_entries(values: list[Any]) -> Iterator[PublishedEntry]:
    for value in values:
        if not isinstance(value, PublishedEntry):
            raise ValueError("a publication has no files")
        yield value
