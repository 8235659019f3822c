"""Which changesets are in a publication: who made one of them may not approve it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from compliance.models import (
    AIModel,
    Changeset,
    Citation,
    Footnote,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Publication,
    Register,
    RetentionClause,
    RetentionTerm,
)

_PARTS = (ListedModel, ListedProvider, ListedDocument)


def contributing(register: Register, base: Publication | None, listings: Collection[str]) -> QuerySet[Changeset]:
    """Return the changesets whose edits a publication of these changed listings brings, the latest first.

    A listing brings what was edited since it was last published from the working copy, itself and all it prints from:
    its providers with their documents and terms, its models. The register's own texts and footnotes always come too.
    """
    since = _captured(base)
    ids = _of_register(register, since)
    by_moment = defaultdict(list)
    for listing in listings:
        by_moment[_last_captured(base, listing)].append(listing)
    for moment, group in by_moment.items():
        ids |= _of_listings(group, moment)
    return Changeset.objects.filter(pk__in=ids)


def edited_since(publication: Publication) -> QuerySet[Changeset]:
    """Return the changesets of the publication's register since it was captured, the latest first."""
    listed = Listing.history.filter(register_id=publication.register_id).values_list("id", flat=True)
    since = publication.captured_changeset_id or 0
    register = publication.register
    return Changeset.objects.filter(pk__in=_of_register(register, since) | _of_listings(set(listed), since))


def _captured(publication: Publication | None) -> int:
    """Return the last changeset in a publication's bytes, 0 where none is known; a revert holds earlier bytes."""
    origin = publication and (publication.reverts or publication)
    return (origin and origin.captured_changeset_id) or 0


def _last_captured(publication: Publication | None, listing: str) -> int:
    """Return the last changeset of which a listing was published, walking back while it was held back."""
    while publication:
        origin = publication.reverts or publication
        if listing not in (origin.held_back or ()):
            return origin.captured_changeset_id or 0
        publication = origin.base
    return 0


def _of_register(register: Register, since: int) -> set[int]:
    footnotes = Footnote.history.filter(register_id=register.pk)
    cited = Citation.history.filter(footnote_id__in=footnotes.values("id")).exclude(_in_a_listing())
    return _changesets(since, Register.history.filter(id=register.pk), footnotes, cited)


def _in_a_listing() -> Q:
    return (
        Q(listing__isnull=False)
        | Q(listed_model__isnull=False)
        | Q(listed_provider__isnull=False)
        | Q(listed_document__isnull=False)
    )


def _of_listings(listings: Collection[Any], since: int) -> set[int]:
    """Return the changesets that changed a listing or what it prints from."""
    parts = {part: part.history.filter(listing_id__in=listings) for part in _PARTS}
    places = {f"{part._meta.model_name}": rows.values("id") for part, rows in parts.items()}
    cited = Citation.history.filter(
        Q(listing_id__in=listings)
        | Q(listed_model_id__in=places["listedmodel"])
        | Q(listed_provider_id__in=places["listedprovider"])
        | Q(listed_document_id__in=places["listeddocument"])
    )
    rows = Listing.history.filter(id__in=listings)
    return _changesets(since, rows, cited, *parts.values(), *_printed_from(listings))


def _printed_from(listings: Collection[Any]) -> Iterable[QuerySet[Any]]:
    """Give the history of the models, providers, documents and terms that listings print from now."""
    models = AIModel.objects.filter(listed__listing__in=listings)
    providers = Provider.objects.filter(listed__listing__in=listings)
    documents = ListedDocument.objects.filter(listing__in=listings).values("document")
    terms = set(
        chain(
            Listing.objects.filter(pk__in=listings).values_list("retention_term", flat=True),
            providers.values_list("declared_retention", flat=True),
            models.values_list("retention_floor", flat=True),
        )
    )
    yield AIModel.history.filter(id__in=models.values("pk"))
    yield Provider.history.filter(id__in=providers.values("pk"))
    yield PolicyDocument.history.filter(Q(provider_id__in=providers.values("pk")) | Q(id__in=documents))
    yield RetentionTerm.history.filter(id__in=terms)
    yield RetentionClause.history.filter(term_id__in=terms)
    yield Citation.history.filter(Q(model_id__in=models.values("pk")) | Q(provider_id__in=providers.values("pk")))


def _changesets(since: int, *histories: QuerySet[Any]) -> set[int]:
    later = (rows.filter(changeset_id__gt=since).values_list("changeset_id", flat=True) for rows in histories)
    return set(chain.from_iterable(later))
