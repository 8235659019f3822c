"""How parts of a working copy stand to publications: edited, in review, scheduled or rejected."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from compliance.models import Publication, PublishedFile, Register, snapshots
from compliance.page.parts import Page, Part, changed_parts, listing_key
from compliance.publishing.candidate import frame_of
from compliance.publishing.comments import unfinished
from compliance.publishing.statuses import AHEAD, Status, with_statuses
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True, slots=True)
class PartState:
    """What is pending about a part of a page; `name` is what a person calls the part.

    `differs` if the working copy says something else than the page in force. `in_review` and
    `scheduled` are the publications that would change the part, the latter with `takes_effect_at`.
    `unfinished` are those that were rejected or called off, if the part differs still. `is_draft`
    if it differs and nothing in review or scheduled has it as the working copy does.
    """

    differs: bool
    in_review: tuple[Any, ...] = ()
    scheduled: tuple[Any, ...] = ()
    unfinished: tuple[Any, ...] = ()
    name: str = ""
    is_draft: bool = False

    @property
    def announced(self) -> tuple[Any, ...]:
        """The scheduled publications of which the public may see the page before."""
        return tuple(publication for publication in self.scheduled if publication.announce)


UNCHANGED = PartState(differs=False)


def combined(states: Iterable[PartState]) -> PartState:
    """Return what is pending about several parts as one."""
    found = list(states)
    return PartState(
        any(state.differs for state in found),
        _once(publication for state in found for publication in state.in_review),
        _once(publication for state in found for publication in state.scheduled),
        _once(publication for state in found for publication in state.unfinished),
    )


def _once(publications: Iterable[Publication]) -> tuple[Publication, ...]:
    return tuple({publication.pk: publication for publication in publications}.values())


def listing_state(states: dict[str, PartState], listing: Any) -> PartState:
    """Return the state of a listing among those of its register's parts."""
    return states.get(listing_key(str(listing.pk)), UNCHANGED)


def part_states(register: Register, *, at: datetime) -> dict[str, PartState]:
    """Return what is pending about the parts of a register, by key; the others are left out.

    The number of queries does not grow with parts or publications.
    """
    pending = list(
        with_statuses(register.publications.all(), at=at)
        .filter(status__in=[Status.IN_REVIEW, *AHEAD])
        .order_by("pk")
    )
    in_force = register.publications.in_force(at)
    ended = unfinished(register.publications.all())
    pages = _pages([*pending, *ended], in_force)
    working = Page(capture(register), frame_of(register))
    differing = changed_parts(pages[in_force.pk] if in_force else None, working)
    names = {part.key: part.name for part in differing}
    differing_keys = frozenset(names)
    in_review: defaultdict[str, list[Publication]] = defaultdict(list)
    scheduled: defaultdict[str, list[Publication]] = defaultdict(list)
    open_again: defaultdict[str, list[Publication]] = defaultdict(list)

    submitted: set[str] = set()

    def changed(publication: Publication) -> tuple[Part, ...]:
        before = pages[publication.base_id] if publication.base_id else None
        return changed_parts(before, pages[publication.pk])

    for publication in pending:
        by_part = scheduled if publication.status in AHEAD else in_review
        edited_since = {part.key for part in changed_parts(pages[publication.pk], working)}
        for part in changed(publication):
            names.setdefault(part.key, part.name)
            by_part[part.key].append(publication)
            if part.key not in edited_since:
                submitted.add(part.key)
    for publication in ended:
        for part in changed(publication):
            if part.key in differing_keys:
                open_again[part.key].append(publication)
    return {
        key: PartState(
            key in differing_keys,
            tuple(in_review.get(key, ())),
            tuple(scheduled.get(key, ())),
            tuple(open_again.get(key, ())),
            name,
            is_draft=key in differing_keys and key not in submitted,
        )
        for key, name in names.items()
    }


def _pages(publications: Collection[Publication], in_force: Publication | None) -> dict[int, Page]:
    """Return the pages of publications, of those before them and of the one in force, by key.

    It takes a query for the ones before them, and one for pages that are not remembered.
    """
    known = {publication.pk: publication for publication in publications}
    if in_force:
        known[in_force.pk] = in_force
    bases = {publication.base_id for publication in publications} - {None, *known}
    if bases:
        known |= Publication.objects.in_bulk(bases)
    unread = {
        publication.pk
        for publication in known.values()
        if not snapshots.remembered(publication.content_sha256)
    }
    files = PublishedFile.objects.filter(format="json", publication__in=unread)
    contents = dict(files.values_list("publication", "content")) if unread else {}
    for key, content in contents.items():
        publication = known[key]
        snapshots.published(
            publication.register_id, publication.content_sha256, partial(bytes, content)
        )
    return {key: publication.page() for key, publication in known.items()}
