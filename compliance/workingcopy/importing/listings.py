"""The rows of a page into listings, with their models, providers, documents and cells."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.models import (
    Cell,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
    PolicyDocument,
    Register,
)
from compliance.models.graph import label_field
from compliance.models.positions import arrange
from compliance.models.tracked import Tracked
from compliance.page import inline, snapshot
from compliance.page.matching import Partners
from compliance.page.table import Item, Row
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.citations import MarkedPlace, Marks
from compliance.workingcopy.importing.cells import BLANK, Claims, stated_documents, text_values
from compliance.workingcopy.importing.documents import Documents
from compliance.workingcopy.importing.identity import given_id
from compliance.workingcopy.importing.parties import Parties
from compliance.workingcopy.importing.sections import Table, Tables
from compliance.workingcopy.matching import RowParties, match_listings
from compliance.workingcopy.rows import AnyRow, ListedRow, plan_cells, plan_rows
from compliance.workingcopy.writes import Writes


def write_listings(
    register: Register,
    tables: Tables,
    parties: Parties,
    documents: Documents,
    before: snapshot.Snapshot | None,
    *,
    with_facts: bool,
) -> Marks:
    """Make the register's listings equal to the rows of the page; return the marks to print.

    `before` is the working copy as it was.
    """
    # Together: a cell that goes is deleted before its listing moves to a table without its column.
    writes = Writes()
    listings = _plan_listings(writes, register, tables, parties, before)
    claims = Claims(parties, with_facts=with_facts)
    rows = _RowWriter(writes, register, tables, parties, documents, claims)
    for (table, row), listing in zip(_rows(tables), listings, strict=True):
        rows.plan(table, row, listing)
    writes.write()
    return rows.marks()


def _rows(tables: Tables) -> Iterator[tuple[Table, Row]]:
    for table in tables.present:
        for listing in table.wanted.listings:
            yield table, Row(table.wanted, listing)


def _plan_listings(
    writes: Writes,
    register: Register,
    tables: Tables,
    parties: Parties,
    before: snapshot.Snapshot | None,
) -> list[Listing]:
    """Return the listing of each row, and add to the writes what puts it in its section and place.

    Those that no row continues are deleted. A listing that a page gives by id is that one; the
    others are matched by what they list.
    """
    by_id = {
        str(listing.pk): listing for listing in Listing.objects.filter(section__register=register)
    }
    former = list(before.rows()) if before else []
    wanted = list(_rows(tables))
    partners = _partners(former, wanted, parties)
    listings = []
    for (_, row), partner in zip(wanted, partners, strict=True):
        if partner is not None:
            listings.append(by_id[former[partner].id])
            continue
        listing = Listing()
        listing.id = given_id(row.id) or listing.id
        listings.append(listing)
    continued = {listing.pk for listing in listings}
    for listing in by_id.values():
        if listing.pk not in continued:
            writes.delete(listing)
    positions = _positions([table for table, _ in wanted], listings)
    for (table, _), listing, position in zip(wanted, listings, positions, strict=True):
        writes.set(listing, section=table.section, position=position)
    return listings


def _positions(tables: Sequence[Table], listings: Sequence[Listing]) -> list[int]:
    """Return the position of each listing in the order of its own table."""
    current: defaultdict[Hashable, list[int | None]] = defaultdict(list)
    for table, listing in zip(tables, listings, strict=True):
        is_new = listing._state.adding or listing.section_id != table.section.pk
        current[table.section.pk].append(None if is_new else listing.position)
    arranged = {key: iter(arrange(positions)) for key, positions in current.items()}
    return [next(arranged[table.section.pk]) for table in tables]


def _partners(
    former: Sequence[Row], wanted: Sequence[tuple[Table, Row]], parties: Parties
) -> Partners:
    """Return for each wanted row the index of the former one that it continues, or None."""
    places = {row.id: place for place, row in enumerate(former)}
    partners: Partners = [places.get(row.id) for _, row in wanted]
    by_id = set(partners)
    free = [i for i in range(len(former)) if i not in by_id]
    lacking = [j for j, partner in enumerate(partners) if partner is None]
    if not free or not lacking:
        return partners
    models = {id: record.slug for id, record in parties.models.items()}
    providers = {id: record.slug for id, record in parties.providers.items()}
    new = []
    for j in lacking:
        table, row = wanted[j]
        listed_models = tuple(models[item.model] for item in row.models)
        listed_providers = tuple(providers[item.provider] for item in row.providers)
        section = str(table.section.pk)
        new.append(_row_parties(row, listed_models, listed_providers, section))
    old = []
    for i in free:
        row = former[i]
        listed_models = tuple(item.model for item in row.models)
        listed_providers = tuple(item.provider for item in row.providers)
        old.append(_row_parties(row, listed_models, listed_providers, row.section.id))
    matches = match_listings(old, new)
    for j, match in zip(lacking, matches, strict=True):
        partners[j] = None if match is None else free[match]
    return partners


def _row_parties(
    row: Row, models: tuple[str, ...], providers: tuple[str, ...], section: str
) -> RowParties:
    """Return what a row is recognised by: its models and providers, else its words."""
    names: tuple[Hashable, ...] = models
    if not models and row.header.items:
        names = (("header", row.header.plain),)
    others: tuple[Hashable, ...] = providers
    if row.section.column(ColumnRole.PROVIDERS) is None:
        others = tuple((column.label, cell.plain) for column, cell in row.cells[1:] if cell.items)
    return RowParties(names, others, section)


@dataclass(frozen=True)
class _Placed:
    """A record that prints an item of the page, with the footnotes that mark it there."""

    record: Tracked
    footnotes: tuple[int, ...]
    everywhere: Tracked | None = None


class _RowWriter:
    """Makes what the listings list and state equal to the rows of a page."""

    def __init__(
        self,
        writes: Writes,
        register: Register,
        tables: Tables,
        parties: Parties,
        documents: Documents,
        claims: Claims,
    ) -> None:
        self.writes = writes
        self._columns = tables.columns
        self._parties = parties
        self._documents = documents
        self._claims = claims
        self._placed: list[_Placed] = []
        self._models = _by_listing(ListedModel, register, parties.all_models)
        self._providers = _by_listing(ListedProvider, register, parties.all_providers)
        self._stated_documents = _by_listing(ListedDocument, register, documents.by_key)
        self._cells = _by_listing(Cell, register, {})
        self._names: dict[int, str] = {}

    def marks(self) -> Marks:
        """Return the marks of everything that was planned, after it was written."""
        return {
            MarkedPlace(placed.record, everywhere=placed.everywhere): placed.footnotes
            for placed in self._placed
        }

    def plan(self, table: Table, row: Row, listing: Listing) -> None:
        """Add to the writes what a listing lacks to print a row."""
        models = [self._parties.models[item.model] for item in row.models]
        providers = [self._parties.providers[item.provider] for item in row.providers]
        self._plan_listed(ListedModel, self._models[listing.pk], listing, row.models, models)
        # A provider that takes another's place is another recipient, not a successor of the row.
        self._plan_listed(
            ListedProvider,
            self._providers[listing.pk],
            listing,
            row.providers,
            providers,
            in_place=False,
        )
        cells = self._cells_by_key(table, listing)
        documents = self._plan_documents(row, listing, providers, cells)
        for shown, cell in row.cells:
            column, present = table.columns[shown.key], cells.pop(shown.key, [])
            if shown.role.is_claim:
                wanted = self._claims.values(column, shown, cell, present, (models, providers))
            elif shown.role is ColumnRole.DOCUMENTS:
                wanted = [BLANK] if documents == [] else []
            elif shown.role in (ColumnRole.MODELS, ColumnRole.PROVIDERS):
                continue
            else:
                wanted = text_values(cell)
            if wanted is None:
                for stays in present:
                    self.writes.set(stays, column=column)
            else:
                present = plan_cells(self.writes, listing, column, present, wanted)
            self._place(cell.items, present)
        for strays in cells.values():
            for stray in strays:
                self.writes.delete(stray)

    def _plan_listed(
        self,
        row_class: type[ListedRow],
        present: Sequence[ListedRow],
        listing: Listing,
        items: Sequence[Any],
        records: Sequence[Any],
        *,
        in_place: bool = True,
    ) -> None:
        values = []
        for item, record in zip(items, records, strict=True):
            name = self._printed_name(record)
            values.append({"text": "" if item.text == name else item.text})
        rows = plan_rows(
            self.writes, row_class, listing, present, records, values=values, in_place=in_place
        )
        for item, row, record in zip(items, rows, records, strict=True):
            self._placed.append(_Placed(row, item.footnotes, everywhere=record))

    def _printed_name(self, record: Any) -> str:
        if id(record) not in self._names:
            self._names[id(record)] = inline.escape(record.name)
        return self._names[id(record)]

    def _plan_documents(
        self,
        row: Row,
        listing: Listing,
        providers: Iterable[Any],
        cells: dict[str, list[Cell]],
    ) -> Sequence[PolicyDocument] | None:
        """Return the documents that a listing states; None where they follow from its providers."""
        present = self._stated_documents[listing.pk]
        column = row.section.column(ColumnRole.DOCUMENTS)
        stated: Sequence[PolicyDocument] | None = None
        if column is not None:
            usual: list[PolicyDocument] = []
            for provider in dict.fromkeys(record.pk for record in providers):
                usual += self._documents.published.get(provider, [])
            stated = stated_documents(
                self._documents.of_row(row),
                usual,
                [listed.document_id for listed in present],
                is_marked=any(document.footnotes for document in row.documents),
                is_blank=bool(cells.get(column.key)),
            )
        rows = plan_rows(self.writes, ListedDocument, listing, present, stated or [])
        # Only a listing that states its documents has rows of its own to mark.
        self._place(row.documents, rows)
        return stated

    def _place(self, items: Iterable[Item], rows: Iterable[AnyRow]) -> None:
        """Note which rows print which items; derived items have none, and no marks."""
        for item, row in zip(items, rows, strict=False):
            self._placed.append(_Placed(row, item.footnotes))

    def _cells_by_key(self, table: Table, listing: Listing) -> dict[str, list[Cell]]:
        """Return the cells of a listing by the keys of the page's columns.

        Those of a listing that came from another table are taken for the columns with the same key.
        Cells without a column have keys of their own.
        """
        keys = {column.pk: key for key, column in table.columns.items()}
        same = {(column.key, column.role): key for key, column in table.columns.items()}
        cells: defaultdict[str, list[Cell]] = defaultdict(list)
        for cell in self._cells[listing.pk]:
            key = keys.get(cell.column_id)
            former = self._columns[cell.column_id]
            if key is None and former.section_id != table.section.pk:
                key = same.get((former.key, former.role))
            cells[key or f"\x00{cell.column_id}"].append(cell)
        return cells


def _by_listing(
    kind: type[AnyRow], register: Register, listed: Mapping[int, Tracked]
) -> defaultdict[Any, list[AnyRow]]:
    """Return the rows of one kind by the key of their listing; `listed` has what they list."""
    grouped: defaultdict[Any, list[AnyRow]] = defaultdict(list)
    name = label_field(kind)
    for row in kind._default_manager.filter(listing__section__register=register):
        if listed:
            setattr(row, name, listed[getattr(row, f"{name}_id")])
        grouped[row.listing_id].append(row)
    return grouped
