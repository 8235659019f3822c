"""Approve, reject or withdraw a publication. Each inserts a decision; no row is ever changed."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.db.models import Max

from compliance.accounts.passkeys import PasskeyAssertion
from compliance.models import Contribution, Decision, Publication, PublishedFile, User, ledger
from compliance.models.carrying import (
    CarriedOver,
    carried_by_approval,
    carried_by_withdrawal,
    carried_values,
)
from compliance.models.changesets import take_editing_lock
from compliance.page import canonical
from compliance.page.formats import FormatFault
from compliance.page.snapshot import Snapshot
from compliance.published import writer
from compliance.published.errors import StoreFault
from compliance.publishing import notifications, signatures
from compliance.publishing.announcements import obstacle_to_announcing
from compliance.publishing.carry import approve_carried, end_scheduled, freeze_carried
from compliance.publishing.errors import (
    NotAllowed,
    NotApprovable,
    NotPublishable,
    NotRejectable,
    NotWithdrawable,
)
from compliance.publishing.inserts import decide
from compliance.publishing.people import APPROVE, SUBMIT, acting_person, approvers_besides
from compliance.publishing.returns import (
    has_edits_returning,
    returning_by_withdrawal,
    returns_edits_of,
    shown_instead,
)
from compliance.publishing.submit import reason_to_record
from compliance.rendering.html import artefacts

# How long one caller may have waited for the editing lock: SQLite gives up after 20 seconds.
_LONGEST_TURN = timedelta(seconds=30)
_OTHER_HASH = (
    "The hash is not that of this publication. Open it again, and decide about what you see there."
)
_OWN_EDITS_RETURN = "Edits of yours would come back. Another approver withdraws it."


@dataclass(frozen=True, slots=True)
class Outlook:
    """What approving a publication would do; `obstacle` says why a person may not.

    `carried` are the scheduled publications that it overtakes, with what becomes of each. The
    approval names `approval_sha256`.
    """

    number: int
    effective_from: datetime
    carried: tuple[CarriedOver, ...]
    approval_sha256: str
    obstacle: str

    @property
    def overtakes(self) -> tuple[Publication, ...]:
        """The scheduled publications that it comes before."""
        return tuple(outcome.scheduled for outcome in self.carried)


@dataclass(frozen=True, slots=True)
class WithdrawalOutlook:
    """What withdrawing a publication would do; `obstacle` says why a person may not.

    `carried` are the scheduled publications that stand on it, with what becomes of each. The
    withdrawal names `withdrawal_sha256`.
    """

    carried: tuple[CarriedOver, ...]
    withdrawal_sha256: str
    obstacle: str


def outlook(
    publication: Publication, *, by: "User", at: datetime, calling_off: Collection[int] = ()
) -> Outlook:
    """Return what approving a publication would do. Writes nothing.

    `calling_off` holds the numbers of scheduled publications that are not to be carried over. The
    first time it renders the page, to compare the frozen files with it.
    """
    # Read anew: who has the publication may have its files without their content.
    frozen = list(PublishedFile.objects.filter(publication=publication))
    return _outlook(publication, frozen, by=by, at=at, calling_off=calling_off)


def _outlook(
    publication: Publication,
    frozen: Collection[PublishedFile],
    *,
    by: "User",
    at: datetime,
    calling_off: Collection[int],
) -> Outlook:
    """Return what approving a publication with these frozen files would do."""
    of_register = publication.register.publications
    at = _recorded_at(at)
    effective_from = of_register.earliest_effect(
        at=at, requested=publication.requested_effective_from
    )
    last = of_register.aggregate(last=Max("decisions__number"))["last"]
    obstacle = _obstacle_to_approval(publication, at, effective_from)
    # What was compared with another page overtakes nothing before it is brought up to date.
    carried = () if obstacle else carried_by_approval(publication, calling_off=calling_off)
    return Outlook(
        number=(last or 0) + 1,
        effective_from=effective_from,
        carried=carried,
        approval_sha256=publication.decided_sha256("approve", carried=carried_values(carried)),
        obstacle=obstacles([publication], by=by)[publication]
        or obstacle
        or _obstacle_to_announcement(publication, carried, at)
        or _obstacle_to_carrying(publication, carried, by)
        or _obstacle_to_calling_off(publication, carried, by)
        or _file_fault(publication, frozen),
    )


def withdrawal_outlook(
    publication: Publication, *, by: "User", at: datetime, calling_off: Collection[int] = ()
) -> WithdrawalOutlook:
    """Return what withdrawing an approved publication would do. Writes nothing.

    `calling_off` holds the numbers of scheduled publications that are not to be carried over.
    """
    carried = carried_by_withdrawal(publication, at=at, calling_off=calling_off)
    returns = returns_edits_of(by, publication, at=at)
    onto = shown_instead(publication, at=at) if carried else None
    return WithdrawalOutlook(
        carried=carried,
        withdrawal_sha256=publication.decided_sha256("withdraw", carried=carried_values(carried)),
        obstacle=(_OWN_EDITS_RETURN if returns else "")
        or _obstacle_to_carrying(publication, carried, by)
        or (_obstacle_to_calling_off(onto, carried, by) if onto else ""),
    )


def obstacles(publications: Collection[Publication], *, by: "User") -> dict[Publication, str]:
    """Return why a person may not decide each publication, "" where they may.

    Takes one query, and two more where approvals have to be signed.
    """
    if not by.has_perm(APPROVE):
        return dict.fromkeys(
            publications, f"{by.get_username()} may not approve publications. Ask an approver."
        )
    # Superusers have every permission, but nobody approves their own edits.
    added = Contribution.objects.adding()
    own = added.filter(publication__in=publications, changeset__by=by)
    edited = set(own.values_list("publication_id", flat=True))
    unsigned = signatures.obstacle(by)
    return {
        publication: _obstacle_of_person(publication, by, has_edited=publication.pk in edited)
        or unsigned
        for publication in publications
    }


@transaction.atomic
def approve(
    publication: Publication,
    *,
    by: "User",
    at: datetime,
    approval_sha256: str,
    calling_off: Collection[int] = (),
    overtaking: Collection[int] | None = None,
    assertion: PasskeyAssertion | None = None,
) -> Publication:
    """Make public exactly what the approver saw, and return the publication.

    `approval_sha256` is the hash of all that they were shown (`Outlook.approval_sha256`).
    `assertion` is their signature of it, which an approver with a passkey has to give.

    Scheduled publications that it overtakes are carried over in the same transaction: each is
    renewed by a publication with its differences, on top of this one. Those that change the same
    parts, and those whose numbers are in `calling_off`, are withdrawn instead. `overtaking` holds
    the numbers of all of them that the approver was shown; None skips that comparison.

    Raises NotAllowed if `by` is no approver. Raises NotApprovable for their own submission or
    edits, also in what would be carried over, if edits of theirs come back by what is called off,
    for another hash, if another page is in force than the one it was compared with, if it would
    overtake more than was shown, or if the published store cannot be written. Raises NotSigned if
    the signature is missing or invalid.
    """
    # Before the state is read, so that two approvals at once are decided one after the other.
    take_editing_lock()
    publication.refresh_from_db()
    by = acting_person(by)
    if not by.has_perm(APPROVE):
        raise NotAllowed(f"{by.get_username()} may not approve publications. Ask an approver.")
    at = _recorded_at(at)
    # Read once, so that the bytes that are compared are those that are published.
    frozen = list(publication.files.all())
    expected = _outlook(publication, frozen, by=by, at=at, calling_off=calling_off)
    if expected.obstacle:
        raise NotApprovable(expected.obstacle)
    if overtaking is not None:
        _refuse_unseen(expected.overtakes, seen=overtaking)
    if approval_sha256 != expected.approval_sha256:
        raise NotApprovable(_OTHER_HASH)
    signature = signatures.verified_signature(by, approval_sha256, assertion)
    if fault := _store_fault(publication):
        raise NotApprovable(f"Nothing was approved: {fault}")
    try:
        renewals = freeze_carried(expected.carried, onto=publication, carrier=publication, at=at)
    except NotPublishable as refusal:
        raise NotApprovable(f"Nothing was approved. {refusal}") from refusal
    act = f"the approval of publication {expected.number}"
    end_scheduled(expected.carried, onto=publication, act=act, by=by, at=at)
    decision = decide(
        publication,
        Decision.Kind.APPROVED,
        at=at,
        by=by,
        label=by.get_username(),
        number=expected.number,
        effective_from=expected.effective_from,
        approval_sha256=approval_sha256,
        signature=signature,
    )
    decisions = approve_carried(renewals, after=decision, by=by, at=at)
    for approved in (decision, *decisions):
        if fault := _file_write_fault(approved):
            raise NotApprovable(f"Nothing was approved: {fault}")
    _publish(publication, *expected.overtakes)
    return publication


def _refuse_unseen(overtakes: Iterable[Publication], *, seen: Collection[int]) -> None:
    """Raise NotApprovable for a scheduled publication of which the approver was not told."""
    for overtaken in overtakes:
        if overtaken.number not in seen:
            raise NotApprovable(
                f"It would now also overtake {overtaken}, which is scheduled. "
                "Look at it again, and approve then."
            )


@transaction.atomic
def reject(publication: Publication, *, by: "User", at: datetime, reason: str) -> Publication:
    """Reject a publication in review, and return it.

    Raises NotRejectable if it is not in review, NotAllowed if `by` is no approver.
    """
    take_editing_lock()
    by = acting_person(by)
    if not by.has_perm(APPROVE):
        raise NotAllowed(f"{by.get_username()} may not reject publications. Ask an approver.")
    reason = reason_to_record(reason)
    at = ledger.not_before_last(at)
    if publication.state != Publication.State.IN_REVIEW:
        raise NotRejectable(
            f"{publication} is {publication.state.label.lower()}. "
            "Only one in review can be rejected."
        )
    decide(
        publication, Decision.Kind.REJECTED, at=at, by=by, label=by.get_username(), reason=reason
    )
    transaction.on_commit(lambda: notifications.decided(publication), robust=True)
    return publication


@transaction.atomic
def withdraw(
    publication: Publication,
    *,
    by: "User",
    at: datetime,
    reason: str,
    withdrawal_sha256: str | None = None,
    calling_off: Collection[int] = (),
    overtaking: Collection[int] | None = None,
    assertion: PasskeyAssertion | None = None,
) -> Publication:
    """Withdraw a publication, and return it. The one before is then in force again.

    `withdrawal_sha256` is the hash of all that the person was shown
    (`WithdrawalOutlook.withdrawal_sha256`); None skips that comparison. `assertion` is their
    signature of it, which somebody with a passkey has to give. Scheduled publications that stand
    on it are carried over the page that comes back, or called off; see `approve`.

    Whoever may submit can withdraw one in review. An approved one takes an approver whose edits do
    not come back by it; where no page is left, any approver. Raises NotWithdrawable if edits of
    `by` would come back or be carried over, if it was rejected, withdrawn or renewed already, for
    another hash, or if the published store, which would go on showing it, cannot be written. Raises
    NotAllowed if `by` may not withdraw it, NotSigned if the signature is missing or invalid.
    """
    reason = reason_to_record(reason)
    take_editing_lock()
    publication.refresh_from_db()
    by = acting_person(by)
    state = publication.state
    permission = SUBMIT if state == Publication.State.IN_REVIEW else APPROVE
    if not by.has_perm(permission):
        raise NotAllowed(f"{by.get_username()} may not withdraw {publication}. Ask an approver.")
    if state not in (Publication.State.IN_REVIEW, Publication.State.APPROVED):
        raise NotWithdrawable(
            f"{publication} is {state.label.lower()}. There is nothing to withdraw."
        )
    at = ledger.not_before_last(at)
    expected = withdrawal_outlook(publication, by=by, at=at, calling_off=calling_off)
    if withdrawal_sha256 not in (None, expected.withdrawal_sha256):
        raise NotWithdrawable(_OTHER_HASH)
    if overtaking is not None:
        _refuse_unseen((outcome.scheduled for outcome in expected.carried), seen=overtaking)
    if expected.obstacle:
        raise NotWithdrawable(expected.obstacle)
    signature = signatures.verified_signature(by, expected.withdrawal_sha256, assertion)
    if state == Publication.State.APPROVED and (fault := _store_fault(publication)):
        raise NotWithdrawable(f"Nothing was withdrawn: {fault}")
    changesets = list(returning_by_withdrawal(publication, at=at))
    onto = shown_instead(publication, at=at) if expected.carried else None
    try:
        renewals = freeze_carried(expected.carried, onto=onto, carrier=publication, at=at)
    except NotPublishable as refusal:
        raise NotWithdrawable(f"Nothing was withdrawn. {refusal}") from refusal
    act = f"the withdrawal of publication {publication.number}"
    end_scheduled(expected.carried, onto=onto, act=act, by=by, at=at)
    decide(
        publication,
        Decision.Kind.WITHDRAWN,
        returning=changesets,
        at=at,
        by=by,
        label=by.get_username(),
        reason=reason,
        approval_sha256=expected.withdrawal_sha256,
        signature=signature,
    )
    for approved in approve_carried(renewals, after=onto.approval if onto else None, by=by, at=at):
        if fault := _file_write_fault(approved):
            raise NotWithdrawable(f"Nothing was withdrawn: {fault}")
    _publish(publication, *(outcome.scheduled for outcome in expected.carried))
    return publication


def _obstacle_of_person(publication: Publication, by: "User", *, has_edited: bool) -> str:
    if publication.submitted_by_id == by.pk:
        return "You submitted it. Another approver decides."
    if has_edited:
        return "Edits of yours are in it. Another approver decides."
    return ""


def _obstacle_to_approval(publication: Publication, at: datetime, effective_from: datetime) -> str:
    if publication.state != Publication.State.IN_REVIEW:
        state = publication.state.label.lower()
        return f"{publication} is {state}. Only one in review can be approved."
    if fault := _too_early(at):
        return fault
    if publication.register.publications.followed_at(effective_from) != publication.base:
        return (
            "By then another page is in force than the one it was compared with. "
            "Bring it up to date, or withdraw it and submit it again."
        )
    return ""


def _obstacle_to_announcement(
    publication: Publication, carried: Iterable[CarriedOver], at: datetime
) -> str:
    return obstacle_to_announcing(
        publication.base,
        [outcome.scheduled for outcome in carried if outcome.page],
        announce=publication.announce,
        takes_effect=publication.requested_effective_from,
        at=at,
    )


def _obstacle_to_carrying(
    publication: Publication, carried: Iterable[CarriedOver], by: "User"
) -> str:
    """Return why a person may not approve what is carried over, "" if they may.

    Nobody approves their own edits, nor what they submitted, for a second time either.
    """
    renewed = [outcome.scheduled for outcome in carried if outcome.page]
    for scheduled, obstacle in obstacles(renewed, by=by).items():
        if obstacle:
            others = approvers_besides([publication, *renewed])
            names = " or ".join(person.get_username() for person in others)
            return (
                f"It would carry over {scheduled}. {obstacle} "
                f"{f'Ask {names}' if names else 'Nobody else can at present'}, "
                f"or call {scheduled} off."
            )
    return ""


def _obstacle_to_calling_off(onto: Publication, carried: Iterable[CarriedOver], by: "User") -> str:
    """Return why a person may not call off what is not carried over, "" if they may.

    Readers will see `onto` instead. One that brings the same correction brings nothing back.
    """
    for outcome in carried:
        if outcome.page is None and has_edits_returning(by, onto, outcome.scheduled):
            return (
                f"It calls {outcome.scheduled} off, and so edits of yours would come back. "
                "An approver whose edits do not come back decides."
            )
    return ""


def _recorded_at(at: datetime) -> datetime:
    """Return the moment to record: `at`, or that of the last entry if it came a little later.

    The clock is read before the caller waits for the editing lock, so somebody else may have
    recorded something meanwhile. A larger gap means that the clock is wrong: then `at` stays, and
    an approval is refused, because its page would take effect at another moment than it says.
    """
    last = ledger.not_before_last(at)
    return last if last <= at + _LONGEST_TURN else at


def _too_early(at: datetime) -> str:
    """Return why nothing is approved at a moment before the ledger's last entry, else ""."""
    last = ledger.not_before_last(at)
    return ledger.clock_fault(at, last) if at < last else ""


def _file_fault(publication: Publication, frozen: Collection[PublishedFile]) -> str:
    """Return why the frozen files cannot be published, "" if they can.

    The approved hash names that of the JSON alone. So every file has to be what the page of the
    JSON renders to, or all of them what was approved once: a revert keeps the bytes that older
    templates made.
    """
    files = _contents(frozen)
    hashes = {format: canonical.sha256(content) for format, content in files.items()}
    if publication.content_sha256 != hashes.get("json"):
        return _OTHER_HASH
    if altered := [file.format for file in frozen if file.sha256 != hashes[file.format]]:
        return (
            f"The frozen {altered[0]} file was altered. Withdraw the publication, and run verify."
        )
    try:
        unlike = _FrozenFiles(tuple(sorted(hashes.items())), files).unlike_rendered()
    except (ValueError, FormatFault) as fault:
        return f"The frozen JSON is no page that can be written: {fault} Withdraw the publication."
    if not unlike or _was_approved(publication, files):
        return ""
    return (
        f"The frozen {unlike} file is not how this page is written. Either it was forged, or "
        "the software was updated after the submission and writes it in another way. "
        "Withdraw the publication, and submit it again."
    )


@dataclass(frozen=True)
class _FrozenFiles:
    """The bytes of frozen files by format; files with equal hashes are equal."""

    hashes: tuple[tuple[str, str], ...]
    files: Mapping[str, bytes] = field(compare=False)

    # To render a long page takes seconds, and a review is opened several times.
    @lru_cache(maxsize=4)  # noqa: B019  # only so many files are kept
    def unlike_rendered(self) -> str:
        """Return the first format that is not what the page of the JSON renders to, else "".

        Raises ValueError or FormatFault if the JSON is no page that can be written.
        """
        rendered = artefacts(Snapshot.from_dict(json.loads(self.files["json"])))
        formats = sorted(self.files.keys() | rendered.keys())
        unlike = (format for format in formats if self.files.get(format) != rendered.get(format))
        return next(unlike, "")


def _was_approved(publication: Publication, files: Mapping[str, bytes]) -> bool:
    """Return whether an approved publication of the register has exactly these files."""
    same_page = publication.register.publications.approved().filter(
        content_sha256=publication.content_sha256
    )
    return any(_contents(earlier.files.all()) == files for earlier in same_page)


def _contents(frozen: Iterable[PublishedFile]) -> dict[str, bytes]:
    """Return the bytes of files by their format."""
    return {file.format: bytes(file.content) for file in frozen}


def _store_fault(publication: Publication) -> str:
    """Return why the store cannot take a decision of a publication, "" if it can."""
    try:
        writer.check_and_repair(publication.register)
    except (StoreFault, OSError) as fault:
        return _describe(fault)
    return ""


def _file_write_fault(approval: Decision) -> str:
    """Write the files before the approval is committed; return "", or why that failed."""
    publication, files = approval.publication, _contents(approval.publication.files.all())
    assert approval.number  # noqa: S101  # an approval has one
    try:
        writer.write_files(
            publication.register.slug, approval.number, approval.approval_sha256, files
        )
    except (StoreFault, OSError) as fault:
        return _describe(fault)
    return ""


def _describe(fault: StoreFault | OSError) -> str:
    cause = str(fault) if isinstance(fault, StoreFault) else f"{fault.strerror or fault}."
    return f"the published store cannot be written. {cause}"


def _publish(*publications: Publication) -> None:
    """Write the index and mail the submitters after the commit. Failures are only logged.

    What could not be written of other registers, or earlier, is tried again too.
    """
    register = publications[0].register
    transaction.on_commit(lambda: writer.write_index(register), robust=True)
    transaction.on_commit(writer.complete, robust=True)
    transaction.on_commit(lambda: notifications.decided(*publications), robust=True)
