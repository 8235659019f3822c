"""The strip of a register: what there is of it in force, scheduled, in review and as drafts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from compliance.admin.components.links import screen_address
from compliance.admin.dashboard.registers import RegisterSummary
from compliance.admin.dashboard.submissions import Submissions
from compliance.models import Decision, Publication, Register
from compliance.publishing.statuses import Status, with_statuses


@dataclass(frozen=True, slots=True)
class State:
    """What there is of a register in one state, for the strip: `value` is a number or a name.

    `chip` is the class of its colour. `address` leads there, empty where there is nothing.
    """

    label: str
    value: str
    address: str
    chip: str
    moment: datetime | None = None
    person: str = ""


def approvals_in_force(registers: Sequence[Register], *, at: datetime) -> dict[int, Decision]:
    """Return the approval of the publication in force of each register, by its key."""
    if not registers:
        return {}
    in_force = with_statuses(Publication.objects.filter(register__in=registers), at=at)
    approvals = Decision.objects.filter(
        kind=Decision.Kind.APPROVED,
        publication__in=in_force.filter(status=Status.IN_FORCE).values("pk"),
    )
    return {approval.register_id: approval for approval in approvals.select_related("publication")}


def states(summary: RegisterSummary | None, submissions: Submissions) -> Iterator[State]:
    """Give what there is of a register in force, scheduled, in review and as drafts."""
    if not summary:
        return
    register = summary.register
    if summary.base and not summary.approval:
        yield State("In force", "A page", "", "neutral")
    yield from public_states(register, summary.approval, submissions, is_named=not summary.base)
    drafts = summary.unsubmitted
    yield State(
        label="Draft changes",
        value=f"{drafts} row{'' if drafts == 1 else 's'}" if drafts else "None",
        address=f"#drafts-{register.pk}" if drafts else "",
        chip="draft" if drafts else "neutral",
    )


def public_states(
    register: Register,
    approval: Decision | None,
    submissions: Submissions,
    *,
    is_named: bool = True,
) -> Iterator[State]:
    """Give what there is of a register in force, scheduled and in review.

    Where nothing is in force, it says so if `is_named`.
    """
    if approval:
        verb = "imported" if approval.publication.source == "imported" else "approved"
        yield State(
            label="In force",
            value=f"Publication {approval.number}",
            address=screen_address("publication_change", approval.publication),
            chip="in-force",
            moment=approval.effective_from,
            person=f"{verb} by {approval.label}",
        )
    elif is_named:
        yield State("In force", "Nothing yet", "", "neutral")
    if submissions.may_view:
        yield _state("Scheduled", register, submissions.scheduled, "scheduled")
        yield _state("In review", register, submissions.in_review, "in-review")


def _state(label: str, register: Register, publications: Sequence[Any], chip: str) -> State:
    found = [one for one in publications if one.register_id == register.pk]
    if not found:
        return State(label, "None", "", "neutral")
    address = screen_address("publication_change", found[0])
    if len(found) > 1:
        status = "in_review" if chip == "in-review" else found[0].status
        listed = reverse("admin:compliance_publication_changelist")
        address = f"{listed}?register__id__exact={register.pk}&status={status}"
    moment = getattr(found[0], "takes_effect_at", None)
    return State(label, str(len(found)), address, chip, moment)
