"""The documents of listings: which listing prints which, and how they follow its providers."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from compliance.models import (
    Cell,
    Column,
    ListedDocument,
    ListedProvider,
    Listing,
    PolicyDocument,
)
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.writes import Writes


class DefaultDocuments:
    """The documents that providers (given by key, else all) show by default, read once."""

    def __init__(self, providers: Iterable[int] | None = None) -> None:
        self._by_provider: defaultdict[int | None, list[PolicyDocument]] = defaultdict(list)
        defaults = PolicyDocument.objects.filter(is_default=True).select_related("provider")
        if providers is not None:
            defaults = defaults.filter(provider__in=list(providers))
        for document in defaults:
            self._by_provider[document.provider_id].append(document)

    def of(self, providers: Iterable[int]) -> list[PolicyDocument]:
        """Return what a listing of these providers, given by key, prints if it states nothing."""
        documents = []
        for provider in dict.fromkeys(providers):
            documents += self._by_provider[provider]
        return documents


def follow_providers(
    writes: Writes,
    listing: Listing,
    *,
    former: Collection[int],
    providers: Sequence[int],
    defaults: DefaultDocuments,
) -> None:
    """Add to `writes` what a change of its providers does to the documents that a listing states.

    `former` and `providers` are their keys before and after it. The documents of a provider that
    left leave with it. Where the others are what the providers show by default, the listing states
    none any more, so that it follows them from now on.
    """
    stated = list(listing.listed_documents.all())
    left = set(former) - set(providers)
    staying = [row for row in stated if row.document.provider_id not in left]
    is_marked = any(row.citations.all() for row in staying)
    documents = [row.document for row in staying]
    if not is_marked and documents == defaults.of(providers):
        staying = []
    for row in stated:
        if row not in staying:
            writes.delete(row)


def printing_listings(documents: Collection[PolicyDocument]) -> dict[int, list[uuid.UUID]]:
    """Return the keys of the listings that print each document, by the key of the document.

    Those that name it themselves come first. The others print the documents of their providers,
    and need a column for them. It takes two queries.
    """
    listings: defaultdict[int, list[uuid.UUID]] = defaultdict(list)
    stated = ListedDocument.objects.filter(document__in=documents).order_by("position", "pk")
    for document, listing in stated.values_list("document", "listing"):
        listings[document].append(listing)
    derived: defaultdict[int, list[int]] = defaultdict(list)
    for shown in documents:
        if shown.is_default and shown.provider_id:
            derived[shown.provider_id].append(shown.pk)
    role = ColumnRole.DOCUMENTS.value
    states_none = Cell.objects.filter(column__role=role, is_blank=True)
    following = Listing.objects.filter(
        section__in=Column.objects.filter(role=role).values("section"),
        listed_documents=None,
    ).exclude(pk__in=states_none.values("listing"))
    rows = ListedProvider.objects.filter(provider__in=derived, listing__in=following)
    for provider, listing in rows.order_by("pk").values_list("provider", "listing"):
        for document in derived[provider]:
            listings[document].append(listing)
    return dict(listings)
