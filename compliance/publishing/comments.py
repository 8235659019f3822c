"""Comments on publications: what people say to each other about one. Never public.

A comment is inserted and never changed, and sealed in the ledger like a decision.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from compliance.models import (
    Contribution,
    Decision,
    LedgerEntry,
    Publication,
    ReviewComment,
    User,
    ledger,
)
from compliance.models.changesets import MAX_REASON_LENGTH, take_editing_lock
from compliance.models.publications import ENDED
from compliance.page import selection
from compliance.page import text as texts
from compliance.page.parts import changed_parts, listing_key
from compliance.publishing import notifications
from compliance.publishing.errors import NotAllowed, NotCommentable, NotPublishable
from compliance.publishing.people import APPROVE, SUBMIT, acting_person
from compliance.publishing.returns import has_content_of

Kind = ReviewComment.Kind
# The states of a publication that will not take effect, or not any more.
_OVER = (
    Publication.State.REJECTED,
    Publication.State.WITHDRAWN,
    Publication.State.RENEWED,
)


@transaction.atomic
def comment(
    publication: Publication,
    *,
    by: User,
    at: datetime,
    text: str,
    listing: UUID | str | None = None,
) -> ReviewComment:
    """Record what somebody says about a publication, or about one row of it, and return it.

    The submitter and those who commented before are told by mail. Raises NotAllowed if `by` may
    neither submit nor approve, NotCommentable for a text that cannot be recorded or a row that
    neither the publication nor the page before has. Once it was rejected, withdrawn or renewed, a
    row has to be one that it changed.
    """
    by = _commenter(by)
    return _record(publication, Kind.COMMENT, by=by, at=at, text=text, listing=listing)


@transaction.atomic
def ask_for_change(
    publication: Publication,
    *,
    by: User,
    at: datetime,
    text: str,
    listing: UUID | str | None = None,
) -> ReviewComment:
    """Ask the submitter to change a publication in review, and return the recorded comment.

    It stays in review. Raises what `comment` raises, and NotCommentable if it is decided already
    or is the person's own.
    """
    by = _commenter(by)
    if publication.state != Publication.State.IN_REVIEW:
        raise NotCommentable(
            f"{publication} is decided. Ask for a change only while it is in review."
        )
    if publication.submitted_by_id == by.pk:
        raise NotCommentable("You submitted it. Withdraw it, change it and submit it again.")
    return _record(publication, Kind.CHANGE_ASKED, by=by, at=at, text=text, listing=listing)


@transaction.atomic
def drop(publication: Publication, *, by: User, at: datetime, text: str) -> ReviewComment:
    """Record that what was rejected or called off is not submitted again; return the comment.

    It leaves the submitter's desk by it. Raises what `comment` raises, and NotCommentable if it
    does not wait for that.
    """
    by = _commenter(by)
    if not unfinished(Publication.objects.filter(pk=publication.pk)):
        raise NotCommentable(f"{publication} does not wait for being submitted again.")
    return _record(publication, Kind.DROPPED, by=by, at=at, text=text, listing=None)


def unfinished(publications: QuerySet[Publication]) -> list[Publication]:
    """Return those that were rejected or called off, and neither submitted again nor dropped.

    Called off is what was withdrawn before it took effect. It is submitted again once a publication
    says all that it said. Where the page before it said that already when it was called off,
    nothing was left to submit. What was rejected has to be changed: it is submitted again by one
    that changes the same parts, and has all edits that were in it. Both count only if they were
    submitted after it ended, and not rejected or withdrawn themselves.
    """
    called_off = Q(
        kind=Decision.Kind.WITHDRAWN, at__lt=Subquery(_approval().values("effective_from"))
    )
    ended = Decision.objects.filter(Q(kind=Decision.Kind.REJECTED) | called_off)
    of_publication = ended.filter(publication=OuterRef("pk"))
    candidates = list(
        publications.filter(pk__in=ended.values("publication"))
        .exclude(comments__kind=Kind.DROPPED)
        .select_related("register", "submitted_by")
        .annotate(
            ended_at=Subquery(of_publication.values("at")[:1]),
            ended_by=Subquery(of_publication.values("kind")[:1]),
        )
        .annotate(stood_before=Subquery(_stood_before().values("publication__uuid")[:1]))
    )
    return _without_resubmitted(
        [publication for publication in candidates if not _was_fulfilled(publication)]
    )


def _stood_before() -> QuerySet[Decision]:
    """Return the approvals of the pages before a publication when it ended, the latest first."""
    has_ended = Exists(
        Decision.objects.filter(
            publication=OuterRef("publication"),
            kind__in=ENDED,
            at__lte=OuterRef(OuterRef("ended_at")),
        )
    )
    moment = Decision.objects.filter(
        publication=OuterRef(OuterRef("pk")), kind=Decision.Kind.APPROVED
    )
    return Decision.objects.filter(
        ~has_ended,
        register=OuterRef("register"),
        kind=Decision.Kind.APPROVED,
        at__lte=OuterRef("ended_at"),
        effective_from__lt=Subquery(moment.values("effective_from")[:1]),
    ).order_by("-number")


def _was_fulfilled(publication: Any) -> bool:
    """Return whether nothing was left of a publication that was called off."""
    if publication.ended_by != Decision.Kind.WITHDRAWN or publication.stood_before is None:
        return False
    return _says_all(publication.stood_before, publication.uuid)


def _approval() -> QuerySet[Decision]:
    """Return the approval of the publication of an outer query's decision."""
    return Decision.objects.filter(publication=OuterRef("publication"), kind=Decision.Kind.APPROVED)


def _without_resubmitted(candidates: Collection[Any]) -> list[Publication]:
    """Return the publications that none brings again which stands or waits.

    They have `ended_at` and `ended_by`, the moment and kind of the decision that ended them.
    """
    if not candidates:
        return []
    later = list(
        Publication.objects.filter(
            register__in={publication.register_id for publication in candidates},
            submitted_at__gt=min(publication.ended_at for publication in candidates),
        )
        .exclude(decisions__kind__in=[Decision.Kind.REJECTED, Decision.Kind.WITHDRAWN])
        .order_by("-pk")
    )
    edits = _edits(publication.pk for publication in [*candidates, *later])

    def is_submitted_again(publication: Any) -> bool:
        submitted_since = (
            other
            for other in later
            if other.register_id == publication.register_id
            and other.submitted_at > publication.ended_at
        )
        if publication.ended_by == Decision.Kind.WITHDRAWN:
            return any(_brings_again(other.uuid, publication.uuid) for other in submitted_since)
        own = edits.get(publication.pk, set())
        return any(
            own <= edits.get(other.pk, set()) and _changes_the_same(other.uuid, publication.uuid)
            for other in submitted_since
        )

    return [publication for publication in candidates if not is_submitted_again(publication)]


# Publications never change, so it is asked once what two of them have in common. By their UUIDs:
# another database may have other publications under the same keys.
@lru_cache(maxsize=1024)
def _says_all(page: UUID, scheduled: UUID) -> bool:
    """Return whether a page says all that a publication would change."""
    by_uuid = _publications(page, scheduled)
    base = by_uuid[scheduled].base
    origin = base.page() if base else None
    return selection.says_all(by_uuid[page].page(), origin, by_uuid[scheduled].page())


@lru_cache(maxsize=1024)
def _brings_again(later: UUID, earlier: UUID) -> bool:
    """Return whether a publication says all that an earlier one added to the page before it.

    Other cells of the same rows may have changed since, and so may the names of providers.
    """
    by_uuid = _publications(later, earlier)
    return has_content_of(by_uuid[later], by_uuid[earlier]) or _says_all(later, earlier)


@lru_cache(maxsize=1024)
def _changes_the_same(later: UUID, earlier: UUID) -> bool:
    """Return whether a publication changes all parts that an earlier one changed."""
    by_uuid = _publications(later, earlier)
    return _parts(by_uuid[earlier]) <= _parts(by_uuid[later])


def _publications(*uuids: UUID) -> dict[UUID, Publication]:
    found = Publication.objects.filter(uuid__in=uuids).select_related("base")
    return {publication.uuid: publication for publication in found}


def _parts(publication: Publication) -> set[str]:
    """Return the keys of the parts that a publication changes."""
    before = publication.base.page() if publication.base else None
    return {part.key for part in changed_parts(before, publication.page())}


def _edits(publications: Iterable[int]) -> dict[int, set[int]]:
    """Return the changesets whose edits are in each publication, by keys."""
    edits: dict[int, set[int]] = {}
    added = Contribution.objects.adding().filter(publication__in=list(publications))
    for publication, changeset in added.values_list("publication", "changeset"):
        edits.setdefault(publication, set()).add(changeset)
    return edits


def _commenter(by: User) -> User:
    """Take the editing lock, and return the person as they are now.

    Raises NotAllowed if they may neither submit nor approve.
    """
    take_editing_lock()
    person = acting_person(by)
    if not (person.has_perm(SUBMIT) or person.has_perm(APPROVE)):
        raise NotAllowed(
            f"{person.get_username()} may not comment on publications. Ask an editor or approver."
        )
    return person


def _record(
    publication: Publication,
    kind: ReviewComment.Kind,
    *,
    by: User,
    at: datetime,
    text: str,
    listing: UUID | str | None,
) -> ReviewComment:
    """Insert a comment, seal it in the ledger and mail whom it concerns."""
    if listing is not None:
        _refuse_stray_row(publication, str(listing))
    at = ledger.not_before_last(at)
    recorded = ReviewComment.objects.create(
        publication=publication,
        kind=kind,
        listing=listing,
        text=_text_to_record(text),
        at=at,
        by=by,
        label=by.get_username(),
    )
    try:
        ledger.seal(LedgerEntry.Kind.COMMENT, [(ReviewComment, recorded.pk)], at=at)
    except ledger.ClockBehind as fault:
        raise NotPublishable(" ".join(fault.messages)) from fault
    transaction.on_commit(lambda: notifications.commented(recorded), robust=True)
    return recorded


def _refuse_stray_row(publication: Publication, listing: str) -> None:
    """Raise NotCommentable for a row that a comment on a publication cannot be about.

    Why a row was left as it was can be asked only as long as that matters.
    """
    if listing not in _listings(publication):
        raise NotCommentable("This row is neither in the publication nor on the page before it.")
    if publication.state in _OVER and listing_key(listing) not in _parts(publication):
        raise NotCommentable(
            f"{publication} did not change this row, and is over. "
            "Comment on a row that it changed, or on all of it."
        )


def _text_to_record(text: str) -> str:
    """Return a comment without surrounding blanks; raises NotCommentable if it is refused."""
    stripped = text.replace("\r\n", "\n").strip()
    if not stripped:
        raise NotCommentable("The comment is empty. Write what you want to say.")
    if fault := texts.fault(stripped, multiline=True):
        raise NotCommentable(f"The comment cannot be recorded. {fault}")
    if len(stripped) > MAX_REASON_LENGTH:
        raise NotCommentable(
            f"The comment has {len(stripped):,} characters. Write at most {MAX_REASON_LENGTH:,}."
        )
    return stripped


def _listings(publication: Publication) -> set[str]:
    """Return the ids of the rows of a publication and of the page before it."""
    pages = [publication, publication.base] if publication.base else [publication]
    listings = set()
    for page in pages:
        sections = json.loads(page.content("json"))["sections"]
        listings |= {row["id"] for section in sections for row in section.get("listings", [])}
    return listings
