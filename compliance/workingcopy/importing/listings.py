"""The rows of a page into listings, with their models, providers and documents in order."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from compliance.models import (
    AIModel,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Provider,
    Register,
    RetentionTerm,
)
from compliance.models.positions import arrange
from compliance.models.tracked import Tracked
from compliance.page import snapshot
from compliance.page.table import Item, ModelItem, ProviderItem, Row
from compliance.page.training import training_text
from compliance.page.vocabulary import ColumnRole, TrainingUse
from compliance.workingcopy.citations import MarkedPlace, Marks
from compliance.workingcopy.importing.documents import Documents
from compliance.workingcopy.matching import RowParties, match_listings
from compliance.workingcopy.rows import ListedRow, sync_rows

# What is read with each row: what it lists, and the provider that a document's name depends on.
_READ_WITH: dict[type, str] = {
    ListedModel: "model",
    ListedProvider: "provider",
    ListedDocument: "document__provider",
}


@dataclass(frozen=True)
class RowsByName:
    """The records of a page's terms by wording, and of its models and providers by name."""

    terms: dict[str, RetentionTerm]
    models: dict[str, AIModel]
    providers: dict[str, Provider]


def write_listings(
    page: snapshot.Snapshot,
    register: Register,
    named: RowsByName,
    documents: Documents,
    before: snapshot.Snapshot | None,
) -> Marks:
    """Make the register's listings equal to the rows of the page; return the marks to print.

    `before` is the working copy as it was. A cell that prints the same as before stays stated or
    derived, as it was.
    """
    printed = {row.id: row for row in before.rows()} if before else {}
    models, providers = _listed(ListedModel, register), _listed(ListedProvider, register)
    departing = _listed(ListedDocument, register)
    marks: Marks = {}
    for row, (listing, position) in zip(
        page.rows(), _matched(page, register, named, models, providers), strict=True
    ):
        key = listing.pk
        row_models = [named.models[model.plain] for model in row.models]
        row_providers = [named.providers[provider.plain] for provider in row.providers]
        shown = _departure(row, row_providers, departing[key], documents)
        cells = _cells(row, printed.get(str(key)), named.terms)
        listing.set(position=position, departs=shown is not None, **cells)
        models[key], _ = sync_rows(ListedModel, listing, models[key], row_models)
        # A provider that takes another's place is another recipient, not a successor of the row.
        providers[key], _ = sync_rows(
            ListedProvider, listing, providers[key], row_providers, in_place=False
        )
        departing[key], _ = sync_rows(ListedDocument, listing, departing[key], shown or [])
        marks[MarkedPlace(listing, "training")] = _claim(row, ColumnRole.TRAINING).footnotes
        marks[MarkedPlace(listing, "retention")] = _claim(row, ColumnRole.RETENTION).footnotes
        marks |= _marks(row.models, models[key], row_models)
        marks |= _marks(row.providers, providers[key], row_providers)
        # Only a listing that departs from its providers' documents has rows of its own to mark.
        for document, listed in zip(row.documents, departing[key], strict=False):
            marks[MarkedPlace(listed)] = document.footnotes
    return marks


def _marks(
    printed: Iterable[ModelItem | ProviderItem],
    rows: Iterable[Tracked],
    listed: Iterable[Tracked],
) -> Marks:
    """Return the marks of a row's models or providers: as printed, as rows, and what they list."""
    marks: Marks = {}
    for item, row, record in zip(printed, rows, listed, strict=True):
        marks[MarkedPlace(row, everywhere=record)] = item.footnotes
    return marks


def _matched(
    page: snapshot.Snapshot,
    register: Register,
    named: RowsByName,
    models: dict[Any, list[ListedModel]],
    providers: dict[Any, list[ListedProvider]],
) -> list[tuple[Listing, int]]:
    """Return the listing of each row, not yet saved, with the position that it gets.

    Listings that no row continues are deleted.
    """
    existing = list(register.listings.all())
    old = [
        RowParties(
            tuple(listed.model_id for listed in models[listing.pk]),
            tuple(listed.provider_id for listed in providers[listing.pk]),
        )
        for listing in existing
    ]
    new = [
        RowParties(
            tuple(named.models[model.plain].pk for model in row.models),
            tuple(named.providers[provider.plain].pk for provider in row.providers),
        )
        for row in page.rows()
    ]
    partners = match_listings(old, new)
    continued = set(partners)
    for index, listing in enumerate(existing):
        if index not in continued:
            listing.delete()
    listings = [Listing(register=register) if i is None else existing[i] for i in partners]
    positions = arrange(
        [None if listing._state.adding else listing.position for listing in listings]
    )
    return list(zip(listings, positions, strict=True))


def _listed(kind: type[ListedRow], register: Register) -> defaultdict[Any, list[ListedRow]]:
    grouped: defaultdict[Any, list[ListedRow]] = defaultdict(list)
    for listed in kind._default_manager.filter(listing__register=register).select_related(
        _READ_WITH[kind]
    ):
        grouped[listed.listing_id].append(listed)
    return grouped


def _cells(row: Row, before: Row | None, terms: dict[str, RetentionTerm]) -> dict[str, Any]:
    """Return the values of the cells that print something else than before."""
    values: dict[str, Any] = {}
    [(_, training)] = row.claims(ColumnRole.TRAINING)
    [(_, retention)] = row.claims(ColumnRole.RETENTION)
    if before is None or before.claims(ColumnRole.TRAINING)[0][1].plain != training.plain:
        use = training.use or TrainingUse.UNKNOWN
        implied = training.plain == training_text(use)
        values |= {
            "training_use": use.value,
            "training_text": "" if implied else training.plain,
        }
    if before is None or before.claims(ColumnRole.RETENTION)[0][1].plain != retention.plain:
        values["retention_term"] = terms[retention.plain]
    return values


def _claim(row: Row, role: ColumnRole) -> Item:
    [(_, cell)] = row.claims(role)
    return cell.items[0]


def _departure(
    row: Row,
    providers: list[Provider],
    existing: list[ListedDocument],
    documents: Documents,
) -> list[PolicyDocument] | None:
    """Return the documents that the listing has to list itself, None if it need not list any.

    It need not if the row shows what its providers show by default, in their order. But it does if
    it lists exactly these documents already, and if one of them has a mark, because a citation
    refers to the listed document.
    """
    shown = documents.of_row(row)
    usual: list[PolicyDocument] = []
    for provider in dict.fromkeys(providers):
        usual += documents.published[provider]
    listed_ids = [listed.document_id for listed in existing]
    is_listed = bool(existing) and listed_ids == [document.pk for document in shown]
    is_marked = any(document.footnotes for document in row.documents)
    return shown if is_listed or is_marked or shown != usual else None
