"""The status of a publication: what its decisions and the moment make of it."""

from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    CharField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)

from compliance.models import Decision, Publication
from compliance.models.publications import ENDED

_Kind = Decision.Kind


class Status(TextChoices):
    """What a publication is at a moment, in the order in which lists show them."""

    IN_REVIEW = "in_review", "In review"
    SCHEDULED = "scheduled"
    ANNOUNCED = "announced"
    IN_FORCE = "in_force", "In force"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CALLED_OFF = "called_off", "Called off"
    CARRIED_OVER = "carried_over", "Carried over"
    BROUGHT_UP_TO_DATE = "brought_up_to_date", "Brought up to date"


# What is approved, and whose moment lies ahead.
AHEAD = (Status.SCHEDULED, Status.ANNOUNCED)


def status(publication: Publication, *, at: datetime) -> Status:
    """Return the status of one publication at a moment, in one query."""
    publications = with_statuses(Publication.objects.filter(pk=publication.pk), at=at)
    return Status(publications.values_list("status", flat=True).get())


def with_statuses(publications: QuerySet[Publication], *, at: datetime) -> QuerySet[Any]:
    """Return publications with the value of their status at a moment as `status`.

    They also have `takes_effect_at`, the moment that their approval set (None without one).
    It is part of the one query, so they can be filtered by it. The decisions are those that there
    are now: a moment ahead tells what will be in force if nothing more is decided.
    """
    decisions = Decision.objects.filter(publication=OuterRef("pk"))
    approval = decisions.filter(kind=_Kind.APPROVED)
    end = decisions.exclude(kind=_Kind.APPROVED)
    in_force = (
        Decision.objects.filter(
            register=OuterRef("register"), kind=_Kind.APPROVED, effective_from__lte=at
        )
        .exclude(publication__decisions__kind__in=ENDED)
        .order_by("-number")
    )
    is_ahead = Q(takes_effect_at__gt=at)
    was_ahead = Q(takes_effect_at__gt=F("ended_at"))
    statuses = Case(
        When(ended_by=_Kind.REJECTED, then=Value(Status.REJECTED)),
        When(Q(ended_by=_Kind.WITHDRAWN) & was_ahead, then=Value(Status.CALLED_OFF)),
        When(ended_by=_Kind.WITHDRAWN, then=Value(Status.WITHDRAWN)),
        When(
            Q(ended_by=_Kind.RENEWED) & Q(takes_effect_at=None),
            then=Value(Status.BROUGHT_UP_TO_DATE),
        ),
        When(ended_by=_Kind.RENEWED, then=Value(Status.CARRIED_OVER)),
        When(takes_effect_at=None, then=Value(Status.IN_REVIEW)),
        When(is_ahead & Q(announce=True), then=Value(Status.ANNOUNCED)),
        When(is_ahead, then=Value(Status.SCHEDULED)),
        When(pk=F("in_force_key"), then=Value(Status.IN_FORCE)),
        default=Value(Status.SUPERSEDED),
        output_field=CharField(),
    )
    return publications.annotate(
        takes_effect_at=Subquery(approval.values("effective_from")[:1]),
        ended_by=Subquery(end.values("kind")[:1]),
        ended_at=Subquery(end.values("at")[:1]),
        in_force_key=Subquery(in_force.values("publication")[:1]),
    ).annotate(status=statuses)
