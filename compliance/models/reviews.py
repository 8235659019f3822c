"""The review calendar: who reviews a record, how often, and the reviews that took place.

Providers change their terms without telling anybody. So providers, their documents and retention
terms are read again at intervals, also when nobody edits them.
"""

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
    """Records that are reviewed, with the days that their reviews are due."""

    def with_reviews(self) -> "ReviewedQuerySet":
        """Return the records annotated with their last review.

        Each gets `last_reviewed_on`, `last_reviewed_by` (both None before the first review) and
        `counted_from`, the day from which the interval runs: that of the last review, or that on
        which the record was added.
        """
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
        """Return the records whose review was due before `today`, annotated `with_reviews`."""
        # SQL has no arithmetic of months that is the same on both databases. So the days are
        # calculated here, one for each interval, and the query compares with them.
        earliest_days = [
            When(review_interval=months, then=earliest_day_in_time(today, months))
            for months, _ in REVIEW_INTERVALS
        ]
        return self.with_reviews().filter(
            counted_from__lt=Case(*earliest_days, output_field=models.DateField())
        )


class Reviewed(Tracked):
    """A tracked record that its owner reviews at intervals."""

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
        help_text=(
            "Counted from the last review, or from the day it was added. An edit is no review:"
            " whoever corrects one word has not read the rest."
        ),
    )

    objects: ClassVar[Any] = ReviewedQuerySet.as_manager()

    # The reverse of the foreign key of Review, and the annotations of `with_reviews`.
    reviews: Any
    last_reviewed_on: date | None
    last_reviewed_by: str | None
    counted_from: date

    class Meta:
        abstract = True

    @property
    def due_on(self) -> date:
        """The day by which the next review is due; only for a record read `with_reviews`."""
        return months_after(self.counted_from, self.review_interval)


_REVIEWED = ("provider", "term", "document")


def _reviewed(model: str) -> Any:
    """Return the foreign key to a reviewed record.

    It has no constraint, so that the review stays in the record after what was reviewed is deleted.
    """
    return models.ForeignKey(
        model,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="reviews",
    )


class Review(TrackedHistory):
    """Somebody read a record again on a day and confirmed it; the note is the changeset's reason.

    The record gets no history row for it. So reviewers do not count as editors of the page, and may
    approve its publication.
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
        """The class and primary key of the reviewed record, which may be deleted by now."""
        name = next(name for name in _REVIEWED if getattr(self, f"{name}_id") is not None)
        model: Any = self._meta.get_field(name).related_model
        return model, getattr(self, f"{name}_id")


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of the month if it is shorter."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def earliest_day_in_time(today: date, months: int) -> date:
    """Return the earliest day after which an interval of so many months has not ended by today."""
    day = months_after(today, -months)
    # From 30 March a month back is 28 February, from which a month later is 28 March: too early.
    while months_after(day, months) < today:
        day += timedelta(days=1)
    return day


def _target(model: type[models.Model]) -> str:
    """Return the field of Review that refers to records of a class."""
    name: str = model._meta.get_field("reviews").field.name  # type: ignore[union-attr]
    return name
