"""The review calendar: what is due for review, and recording that a review was done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from compliance.models import (
    AIModel,
    Cell,
    ListedDocument,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
    Review,
    User,
)
from compliance.models.reviews import Reviewed, ReviewedQuerySet
from compliance.page.rules import SubjectKind


@dataclass(frozen=True, slots=True)
class Due:
    """A row with the day by which it must be reviewed.

    `kind` and `id` name it as findings do. `path` is the address of its form in the admin.
    """

    kind: SubjectKind
    id: str
    name: str
    owner: User | None
    due_on: date
    last_reviewed_on: date | None
    path: str


def record_review(record: Reviewed, *, at: datetime) -> Review:
    """Record that somebody reviewed a row and found nothing to change; the reason is their note.

    Raises NoChangeset outside of a changeset.
    """
    # The record itself stays as it is: whoever only looked at it contributes to no publication.
    review: Review = record.reviews.create(review_date=at.astimezone(UTC).date())
    return review


def overdue(today: date, *, register: Register | None = None) -> list[Due]:
    """Return what was due for review before a day, longest overdue first, with one query per kind.

    With `register`, only what its listings print. Documents without a provider are left out: no
    form shows them, and the rule `foreign-document` asks whose they are.
    """
    reviews = [
        Due(
            kind=kind,
            id=str(getattr(record, id)),
            name=str(record),
            owner=record.owner,
            due_on=record.due_on,
            last_reviewed_on=record.last_reviewed_on,
            path=_path(record),
        )
        for kind, id, records in _records(register)
        for record in records.overdue(today).select_related("owner")
    ]
    return sorted(reviews, key=lambda due: (due.due_on, due.kind, due.name))


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
