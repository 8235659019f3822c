"""Which changesets are behind content that comes back: by a revert, or by a withdrawal.

Whoever made one of them may not approve the revert, or may not withdraw (ADR 0006). Calling a
scheduled publication off withdraws it.
"""

import json
from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from compliance.models import Changeset, Contribution, Publication, User
from compliance.models.publications import FRAME
from compliance.page.diff.content import ContentItem, new_content

# A part of a page: its kind and its id, such as ("listings", "7f0c…").
_Part = tuple[Hashable, Hashable]
# The footnotes with their numbers.
_MARKS: _Part = ("marks", "")


def returning(earlier: Publication, base: Publication | None) -> QuerySet[Changeset]:
    """Return the changesets behind all that would return if `earlier` followed `base`.

    So nobody decides that their own text comes back, nor that a text which they once removed is
    gone again.
    """
    content = _AddedContent()
    wanted = content.of(earlier, base)
    changesets: set[int] = set()
    for publication in _with_predecessors(earlier):
        if not wanted:
            break
        if not content.may_add(publication, publication.base, wanted):
            continue
        added = content.of(publication, publication.base)
        if added & wanted:
            contributions = publication.contributions.adding()
            changesets |= set(contributions.values_list("changeset", flat=True))
        # An order may come from several publications, one after the other.
        wanted -= {item for item in added if item[0] != "order"}
    return Changeset.objects.filter(pk__in=changesets)


def returning_by_withdrawal(publication: Publication, *, at: datetime) -> QuerySet[Changeset]:
    """Return the changesets behind all that would return if a publication was withdrawn now."""
    successor = shown_instead(publication, at=at)
    return returning(successor, publication) if successor else Changeset.objects.none()


def returns_edits_of(person: User, publication: Publication, *, at: datetime) -> bool:
    """Return whether edits of a person would come back if a publication was withdrawn now."""
    successor = shown_instead(publication, at=at)
    return successor is not None and has_edits_returning(person, successor, publication)


def has_edits_returning(person: User, successor: Publication, publication: Publication) -> bool:
    """Return whether edits of a person would return if `successor` came in place of another."""
    # Most approvers never edited. They need not wait until all earlier pages are compared.
    own = Contribution.objects.adding().filter(
        publication__register=publication.register_id, changeset__by=person
    )
    return own.exists() and returning(successor, publication).filter(by=person).exists()


def has_content_of(later: Publication, earlier: Publication) -> bool:
    """Return whether a publication says all that an earlier one added to the page before it."""
    content = _AddedContent()
    return content.of(earlier, earlier.base).isdisjoint(content.of(earlier, later))


def shown_instead(publication: Publication, *, at: datetime) -> Publication | None:
    """Return what readers would see in place of a publication if it was withdrawn now.

    None if nothing changes for them, because a later publication is in force, and None if no page
    would be left.
    """
    publications, effective_from = publication.register.publications, publication.effective_from
    if effective_from is None:
        return None
    if effective_from <= at and publications.in_force(at) != publication:
        return None
    # Of a scheduled publication it is the page that stays when the scheduled one does not come.
    return publications.followed_at(effective_from)


def _with_predecessors(publication: Publication) -> Iterator[Publication]:
    """Yield a publication, then the one that it was compared with, and so on."""
    current: Publication | None = publication
    while current:
        yield current
        current = current.base


class _AddedContent:
    """The content that publications add, each to the one before. It reads each page once."""

    def __init__(self) -> None:
        # Each page is compared with the one before and the one after it, and not needed again.
        self._snapshot = lru_cache(maxsize=2)(Publication.snapshot)
        self._parts = lru_cache(maxsize=2)(_parts)

    def of(self, after: Publication, before: Publication | None) -> set[ContentItem]:
        """Return the content that `after` adds to `before`, frame fields included."""
        frame: set[ContentItem] = {
            ("frame", name, getattr(after, name))
            for name in FRAME
            if getattr(before, name, "") != getattr(after, name)
        }
        # Equal bytes add nothing, and of many publications only the frame differs.
        if before and before.content_sha256 == after.content_sha256:
            return frame
        return frame | new_content(
            self._snapshot(before) if before else None, self._snapshot(after)
        )

    def may_add(
        self, after: Publication, before: Publication | None, wanted: set[ContentItem]
    ) -> bool:
        """Return False where `after` cannot add any of some content to `before`.

        A register has hundreds of publications, most of which are about other rows. This compares
        their JSON, which takes a tenth of the time of comparing their snapshots.
        """
        kinds = {_path(item)[0] for item in wanted}
        if before is None or kinds & {"order", "frame"}:
            return True
        old, new = self._parts(before), self._parts(after)
        places = {_part(item) for item in wanted} | {_MARKS}
        return any(old.get(place) != new.get(place) for place in places)


def _path(item: ContentItem) -> ContentItem:
    """Return the path to a value, also to one that is gone."""
    return item[1:] if item[0] == "gone" else item


def _part(item: ContentItem) -> _Part:
    """Return the part of a page that a value belongs to: its kind and its id."""
    path = _path(item)
    return (path[0], "") if path[0] == "register" else (path[0], path[1])


def _parts(publication: Publication) -> Mapping[_Part, Any]:
    """Return the parts of a publication's JSON, a listing with the id of its section."""
    page = json.loads(publication.content("json"))
    parts: dict[_Part, Any] = {("register", ""): page["register"]}
    for kind in ("models", "providers", "footnotes"):
        parts.update({(kind, entry["id"]): entry for entry in page[kind]})
    # A mark is a number in the JSON, and a footnote's id among the content.
    parts[_MARKS] = [(note["id"], note["number"]) for note in page["footnotes"]]
    for section in page["sections"]:
        listings = section.pop("listings", [])
        parts["sections", section["id"]] = section
        for listing in listings:
            parts["listings", listing["id"]] = (section["id"], listing)
    return parts
