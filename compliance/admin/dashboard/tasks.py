"""What waits for the person, and what is on its way without waiting for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from compliance.admin.components.links import screen_address
from compliance.admin.dashboard.reviews_due import ReviewsDue
from compliance.admin.dashboard.submissions import Submissions, WaitingSubmission
from compliance.models import Decision, Publication


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the person: what it is, where it is done, and a sentence on it.

    `person` and `moment` say who brought it and when, `day` when it is due. `action` and
    `action_address` are the button.
    """

    chip: str
    label: str
    title: str
    address: str
    action: str
    action_address: str
    note: str = ""
    person: str = ""
    moment: datetime | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A publication that is in review or scheduled and that nobody waits for the person to decide.

    `note` is what keeps it. `moment` is when it takes effect or, while it is in review, when it is
    to; None for at once after its approval.
    """

    publication: Publication
    chip: str
    label: str
    note: str
    moment: datetime | None


def tasks(submissions: Submissions, reviews: ReviewsDue) -> list[Task]:
    """Return what waits for the person, in the order of their work.

    Decisions come first for approvers.
    """
    decisions, returned = list(_decisions(submissions)), list(_returned(submissions))
    is_approver = submissions.by.has_perm("compliance.approve_publication")
    first = [*decisions, *returned] if is_approver else [*returned, *decisions]
    return [*first, *_due_tasks(reviews)]


def on_its_way(submissions: Submissions) -> list[OnItsWay]:
    """Return what is in review without waiting for the person, and what is scheduled, by moment."""
    is_approver = submissions.by.has_perm("compliance.approve_publication")
    in_review = [
        OnItsWay(
            submission.publication,
            "in-review",
            "In review, yours" if submission.is_mine else "In review",
            submission.obstacle if is_approver else "",
            _asked_moment(submission.publication, submissions.at),
        )
        for submission in submissions.waiting
        if submission.obstacle and not submission.is_returned
    ]
    scheduled = [
        OnItsWay(
            publication,
            "scheduled",
            "Announced" if publication.announce else "Scheduled",
            "",
            publication.takes_effect_at,
        )
        for publication in submissions.scheduled
    ]
    return [*in_review, *scheduled]


def _asked_moment(publication: Publication, at: datetime) -> datetime | None:
    """Return from when a submission is to be in force, None for at once after its approval."""
    requested = publication.requested_effective_from
    return requested if requested and requested > at else None


def _decisions(submissions: Submissions) -> Iterator[Task]:
    for submission in submissions.waiting:
        if not submission.obstacle:
            publication = submission.publication
            address = screen_address("publication_change", publication)
            yield Task(
                chip="in-review",
                label="To decide",
                title=_task_title(publication),
                address=address,
                action="Review and decide",
                action_address=address,
                note=_note_on(submission),
                person=publication.label,
                moment=publication.submitted_at,
            )


def _returned(submissions: Submissions) -> Iterator[Task]:
    """Give what the person submitted and has to take up again."""
    is_editor = submissions.by.has_perm("compliance.submit_publication")
    for publication, reason in submissions.unfinished:
        again = screen_address("publication_submit", publication.register)
        yield Task(
            chip="rejected",
            label="Rejected" if _was_rejected(publication) else "Called off",
            title=_task_title(publication),
            address=screen_address("publication_change", publication),
            action="Change and submit again" if is_editor else "",
            action_address=f"{again}?again={publication.pk}",
            note=reason,
        )
    for submission in submissions.waiting:
        if submission.is_returned:
            address = screen_address("publication_change", submission.publication)
            yield Task(
                chip="rejected",
                label="Sent back" if submission.is_asked else "Out of date",
                title=_task_title(submission.publication),
                address=address,
                action="See what to do",
                action_address=address,
                note=_note_on(submission),
            )


def _due_tasks(reviews: ReviewsDue) -> Iterator[Task]:
    """Give the reviews that are due and the documents that end, of the person's own."""
    calendar = f"{reverse('admin:review_calendar')}?owner={reviews.by.pk}"
    for review in reviews.overdue:
        if review.is_mine:
            yield Task(
                chip="draft",
                label="Review due",
                title=review.due.name,
                address=review.address,
                action="Record the review",
                action_address=calendar,
                note=f"{review.due.kind}, since".capitalize(),
                day=review.due.due_on,
            )
    for document in reviews.ending:
        yield Task(
            chip="draft",
            label="Ended" if document.ends_on < reviews.today else "Ends soon",
            title=document.name,
            address=document.path,
            action="All agreements",
            action_address=reverse("admin:agreements"),
            note="Last day",
            day=document.ends_on,
        )


def _was_rejected(publication: Any) -> bool:
    """Return whether an unfinished publication was rejected; else it was called off."""
    return bool(publication.ended_by == Decision.Kind.REJECTED)


def _note_on(submission: WaitingSubmission) -> str:
    notes = []
    if submission.is_asked:
        notes.append("A change is asked for.")
    if submission.is_outdated:
        notes.append(
            "Another publication came before it: see whether it can be brought up to date."
        )
    return " ".join(notes)


def _task_title(publication: Publication) -> str:
    return f"{publication.register}: {publication.reason}"
