"""Approve, reject or withdraw a publication: each act inserts a decision and changes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from compliance.models import Contribution, Decision, Publication, User
from compliance.models.changesets import take_editing_lock
from compliance.page import canonical
from compliance.published import store
from compliance.publishing import notifications
from compliance.publishing.afterwards import after_commit
from compliance.publishing.errors import NotAllowed, NotApprovable, NotRejectable, NotWithdrawable
from compliance.publishing.inserts import decide
from compliance.publishing.submit import reason_to_record

_APPROVE = "compliance.approve_publication"
_SUBMIT = "compliance.submit_publication"
# Longer than any act waits for the editing lock: SQLite gives up after 20 seconds.
_LONGEST_TURN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What approving a publication at a moment would do; `obstacle` says what stands in a person's way, if anything."""

    number: int
    effective_from: datetime
    overtakes: tuple[Publication, ...]
    obstacle: str


def outlook(publication: Publication, *, by: "User", at: datetime) -> Outlook:
    """Return what approving a publication would do, and why this person may not, if so; nothing is written."""
    of_register = publication.register.publications
    effective_from = of_register.earliest_effect(
        at=at, requested=publication.requested_effective_from
    )
    last = of_register.aggregate(last=Max("decisions__number"))["last"]
    return Outlook(
        number=(last or 0) + 1,
        effective_from=effective_from,
        overtakes=tuple(of_register.overtaken_at(effective_from)),
        obstacle=obstacles([publication], by=by)[publication]
        or _obstacle_to_approval(publication, at, effective_from),
    )


def obstacles(publications: Collection[Publication], *, by: "User") -> dict[Publication, str]:
    """Return why this person may not decide each publication, empty where they may, in one query for all of them."""
    if not by.has_perm(_APPROVE):
        return dict.fromkeys(
            publications, f"{by.get_username()} may not approve publications. Ask an approver."
        )
    own = Contribution.objects.filter(publication__in=publications, changeset__by=by)
    edited = set(own.values_list("publication_id", flat=True))
    return {
        each: _obstacle_of_person(each, by, has_edited=each.pk in edited) for each in publications
    }


@transaction.atomic
def approve(
    publication: Publication,
    *,
    by: "User",
    at: datetime,
    content_sha256: str,
    overtaking: Collection[int] | None = None,
) -> Publication:
    """Make public exactly the bytes of which the approver saw the hash, and return the publication with its number.

    A waiting publication that it overtakes is withdrawn in the same act; `overtaking` are the numbers of those that
    the approver was told of, None where nobody is asked. Raises NotAllowed; NotApprovable for their own submission or
    edits, another hash, a page in force that is no longer the one it was compared with, another one overtaken, or a
    published store that cannot be written.
    """
    if not by.has_perm(_APPROVE):
        raise NotAllowed(f"{by.get_username()} may not approve publications. Ask an approver.")
    take_editing_lock()
    at = _recorded_at(publication, at)
    expected = outlook(publication, by=by, at=at)
    if expected.obstacle:
        raise NotApprovable(expected.obstacle)
    if unseen := [
        each
        for each in expected.overtakes
        if overtaking is not None and each.number not in overtaking
    ]:
        raise NotApprovable(
            f"It would now also overtake {unseen[0]}, which waits. Look at it again, and approve then."
        )
    files = _frozen_files(publication, content_sha256)
    for overtaken in expected.overtakes:
        reason = f"Overtaken by publication {expected.number}."
        decide(
            overtaken, Decision.Kind.WITHDRAWN, at=at, by=by, label=by.get_username(), reason=reason
        )
    decide(
        publication,
        Decision.Kind.APPROVED,
        at=at,
        by=by,
        label=by.get_username(),
        content_sha256=content_sha256,
        number=expected.number,
        effective_from=expected.effective_from,
    )
    _write_files(publication, expected.number, files)
    _publish(publication, *expected.overtakes)
    return publication


@transaction.atomic
def reject(publication: Publication, *, by: "User", at: datetime, reason: str) -> Publication:
    """Refuse a publication in review for good, and return it; raises NotRejectable, NotAllowed."""
    if not by.has_perm(_APPROVE):
        raise NotAllowed(f"{by.get_username()} may not reject publications. Ask an approver.")
    said = reason_to_record(reason)
    take_editing_lock()
    at = _recorded_at(publication, at)
    if publication.state != Publication.State.IN_REVIEW:
        raise NotRejectable(
            f"{publication} is {publication.state.label.lower()}. Only one in review can be rejected."
        )
    if at < _last_recorded(publication):
        raise NotRejectable(_too_early(publication))
    decide(publication, Decision.Kind.REJECTED, at=at, by=by, label=by.get_username(), reason=said)
    after_commit(notifications.decided, publication)
    return publication


@transaction.atomic
def withdraw(publication: Publication, *, by: "User", at: datetime, reason: str) -> Publication:
    """Take a publication back for good, and return it; raises NotWithdrawable, NotAllowed.

    One in review is withdrawn by whoever may submit; an approved one by whoever may approve, and the one before it is
    in force again.
    """
    said = reason_to_record(reason)
    take_editing_lock()
    state = publication.state
    permission = _SUBMIT if state == Publication.State.IN_REVIEW else _APPROVE
    if not by.has_perm(permission):
        raise NotAllowed(f"{by.get_username()} may not withdraw {publication}. Ask an approver.")
    if state not in (Publication.State.IN_REVIEW, Publication.State.APPROVED):
        raise NotWithdrawable(
            f"{publication} is {state.label.lower()}. There is nothing to withdraw."
        )
    at = _recorded_at(publication, at)
    if at < _last_recorded(publication):
        raise NotWithdrawable(_too_early(publication))
    decide(publication, Decision.Kind.WITHDRAWN, at=at, by=by, label=by.get_username(), reason=said)
    _publish(publication)
    return publication


def _obstacle_of_person(publication: Publication, by: "User", *, has_edited: bool) -> str:
    if publication.submitted_by_id == by.pk:
        return "You submitted it. Another approver decides."
    if has_edited:
        return "Edits of yours are in it. Another approver decides."
    return ""


def _obstacle_to_approval(publication: Publication, at: datetime, effective_from: datetime) -> str:
    if publication.state != Publication.State.IN_REVIEW:
        return f"{publication} is {publication.state.label.lower()}. Only one in review can be approved."
    if at < _last_recorded(publication):
        return _too_early(publication)
    if publication.register.publications.followed_at(effective_from) != publication.base:
        return "Another page is in force by then than the one it was compared with. Withdraw it and submit it anew."
    return ""


def _recorded_at(publication: Publication, at: datetime) -> datetime:
    """Return when an act is recorded: the clock was read before it waited for its turn, so never before the last one.

    Where that is further off than any turn takes, or before the submission that is decided, the clock is wrong, and
    the moment is left for the act to refuse.
    """
    last = _last_recorded(publication)
    return last if publication.submitted_at <= at < last <= at + _LONGEST_TURN else at


def _last_recorded(publication: Publication) -> datetime:
    """Return the moment before which nothing can be decided of a publication."""
    native = publication.register.decisions.filter(publication__source=Publication.Source.NATIVE)
    last: datetime | None = native.aggregate(last=Max("at"))["last"]
    return max(publication.submitted_at, last or publication.submitted_at)


def _too_early(publication: Publication) -> str:
    return f"The clock reads a time before what was recorded of {publication.register}. Set the server's clock."


def _frozen_files(publication: Publication, content_sha256: str) -> Mapping[str, bytes]:
    """Return the frozen artefacts; raises NotApprovable where they are not those of the hash that was seen.

    The hash seen is that of the JSON; each of the others is held to the one that was frozen beside it.
    """
    frozen = list(publication.files.all())
    files = {file.format: bytes(file.content) for file in frozen}
    hashes = {format: canonical.sha256(content) for format, content in files.items()}
    if not content_sha256 == publication.content_sha256 == hashes.get("json"):
        raise NotApprovable(
            "The hash is not that of this publication. Open it again, and approve what you see there."
        )
    if altered := [file.format for file in frozen if file.sha256 != hashes[file.format]]:
        raise NotApprovable(
            f"The frozen {altered[0]} file was altered. Withdraw the publication, and run verify."
        )
    return files


def _write_files(publication: Publication, number: int, files: Mapping[str, bytes]) -> None:
    """Write the files before the approval is committed; raises NotApprovable where the store takes none."""
    try:
        store.write_files(publication.register.slug, number, files)
    except (store.StoreFault, OSError) as fault:
        said = str(fault) if isinstance(fault, store.StoreFault) else f"{fault.strerror}."
        raise NotApprovable(
            f"Nothing was approved: the published store cannot be written. {said}"
        ) from fault


def _publish(*publications: Publication) -> None:
    """Write the index and tell the submitters once the decisions are committed; neither failing undoes them."""
    after_commit(store.write_index, publications[0].register)
    for publication in publications:
        after_commit(notifications.decided, publication)
