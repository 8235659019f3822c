"""The review calendar: who looks at a record again, how often, and that it was done."""

from calendar import monthrange
from datetime import UTC, date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, TruncDate

from compliance.models.tracked import Tracked, TrackedHistory, TrackedQuerySet

REVIEW_INTERVALS = [
    (1, "every month"),
    (3, "every 3 months"),
    (6, "every 6 months"),
    (12, "every year"),
    (24, "every 2 years"),
    (36, "every 3 years"),
]


class ReviewedQuerySet(TrackedQuerySet):
    """Records that are reviewed."""

    def with_reviews(self) -> "ReviewedQuerySet":
        """Return the records with what their due day is counted from: the last review, or the day they were added."""
        reviews = Review.objects.filter(**{_target(self.model): OuterRef("pk")}).order_by(
            "-review_date", "-id"
        )
        first = self.model.history.filter(id=OuterRef("pk")).order_by("history_id")
        reviewed: ReviewedQuerySet = self.annotate(
            last_reviewed_on=Subquery(reviews.values("review_date")[:1]),
            last_reviewed_by=Subquery(reviews.values("changeset__label")[:1]),
            counted_from=Coalesce(
                F("last_reviewed_on"),
                Subquery(first.values(day=TruncDate("changeset__recorded_at", tzinfo=UTC))[:1]),
            ),
        )
        return reviewed

    def overdue(self, today: date) -> "ReviewedQuerySet":
        """Return the records that were to be reviewed before a day, with what that is counted from."""
        first_in_time = (
            When(review_interval=each, then=_first_in_time(today, each))
            for each, _ in REVIEW_INTERVALS
        )
        return self.with_reviews().filter(
            counted_from__lt=Case(*first_in_time, output_field=models.DateField())
        )


class Reviewed(Tracked):
    """A record that somebody looks at again from time to time, because the world changes without telling us."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who looks at it again, and gets a mail when it is due.",
    )
    review_interval = models.PositiveSmallIntegerField(
        choices=REVIEW_INTERVALS,
        default=12,
        help_text="Counted from the last review, or from the day it was added. An edit is no review: who mends one "
        "word has not read the rest.",
    )

    objects: ClassVar[Any] = ReviewedQuerySet.as_manager()

    # What leads to the reviews, and what `with_reviews` adds.
    reviews: Any
    last_reviewed_on: date | None
    last_reviewed_by: str | None
    counted_from: date

    class Meta:
        abstract = True

    @property
    def due_on(self) -> date:
        """The day by which it is to be reviewed, of a record that was read `with_reviews`."""
        return months_after(self.counted_from, self.review_interval)


_REVIEWED = ("provider", "term", "document")


def _reviewed(model: str) -> Any:
    """Return the key of what was reviewed. It stays when that is deleted: the review took place."""
    return models.ForeignKey(
        model,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="reviews",
    )


class Review(TrackedHistory):
    """An act of looking at a record again and finding nothing to change. The reason of its changeset is the note.

    The record has no history row of it: who only looked has not edited what is published.
    """

    provider = _reviewed("Provider")
    term = _reviewed("RetentionTerm")
    document = _reviewed("PolicyDocument")
    review_date = models.DateField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(**{f"{name}__isnull": name != reviewed for name in _REVIEWED})
                        for reviewed in _REVIEWED
                    ),
                    _connector=Q.OR,
                ),
                name="%(app_label)s_%(class)s_of_exactly_one",
                violation_error_message="A review is of exactly one provider, term or document.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review_date} {self.changeset.label}: {self.changeset.reason}"

    @property
    def target(self) -> tuple[type[Reviewed], Any]:
        """What was reviewed, by its class and key; it may be gone."""
        name = next(name for name in _REVIEWED if getattr(self, f"{name}_id") is not None)
        model: Any = self._meta.get_field(name).related_model
        return model, getattr(self, f"{name}_id")


def months_after(day: date, months: int) -> date:
    """Return the same day some months later; in a shorter month its last day."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _first_in_time(today: date, months: int) -> date:
    """Return the earliest day of which some months later is not before today."""
    day = months_after(today, -months)
    while months_after(day, months) < today:  # a day that the shorter month has not
        day += timedelta(days=1)
    return day


def _target(model: type[models.Model]) -> str:
    """Return the field by which a review names a record of a class."""
    name: str = model._meta.get_field("reviews").field.name  # type: ignore[union-attr]
    return name
