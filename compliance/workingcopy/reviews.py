"""The review calendar: what is due for review, and recording that a review was done."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q, Subquery
from django.urls import reverse

from compliance.models import (
    AIModel,
    Cell,
    Changeset,
    ListedDocument,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
    Review,
    User,
)
from compliance.models.reviews import Reviewed, ReviewedQuerySet, earliest_day_in_time
from compliance.page.rules import SubjectKind


@dataclass(frozen=True, slots=True)
class Due:
    """A row with the day by which it must be reviewed.

    `kind` and `id` name it as findings do, `key` is the name of its model and its primary key.
    `path` is the address of its form in the admin.
    """

    kind: SubjectKind
    id: str
    name: str
    owner: User | None
    due_on: date
    last_reviewed_on: date | None
    path: str
    key: str


@dataclass(frozen=True, slots=True)
class Ending:
    """A document that ends, with its last day. `path` is the address of its form in the admin."""

    id: int
    name: str
    owner: User | None
    ends_on: date
    path: str


def record_review(record: Reviewed, *, at: datetime) -> Review:
    """Record that somebody reviewed a row and found nothing to change; the reason is their note.

    Raises NoChangeset outside of a changeset.
    """
    # The record itself stays as it is: whoever only looked at it contributes to no publication.
    review: Review = record.reviews.create(review_date=at.astimezone(UTC).date())
    return review


def overdue(today: date, *, register: Register | None = None) -> list[Due]:
    """Return what was due for review before a day, longest overdue first.

    With `register`, only what its listings print. Documents without a provider are left out: no
    form shows them, and the rule `foreign-document` asks whose they are. Takes one query if nothing
    can be due yet, and else one more per kind.
    """
    if not _can_be_due(today):
        return []
    return _due(
        (kind, id, records.overdue(today).select_related("owner"))
        for kind, id, records in _records(register)
    )


def calendar() -> list[Due]:
    """Return all that is reviewed at intervals, soonest due first, with one query per kind."""
    return _due(
        (kind, id, records.with_reviews().select_related("owner"))
        for kind, id, records in _records(None)
    )


def ending(last_day: date) -> list[Ending]:
    """Return the documents that end by a day, and those that have ended, soonest first."""
    documents = PolicyDocument.objects.filter(valid_until__lte=last_day).exclude(provider=None)
    return [
        Ending(
            id=document.pk,
            name=str(document),
            owner=document.owner,
            ends_on=document.valid_until,
            path=_path(document),
        )
        for document in documents.select_related("provider", "owner").order_by("valid_until", "pk")
    ]


def _due(kinds: Iterable[tuple[SubjectKind, str, ReviewedQuerySet]]) -> list[Due]:
    reviews = [
        Due(
            kind=kind,
            id=str(getattr(record, id)),
            name=str(record),
            owner=record.owner,
            due_on=record.due_on,
            last_reviewed_on=record.last_reviewed_on,
            path=_path(record),
            key=_review_key(record),
        )
        for kind, id, records in kinds
        for record in records
    ]
    return sorted(reviews, key=lambda due: (due.due_on, due.kind, due.name))


def _review_key(record: Reviewed) -> str:
    return f"{record._meta.model_name}-{record.pk}"


def _can_be_due(today: date) -> bool:
    """Return whether some interval is so short that it ended since the first day of all.

    That spares a young record the search, which takes long subqueries.
    """
    first_edit = Changeset.objects.order_by("pk").values("recorded_at")[:1]
    first_review = Review.objects.order_by("review_date").values("review_date")[:1]
    intervals = [
        model.objects.order_by().values_list(
            "review_interval", Subquery(first_edit), Subquery(first_review)
        )
        for model in (Provider, RetentionTerm, PolicyDocument)
    ]
    for interval, recorded_at, reviewed_on in intervals[0].union(*intervals[1:]):
        first_day = min(filter(None, [recorded_at.astimezone(UTC).date(), reviewed_on]))
        if first_day < earliest_day_in_time(today, interval):
            return True
    return False


def _records(register: Register | None) -> Iterator[tuple[SubjectKind, str, ReviewedQuerySet]]:
    """Yield the reviewed rows of each kind, with the field by which findings refer to them."""
    providers, terms = Provider.objects.all(), RetentionTerm.objects.all()
    documents = PolicyDocument.objects.exclude(provider=None).select_related("provider")
    if register:
        listings = Listing.objects.filter(section__register=register)
        cells = Cell.objects.filter(listing__in=listings)
        providers = providers.filter(pk__in=Provider.objects.filter(listed__listing__in=listings))
        floors = AIModel.objects.filter(listed__listing__in=listings)
        terms = terms.filter(
            Q(pk__in=cells.values("term"))
            | Q(pk__in=providers.values("declared_retention"))
            | Q(pk__in=floors.values("retention_floor"))
        )
        named = ListedDocument.objects.filter(listing__in=listings)
        documents = documents.filter(
            Q(provider__in=providers, is_default=True) | Q(pk__in=named.values("document"))
        )
    yield SubjectKind.PROVIDER, "slug", providers
    yield SubjectKind.TERM, "wording", terms
    yield SubjectKind.DOCUMENT, "pk", documents


def _path(record: Provider | RetentionTerm | PolicyDocument) -> str:
    root: Any = record.provider if isinstance(record, PolicyDocument) else record
    return reverse(f"admin:compliance_{type(root).__name__.lower()}_change", args=[root.pk])
