"""Retention terms: how long data is kept, as printed wording and as structured clauses."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from compliance.models.choices import (
    BOUNDS,
    CLAUSE_KINDS,
    DATA_CLASSES,
    TRIGGERS,
    not_empty,
    one_of,
)
from compliance.models.reviews import REVIEW_INTERVALS, Reviewed
from compliance.models.tracked import Tracked
from compliance.page import inline, table, vocabulary
from compliance.page.wording import MAX_WORDING_LENGTH


class RetentionTerm(Reviewed):
    """How long a provider keeps data: the wording that pages print, and its clauses.

    Listings, providers and models share terms, so that a wording is corrected in one place.
    """

    wording = models.CharField(
        max_length=MAX_WORDING_LENGTH,
        unique=True,
        help_text="Exactly as the page prints it, for example: 30 days (flagged prompts: 2 years).",
    )

    class Meta:
        verbose_name_plural = "terms"
        ordering = ["wording"]
        constraints = [not_empty("wording"), one_of("review_interval", REVIEW_INTERVALS)]

    def __str__(self) -> str:
        return self.wording

    def to_snapshot(self) -> table.Term:
        return table.Term(
            text=inline.escape(self.wording),
            clauses=tuple(clause.to_snapshot() for clause in self.clauses.all()),
        )


class RetentionClause(Tracked):
    """One statement of a retention term: which data is kept how long, and when that applies."""

    term = models.ForeignKey(RetentionTerm, on_delete=models.CASCADE, related_name="clauses")
    position = models.PositiveIntegerField(
        "order", default=0, help_text="Clauses are read from the lowest to the highest."
    )
    data_class = models.CharField(
        max_length=20, choices=DATA_CLASSES, default=vocabulary.DataClass.ALL_CONTENT.value
    )
    kind = models.CharField(max_length=15, choices=CLAUSE_KINDS)
    duration = models.CharField(
        max_length=10,
        blank=True,
        help_text="ISO 8601: P30D is 30 days, PT24H 24 hours, P2Y two years.",
    )
    bound = models.CharField(max_length=10, choices=BOUNDS, default=vocabulary.Bound.EXACT.value)
    trigger = models.CharField(
        max_length=10, choices=TRIGGERS, default=vocabulary.Trigger.ALWAYS.value
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            one_of("data_class", DATA_CLASSES),
            one_of("kind", CLAUSE_KINDS),
            one_of("bound", BOUNDS),
            one_of("trigger", TRIGGERS),
            models.CheckConstraint(
                condition=Q(kind="duration", duration__gt="")
                | (~Q(kind="duration") & Q(duration="")),
                name="%(app_label)s_%(class)s_duration_iff_kind",
                violation_error_message="Give a duration exactly where the clause is for a time.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_data_class_display()}: {self.duration or self.get_kind_display()}"

    @property
    def part_of(self) -> RetentionTerm:
        return self.term

    def clean(self) -> None:
        """Refuse a duration that is not one number and one unit of ISO 8601."""
        if self.duration and not vocabulary.DURATION.match(self.duration):
            raise ValidationError(
                {"duration": f"{self.duration} is not a duration. Write P30D, PT24H, P6M or P2Y."}
            )

    @staticmethod
    def values_of(clause: table.Clause) -> dict[str, Any]:
        """Return the values of the model's fields for a clause of a snapshot."""
        return {
            "data_class": clause.data_class.value,
            "kind": clause.kind.value,
            "duration": clause.duration or "",
            "bound": clause.bound.value,
            "trigger": clause.trigger.value,
        }

    def to_snapshot(self) -> table.Clause:
        return table.Clause(
            data_class=vocabulary.DataClass(self.data_class),
            kind=vocabulary.ClauseKind(self.kind),
            duration=self.duration or None,
            bound=vocabulary.Bound(self.bound),
            trigger=vocabulary.Trigger(self.trigger),
        )
