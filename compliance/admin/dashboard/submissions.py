"""What is in review or scheduled, and what the person submitted that came back."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from compliance import publishing
from compliance.models import Decision, Publication, ReviewComment, User
from compliance.publishing.statuses import AHEAD, with_statuses

_SUBMISSIONS = 20  # how many in review are shown


@dataclass(frozen=True, slots=True)
class WaitingSubmission:
    """A submission in review. `obstacle` says why the person may not approve it, if so.

    `is_asked` is true if somebody asked for a change, `is_outdated` if it has to be brought up to
    date.
    """

    publication: Publication
    obstacle: str
    is_mine: bool
    is_asked: bool
    is_outdated: bool

    @property
    def is_returned(self) -> bool:
        """Whether it is the person's own and waits for them, not for a decision."""
        return self.is_mine and (self.is_asked or self.is_outdated)


@dataclass(frozen=True)
class Submissions:
    """The submissions that the person `by` may see at a moment; none without that permission."""

    by: User
    at: datetime

    @cached_property
    def waiting(self) -> list[WaitingSubmission]:
        """The submissions in review: first those that the person may decide, then their own."""
        obstacles = publishing.obstacles(self.in_review, by=self.by)
        # What was brought up to date was perhaps asked for before.
        keys = {key for one in self.in_review for key in (one.pk, one.renews_id)}
        changes_asked = ReviewComment.objects.filter(
            kind=ReviewComment.Kind.CHANGE_ASKED, publication__in=keys
        )
        asked = set(changes_asked.values_list("publication_id", flat=True))
        outdated = publishing.outdated_submissions(at=self.at) if self.in_review else ()
        submissions = [
            WaitingSubmission(
                publication,
                obstacles[publication],
                is_mine=publication.submitted_by_id == self.by.pk,
                is_asked=not asked.isdisjoint([publication.pk, publication.renews_id]),
                is_outdated=publication.pk in outdated,
            )
            for publication in self.in_review
        ]
        submissions.sort(key=lambda submission: (bool(submission.obstacle), not submission.is_mine))
        return submissions[:_SUBMISSIONS]

    @cached_property
    def unfinished(self) -> list[tuple[Publication, str]]:
        """What the person submitted and was rejected or called off, with the reason."""
        if not self.may_view:
            return []
        publications = publishing.unfinished(Publication.objects.filter(submitted_by=self.by))
        reasons = dict(
            Decision.objects.filter(publication__in=publications)
            .exclude(kind=Decision.Kind.APPROVED)
            .values_list("publication", "reason")
        )
        return [(publication, reasons[publication.pk]) for publication in publications]

    @cached_property
    def scheduled(self) -> list[Any]:
        """The publications that are approved and take effect later, by that moment."""
        if not self.may_view:
            return []
        publications = with_statuses(Publication.objects.all(), at=self.at)
        ahead = publications.filter(status__in=AHEAD).select_related("register")
        return list(ahead.order_by("takes_effect_at"))

    @cached_property
    def in_review(self) -> list[Publication]:
        """The publications that wait for a decision, latest first."""
        if not self.may_view:
            return []
        return list(Publication.objects.in_review().select_related("register"))

    @property
    def may_view(self) -> bool:
        """Whether the person may view publications."""
        return self.by.has_perm("compliance.view_publication")
