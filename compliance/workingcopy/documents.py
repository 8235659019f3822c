"""The documents of listings: those that a listing states itself follow its providers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from compliance.models import Listing, PolicyDocument
from compliance.workingcopy.writes import Writes


class DefaultDocuments:
    """The documents that providers show by default, read once."""

    def __init__(self) -> None:
        self._by_provider: defaultdict[int | None, list[PolicyDocument]] = defaultdict(list)
        defaults = PolicyDocument.objects.filter(is_default=True).select_related("provider")
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
