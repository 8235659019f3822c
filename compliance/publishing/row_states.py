"""How rows of the working copy stand to publications: edited, in review, scheduled or rejected."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance.models import Publication, PublishedFile, Register
from compliance.page.parts import Page, changed_listings
from compliance.page.snapshot import Snapshot
from compliance.publishing.comments import unfinished
from compliance.publishing.statuses import AHEAD, Status, with_statuses
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True, slots=True)
class RowState:
    """What is pending about a row.

    `differs` if the working copy says something else than the page in force. `in_review` and
    `scheduled` are the publications that would change the row, the latter with `takes_effect_at`.
    `unfinished` are those that were rejected or called off, if the row differs still.
    """

    differs: bool
    in_review: tuple[Any, ...] = ()
    scheduled: tuple[Any, ...] = ()
    unfinished: tuple[Any, ...] = ()

    @property
    def announced(self) -> tuple[Any, ...]:
        """The scheduled publications of which the public may see the page before."""
        return tuple(publication for publication in self.scheduled if publication.announce)


UNCHANGED = RowState(differs=False)


def row_states(register: Register, *, at: datetime) -> dict[str, RowState]:
    """Return what is pending about the rows of a register, by id; the others are left out.

    The number of queries does not grow with rows or publications.
    """
    pending = list(
        with_statuses(register.publications.all(), at=at)
        .filter(status__in=[Status.IN_REVIEW, *AHEAD])
        .order_by("pk")
    )
    in_force = register.publications.in_force(at)
    ended = unfinished(register.publications.all())
    wanted = {publication.pk for publication in [*pending, *ended]}
    wanted |= {publication.base_id for publication in [*pending, *ended] if publication.base_id}
    pages = _pages(wanted | ({in_force.pk} if in_force else set()))
    differing = set(
        changed_listings(pages[in_force.pk] if in_force else None, _page(capture(register)))
    )
    in_review: defaultdict[str, list[Publication]] = defaultdict(list)
    scheduled: defaultdict[str, list[Publication]] = defaultdict(list)
    open_again: defaultdict[str, list[Publication]] = defaultdict(list)

    def changed(publication: Publication) -> list[str]:
        before = pages[publication.base_id] if publication.base_id else None
        return changed_listings(before, pages[publication.pk])

    for publication in pending:
        by_row = scheduled if publication.status in AHEAD else in_review
        for row in changed(publication):
            by_row[row].append(publication)
    for publication in ended:
        for row in differing.intersection(changed(publication)):
            open_again[row].append(publication)
    return {
        row: RowState(
            row in differing,
            tuple(in_review.get(row, ())),
            tuple(scheduled.get(row, ())),
            tuple(open_again.get(row, ())),
        )
        for row in differing | in_review.keys() | scheduled.keys()
    }


def _pages(publications: Collection[int]) -> dict[int, Page]:
    """Return the pages of publications by their keys, in one query."""
    files = PublishedFile.objects.filter(format="json", publication__in=publications)
    return {
        key: _page(Snapshot.from_dict(json.loads(bytes(content))))
        for key, content in files.values_list("publication", "content")
    }


def _page(snapshot: Snapshot) -> Page:
    """Return a page without its frame, in which no row stands."""
    return Page(snapshot, {})
