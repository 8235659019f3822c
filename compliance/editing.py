"""The verbs of editing."""

from datetime import UTC, datetime

from compliance.models import Review
from compliance.models.changesets import Act, NoChangeset, Overtaken, ReasonMissing, ReasonRefused, changeset
from compliance.models.reviews import Reviewed

__all__ = ["Act", "NoChangeset", "Overtaken", "ReasonMissing", "ReasonRefused", "changeset", "review"]


def review(record: Reviewed, *, at: datetime) -> Review:
    """Record in the open changeset, whose reason is the note, that a record was looked at and nothing is to change.

    Raises NoChangeset where none is open.
    """
    review: Review = record.reviews.create(review_date=at.astimezone(UTC).date())
    return review
