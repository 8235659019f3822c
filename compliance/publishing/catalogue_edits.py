"""The edits of what listings name: models, providers and documents."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Q

from compliance.models import AIModel, ListedDocument, ListedModel, ListedProvider, PolicyDocument
from compliance.models import Provider as ProviderRow
from compliance.page.remembered import by_identity
from compliance.page.snapshot import Snapshot
from compliance.publishing.page_before import PageBefore, Party, parties
from compliance.publishing.row_histories import (
    RowHistory,
    ever,
    last_published,
    read_histories,
)


class PartyState(NamedTuple):
    """A model or provider: what pages name it by, and the term that it requires or declares."""

    party: Party
    term: int | None


def model_state(slug: str, term: int | None) -> PartyState:
    return PartyState(("model", slug), term)


def provider_state(slug: str, term: int | None) -> PartyState:
    return PartyState(("provider", slug), term)


MODEL_COLUMNS = ("slug", "retention_floor_id")
PROVIDER_COLUMNS = ("slug", "declared_retention_id")


class PrintedParties:
    """The models and providers of which a page prints something in some listings or beside them.

    `listings` has by party the listings among them that name it, or the key of the party's part
    for facts beside the tables. A party whose facts are held back is not among them: the tables
    print nothing new of it (`page.combination`).
    """

    def __init__(
        self,
        page: PageBefore,
        after: Snapshot,
        changed: Collection[str],
        held_back: Collection[str],
    ) -> None:
        self._page = page
        self.listings: defaultdict[Party, set[str]] = defaultdict(set)
        for row in after.rows():
            if row.id in changed:
                for kind, id in parties(row):
                    if f"{kind}:{id}" not in held_back:
                        self.listings[kind, id].add(row.id)
        beside = [party for party in _with_new_facts(page, after) if party not in self.listings]
        for kind, id in beside:
            self.listings[kind, id] = {f"{kind}:{id}"}
        self.histories = [*_model_histories(changed, beside), *_provider_histories(changed, beside)]

    def edits(self) -> Iterator[tuple[str, set[int]]]:
        """Yield each listing with changesets of which readers have not seen the edits."""
        for history in self.histories:
            party = next(history.states).party
            published = self._page.parties.get(party, ())
            shown = {each for each in published if history.at(each) is not None}
            # Nothing else can be printed under a slug: it is never given again.
            since = last_published(shown, is_printed=True, if_hidden=self._page.captured)
            for listing in self.listings.get(party, ()):
                yield listing, history.unseen_edits(since)


def document_edits(
    page: PageBefore, after: Snapshot, changed: Collection[str]
) -> Iterator[tuple[str, set[int]]]:
    """Yield each listing with changesets of its documents that readers have not seen.

    A page names the row of each document, so that another one with the same label and address is
    not taken for it.
    """
    printed = _documents(after, changed)
    listings = _documents(page.snapshot, changed)
    for document, naming in printed.items():
        listings[document] |= naming
    for key, history in _document_histories(changed, listings.keys() - printed.keys()).items():
        document = str(key)
        published = page.documents.get(document, ())
        shown = {each for each in published if history.at(each) is not None}
        since = last_published(shown, is_printed=document in printed, if_hidden=page.captured)
        for listing in listings.get(document, ()):
            yield listing, history.unseen_edits(since)


def _with_new_facts(page: PageBefore, after: Snapshot) -> Iterator[Party]:
    """Yield the models and providers of which a page states another fact than the one before."""
    if page.snapshot is None:
        return
    yield from (("model", id) for id in _changed(page.snapshot.models, after.models))
    yield from (("provider", id) for id in _changed(page.snapshot.providers, after.providers))


@by_identity(8)
def _changed(before: tuple[Any, ...], after: tuple[Any, ...]) -> list[str]:
    """Return the ids of the models or providers that are new, or of which a fact is another one."""
    earlier = {party.id: party for party in before}
    return [party.id for party in after if party != earlier.get(party.id)]


def _model_histories(
    changed: Collection[Any], beside: Collection[Party]
) -> Collection[RowHistory[PartyState]]:
    listed = ListedModel.objects.filter(listing__in=changed).values("model")
    rows = AIModel.history.filter(Q(id__in=listed) | Q(slug__in=_slugs("model", beside)))
    return read_histories(rows, model_state, *MODEL_COLUMNS).values()


def _provider_histories(
    changed: Collection[Any], beside: Collection[Party]
) -> Collection[RowHistory[PartyState]]:
    rows = ProviderRow.history.filter(
        Q(id__in=ListedProvider.objects.filter(listing__in=changed).values("provider"))
        | Q(id__in=ListedDocument.objects.filter(listing__in=changed).values("document__provider"))
        | Q(slug__in=_slugs("provider", beside))
    )
    return read_histories(rows, provider_state, *PROVIDER_COLUMNS).values()


def _slugs(kind: str, named: Collection[Party]) -> list[str]:
    return [slug for party_kind, slug in named if party_kind == kind]


def _documents(page: Snapshot | None, changed: Collection[str]) -> defaultdict[str, set[str]]:
    """Return the keys of the documents in changed listings, each with the listings that show it."""
    listings: defaultdict[str, set[str]] = defaultdict(set)
    for row in page.rows() if page else ():
        if row.id in changed:
            for document in row.documents:
                listings[document.document].add(row.id)
    return listings


def _document_histories(
    changed: Collection[Any], no_longer_printed: Collection[str]
) -> Mapping[Any, RowHistory[tuple[()]]]:
    listed = ListedProvider.objects.filter(listing__in=changed).values("provider")
    named = ListedDocument.objects.filter(listing__in=changed).values("document")
    keys = [int(key) for key in no_longer_printed if key.isdecimal()]
    rows = ever(
        PolicyDocument.history, Q(provider_id__in=listed) | Q(id__in=named) | Q(id__in=keys)
    )
    return read_histories(rows, lambda: ())
