"""Carry scheduled publications over another one, or call them off, in the act that decides it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from compliance.models import Changeset, Decision, Publication, User, ledger
from compliance.models.carrying import CarriedOver
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.formats import FormatFault
from compliance.page.parts import changed_parts
from compliance.page.rules import Answer, Finding
from compliance.publishing.answers import answers_to, unanswered
from compliance.publishing.errors import NotPublishable
from compliance.publishing.inserts import decide, freeze
from compliance.publishing.returns import returning
from compliance.rendering.html import artefacts
from compliance.workingcopy import findings

_MICROSECOND = timedelta(microseconds=1)


def freeze_carried(
    carried: Iterable[CarriedOver],
    *,
    onto: Publication | None,
    carrier: Publication,
    at: datetime,
) -> list[Publication]:
    """Insert a publication for each scheduled one that is carried over, and return them.

    `onto` is the publication that the first of them follows, and `carrier` the one that is
    approved or withdrawn. Raises NotPublishable if one of the pages cannot be written.
    """
    frozen = []
    for outcome in carried:
        if outcome.page:
            onto = freeze_renewed(
                outcome, onto=onto, at=at, takes_effect=outcome.effective_from, carried_by=carrier
            )
            frozen.append(onto)
    return frozen


def findings_about(carried: CarriedOver, *, at: datetime) -> tuple[Finding, ...]:
    """Return what the rules find at a moment in the page of what is carried over."""
    assert carried.page  # noqa: S101  # it is carried over
    before = carried.onto.snapshot if carried.onto else None
    register = carried.scheduled.register
    return findings.findings(register, carried.page.snapshot, before=before, at=at)


def open_findings(carried: CarriedOver, *, at: datetime, takes_effect: datetime) -> list[Finding]:
    """Return what is found in the page of what is carried over, and has no answer at a moment."""
    found = findings_about(carried, at=takes_effect)
    return unanswered(found, answers_about(carried, found, at=at))


def answers_about(
    carried: CarriedOver, found: Iterable[Finding], *, at: datetime
) -> dict[str, Answer]:
    """Return the answers that hold at a moment to what is found in the page that is carried over.

    They are by the keys of the findings. As at a submission, the moment is that of the act, not the
    one at which the page takes effect.
    """
    day = at.astimezone(UTC).date()
    answers = answers_to(found, carried.answers)
    return {key: answer for key, answer in answers.items() if answer.holds_on(day)}


def freeze_renewed(
    carried: CarriedOver,
    *,
    onto: Publication | None,
    at: datetime,
    takes_effect: datetime | None,
    carried_by: Publication | None = None,
) -> Publication:
    """Insert a publication that takes over the differences of another one, and return it.

    It has the submitter, the reason, the announcement and the contributors of the other one, and
    the grades of what changes as it was graded. It follows `onto`. Raises NotPublishable if its
    page cannot be written.
    """
    renewed, page = carried.scheduled, carried.page
    assert page  # noqa: S101  # it is carried over
    try:
        files = artefacts(page.snapshot)
    except FormatFault as fault:
        raise NotPublishable(
            f"On top of {onto}, the page of {renewed} cannot be written: {fault}"
        ) from fault
    found = findings_about(carried, at=max(at, takes_effect or at))
    changesets = renewed.contributions.adding().values("changeset")
    try:
        return freeze(
            renewed.register,
            files,
            changesets=Changeset.objects.filter(pk__in=changesets),
            source=Publication.Source.NATIVE,
            base=onto,
            renews=renewed,
            carried_by=carried_by,
            captured_changeset=_captured(renewed),
            held_back=list(carried.held_back),
            submitted_at=at,
            submitted_by=renewed.submitted_by,
            label=renewed.label,
            reason=renewed.reason,
            requested_effective_from=takes_effect,
            announce=renewed.announce,
            findings=[finding.to_dict() for finding in found],
            answers=dict(carried.answers),
            grades=dict(carried.grades),
            **page.frame,
        )
    except ledger.ClockBehind as fault:
        raise NotPublishable(" ".join(fault.messages)) from fault


def end_scheduled(
    carried: Iterable[CarriedOver], *, onto: Publication | None, act: str, by: User, at: datetime
) -> None:
    """Record that scheduled publications are renewed, or withdraw those that are called off.

    `onto` is the page that readers will see in their place, and `act` what was decided, such as
    "the approval of publication 3".
    """
    for outcome in carried:
        if outcome.page:
            _end(outcome.scheduled, Decision.Kind.RENEWED, by, at, f"Carried over with {act}.")
            continue
        _end(
            outcome.scheduled,
            Decision.Kind.WITHDRAWN,
            by,
            at,
            f"Called off with {act}.{_why_called_off(outcome)}",
            returning=returning(onto, outcome.scheduled) if onto else (),
        )


def _why_called_off(outcome: CarriedOver) -> str:
    """Return a sentence that follows others, "" where somebody chose it or no page is left."""
    if outcome.conflicts:
        return f" Both change {join_names(outcome.conflicts, limit=FEW)}."
    if outcome.is_fulfilled:
        return " The page before it says all that it would change."
    return ""


def _end(
    scheduled: Publication,
    kind: Decision.Kind,
    by: User,
    at: datetime,
    reason: str,
    *,
    returning: Iterable[Changeset] = (),
) -> None:
    decide(
        scheduled,
        kind,
        returning=returning,
        at=at,
        by=by,
        label=by.get_username(),
        reason=reason,
    )


def approve_carried(
    renewals: Iterable[Publication], *, after: Decision | None, by: User, at: datetime
) -> list[Decision]:
    """Approve publications that were made by carrying others over, and return the approvals.

    Each takes effect at the moment of the one that it renews, and later than the one before;
    `after` is the approval of the page that the first of them follows.
    """
    approvals: list[Decision] = []
    for renewal in renewals:
        last = renewal.register.publications.aggregate(last=Max("decisions__number"))["last"]
        after = decide(
            renewal,
            Decision.Kind.APPROVED,
            at=at,
            by=by,
            label=by.get_username(),
            number=last + 1,
            effective_from=_later_than(after, renewal.requested_effective_from or at),
        )
        approvals.append(after)
    return approvals


def _later_than(approval: Decision | None, moment: datetime) -> datetime:
    """Return a moment, or the one right after an approved page takes effect if that is later."""
    since = approval and approval.effective_from
    return max(moment, since + _MICROSECOND) if since else moment


def _captured(publication: Publication) -> Changeset | None:
    """Return the last changeset that is in every part that a publication changes.

    A revert may bring back a part as it was held back long before. That one is older than the rest.
    """
    if publication.reverts is None:
        return publication.captured_changeset
    before = publication.base.page() if publication.base else None
    sought = {part.key for part in changed_parts(before, publication.page())}
    origin: Publication | None = publication.reverts
    captured: list[Changeset] = []
    while sought:
        if origin is None or origin.captured_changeset is None:
            return None
        captured.append(origin.captured_changeset)
        sought &= set(origin.held_back or ())
        origin = origin.base
    return min(captured, key=lambda changeset: changeset.pk, default=None)
