"""The records that are overdue for review, and the person's documents that end soon."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from django.conf import settings

from compliance.admin.components.links import addresses, sees_pages
from compliance.models import User
from compliance.workingcopy import reviews
from compliance.workingcopy.reviews import Due, Ending

_REVIEWS = 10  # how many overdue ones are shown


@dataclass(frozen=True, slots=True)
class OverdueReview:
    """A record that is overdue for review, and its form. `is_mine` if the person owns it."""

    due: Due
    address: str
    is_mine: bool


@dataclass(frozen=True)
class ReviewsDue:
    """The reviews as the person `by` sees them at a moment; none if they see no pages."""

    by: User
    at: datetime

    @cached_property
    def overdue(self) -> list[OverdueReview]:
        """The records that are overdue for review: first the person's own, then the oldest."""
        shown = self._due[:_REVIEWS]
        forms = addresses((due.kind, due.id) for due in shown)
        return [
            OverdueReview(due, forms.get((due.kind, due.id), ""), due.owner == self.by)
            for due in shown
        ]

    @property
    def count(self) -> int:
        """How many records are overdue, also those that are not shown."""
        return len(self._due)

    @cached_property
    def _due(self) -> list[Due]:
        if not sees_pages(self.by):
            return []
        return sorted(reviews.overdue(self.today), key=lambda due: due.owner != self.by)

    @cached_property
    def ending(self) -> list[Ending]:
        """The documents that end soon, of which the person is owner."""
        if not sees_pages(self.by):
            return []
        until = self.today + timedelta(days=settings.AGREEMENT_NOTICE_DAYS)
        return [document for document in reviews.ending(until) if document.owner == self.by]

    @property
    def today(self) -> date:
        """The day of the moment, in UTC."""
        return self.at.astimezone(UTC).date()
