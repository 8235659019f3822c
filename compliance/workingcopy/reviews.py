"""What is to be reviewed, and by when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from compliance.models import (
    AIModel,
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
from compliance.page.rules import Subject


@dataclass(frozen=True, slots=True)
class Due:
    """A record with the day by which it was or is to be reviewed; kind and id name it as findings do.

    `path` leads to the form on which it is looked at, in the admin.
    """

    kind: Subject
    id: str
    name: str
    owner: User | None
    due_on: date
    last_reviewed_on: date | None
    path: str


def record_review(record: Reviewed, *, at: datetime) -> Review:
    """Record in the open changeset, whose reason is the note, that a record was looked at and nothing is to change.

    Raises NoChangeset where none is open.
    """
    review: Review = record.reviews.create(review_date=at.astimezone(UTC).date())
    return review


def overdue(today: date, *, register: Register | None = None) -> list[Due]:
    """Return what was to be reviewed before a day, the longest overdue first, in one query a kind.

    With a register only what its listings print from. A document that an import left without a provider is passed
    over: nobody can open it, and the rule `foreign-document` asks whose it is.
    """
    found = [
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
    return sorted(found, key=lambda due: (due.due_on, due.kind, due.name))


def _records(register: Register | None) -> Iterator[tuple[Subject, str, ReviewedQuerySet]]:
    """Give the kinds of records, each with the field that findings name it by."""
    providers, terms = Provider.objects.all(), RetentionTerm.objects.all()
    documents = PolicyDocument.objects.exclude(provider=None).select_related("provider")
    if register:
        listings = Listing.objects.filter(register=register)
        providers = providers.filter(pk__in=Provider.objects.filter(listed__listing__in=listings))
        floors = AIModel.objects.filter(listed__listing__in=listings)
        terms = terms.filter(
            Q(pk__in=listings.values("retention_term"))
            | Q(pk__in=providers.values("declared_retention"))
            | Q(pk__in=floors.values("retention_floor"))
        )
        named = ListedDocument.objects.filter(listing__in=listings)
        documents = documents.filter(
            Q(provider__in=providers, is_default=True) | Q(pk__in=named.values("document"))
        )
    yield Subject.PROVIDER, "slug", providers
    yield Subject.TERM, "wording", terms
    yield Subject.DOCUMENT, "pk", documents


def _path(record: Provider | RetentionTerm | PolicyDocument) -> str:
    root: Any = record.provider if isinstance(record, PolicyDocument) else record
    return reverse(f"admin:compliance_{type(root).__name__.lower()}_change", args=[root.pk])
