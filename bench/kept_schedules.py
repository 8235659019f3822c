"""What became of announced publications that clients scheduled: none may get lost.

Each is still scheduled, came into force at its moment, or was called off and the public log says
so. Before that it may have been carried over others, as often as they came before it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from compliance.published.index import Index, PublishedEntry

# Of two pages for the same moment, the second is in force a microsecond later.
_SAME_MOMENT = timedelta(seconds=1)


class Schedule(NamedTuple):
    """An acknowledged approval of an announced publication for a later moment, and its text."""

    slug: str
    publication: int
    text: str
    moment: datetime


class ScheduleLostError(Exception):
    """An announced publication ended, or changed, and the public was not told."""


@dataclass(frozen=True)
class Fate:
    """What became of a schedule: scheduled, in force or called off, and how often carried over."""

    state: str
    times_carried: int


def fate(schedule: Schedule) -> Fate:
    """Return what became of a schedule. Raises ScheduleLostError."""
    from compliance.models import Decision
    from compliance.published import reader
    from compliance.published.errors import StoreFault

    index = reader.read_index(schedule.slug)
    approved = Decision.objects.filter(kind=Decision.Kind.APPROVED)
    approval = approved.filter(publication=schedule.publication).first()
    if approval is None or index is None or index.entry(approval.number) is None:
        raise ScheduleLostError(f"{schedule} is not approved, or not in the store.")
    entry, times_carried = _last_renewal(index, approval.number)
    if entry.ended_at:
        if not _is_told(schedule.slug, entry.number):
            raise ScheduleLostError(f"The public log does not say that {schedule} was called off.")
        return Fate("called off", times_carried)
    try:
        content = reader.read_file(index, entry, "json")
    except StoreFault as fault:
        raise ScheduleLostError(f"{schedule}: {fault}") from fault
    if schedule.text.encode() not in content:
        raise ScheduleLostError(f"Publication {entry.number} lost the text of {schedule}.")
    late = entry.effective_from - max(schedule.moment, approval.at)
    if not entry.announced or not timedelta() <= late < _SAME_MOMENT:
        raise ScheduleLostError(f"Publication {entry.number} lost the moment of {schedule}.")
    if index.in_force(entry.effective_from) != entry:
        raise ScheduleLostError(f"Publication {entry.number}, {schedule}, is not in force then.")
    is_past = entry.effective_from <= datetime.now(UTC)
    return Fate("in force" if is_past else "scheduled", times_carried)


def lost_schedules(schedules: Iterable[Schedule]) -> list[str]:
    """Return a sentence for each schedule that got lost."""
    lost = []
    for schedule in schedules:
        try:
            fate(schedule)
        except ScheduleLostError as loss:
            lost.append(str(loss))
    return lost


def _last_renewal(index: "Index", number: int) -> tuple["PublishedEntry", int]:
    """Return what carries on a publication, and how often it was carried over."""
    entry, times_carried = index.entry(number), 0
    assert entry
    while entry.renewed_by:
        renewal = index.entry(entry.renewed_by)
        if renewal is None or renewal.renews != entry.number:
            raise ScheduleLostError(f"Publication {entry.number} was carried over into nothing.")
        entry, times_carried = renewal, times_carried + 1
    return entry, times_carried


def _is_told(slug: str, number: int) -> bool:
    """Return whether the public log says that a publication does not come."""
    from compliance.models import PublicEvent

    leaves = map(json.loads, PublicEvent.objects.values_list("leaf", flat=True))
    return any(
        (leaf["register"], leaf["number"], leaf["event"]) == (slug, number, "called_off")
        for leaf in leaves
    )
