"""Find the policy documents of each provider from the rows of a page, and write them.

A page shows documents in rows, not by provider. So an import works out whose document each is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance.models import ListedDocument, PolicyDocument, Provider
from compliance.models.bulk import delete_all
from compliance.models.ledger import chunks
from compliance.models.positions import arrange, next_position
from compliance.page import inline, snapshot
from compliance.page.diff.sentences import row_label
from compliance.page.documents import document_label, is_contact
from compliance.page.matching import Partners
from compliance.page.table import DocumentItem, Row
from compliance.page.vocabulary import DocumentKind
from compliance.workingcopy.importing.errors import NotImportable
from compliance.workingcopy.importing.parties import Parties
from compliance.workingcopy.matching import align
from compliance.workingcopy.writes import Writes

# What a page prints of a document: its text and its URL, "" if it has none.
Printed = tuple[str, str]
# Whose a document is: the key of the provider, None if it is not known.
Owner = int | None
# An owner's documents on a page, in order.
Wanted = dict[Printed, DocumentItem]


def printed(document: DocumentItem) -> Printed:
    return document.text, document.url or ""


@dataclass
class Documents:
    """The records of the documents that a page shows.

    `owners` has the owner of each document by the id of its listing and its index there, `by_key`
    every record that was there before, `shown` the records by owner and by what is printed,
    `published` those that each provider shows by default, and `dropped` those that the page no
    longer shows.
    """

    owners: dict[tuple[str, int], Owner]
    by_key: dict[int, PolicyDocument]
    shown: dict[Owner, dict[Printed, PolicyDocument]] = field(default_factory=dict)
    published: dict[Owner, list[PolicyDocument]] = field(default_factory=dict)
    dropped: list[PolicyDocument] = field(default_factory=list)

    def of_row(self, row: Row) -> list[PolicyDocument]:
        """Return the records of a row's documents, in order."""
        records = []
        for index, document in enumerate(row.documents):
            owner = self.owners[row.id, index]
            records.append(self.shown[owner][printed(document)])
        return records

    def delete_dropped(self) -> None:
        """Delete the documents that the page no longer shows, unless another listing does."""
        listed: set[Any] = set()
        for batch in chunks(document.pk for document in self.dropped):
            rows = ListedDocument.objects.filter(document__in=batch)
            listed.update(rows.values_list("document_id", flat=True))
        delete_all(document for document in self.dropped if document.pk not in listed)


def write_documents(page: snapshot.Snapshot, parties: Parties, *, with_facts: bool) -> Documents:
    """Make the documents of each provider equal to those that the page shows for it.

    The documents that a provider has in most of its rows come first, those that other rows add
    follow. Documents without a known owner, those of a provider that another register lists too,
    and those of one that the page does not list are only added, because a change would show
    elsewhere.
    """
    _refuse_contacts(page)
    existing: defaultdict[Owner, list[PolicyDocument]] = defaultdict(list)
    by_key: dict[int, PolicyDocument] = {}
    for document in PolicyDocument.objects.select_related("provider"):
        existing[document.provider_id].append(document)
        by_key[document.pk] = document
    owners = _owners(page, parties, existing)
    wanted = _wanted(page, owners)
    documents = Documents(owners, by_key)
    writer = _Writer(documents, with_facts=with_facts)
    listed = {item.provider for row in page.rows() for item in row.providers}
    for id, provider in parties.providers.items():
        key = provider.pk
        if key in parties.listed_elsewhere or id not in listed:
            writer.add_missing(provider, wanted[key], existing[key])
        else:
            writer.make_equal(provider, wanted[key], existing[key])
    writer.add_missing(None, wanted[None], existing[None])
    writer.writes.write()
    for document in existing[None]:
        if _printed(document) not in wanted[None]:
            documents.dropped.append(document)
    return documents


def _refuse_contacts(page: snapshot.Snapshot) -> None:
    for row in page.rows():
        for document in row.documents:
            if is_contact(document.plain, document.url):
                leads = f" with the address {document.url}" if document.url else ""
                raise NotImportable(
                    f"“{document.plain}”{leads} in the row of {row_label(row)} is a contact, no "
                    "document. Put the address of the policy there, or leave the cell empty, and "
                    "the contact in a column of text or in the text of the page."
                )


def _owners(
    page: snapshot.Snapshot,
    parties: Parties,
    existing: dict[Owner, list[PolicyDocument]],
) -> dict[tuple[str, int], Owner]:
    """Return the owner of each document on the page.

    It is the provider that the page names. Where it names none, it is the first provider of the row
    that is known to have the document, from another row or from the working copy.
    """
    keys: dict[str | None, Owner] = {id: record.pk for id, record in parties.providers.items()}
    known: defaultdict[Owner, set[Printed]] = defaultdict(set)
    for owner, records in existing.items():
        known[owner].update(map(_printed, records))
    for row in page.rows():
        for document in row.documents:
            known[keys.get(document.provider)].add(printed(document))
    owners: dict[tuple[str, int], Owner] = {}
    for row in page.rows():
        in_row = [keys[item.provider] for item in row.providers]
        for index, document in enumerate(row.documents):
            having = (key for key in in_row if printed(document) in known[key])
            owners[row.id, index] = keys.get(document.provider) or next(having, None)
    return owners


def _wanted(
    page: snapshot.Snapshot, owners: dict[tuple[str, int], Owner]
) -> defaultdict[Owner, Wanted]:
    """Return the documents of each owner in order: those of most of its rows come first."""
    # By what is printed: the ids of a page in Markdown only count.
    rows: defaultdict[Owner, Counter[tuple[Printed, ...]]] = defaultdict(Counter)
    items: dict[tuple[Owner, Printed], DocumentItem] = {}
    for row in page.rows():
        of_row: defaultdict[Owner, list[Printed]] = defaultdict(list)
        for index, document in enumerate(row.documents):
            owner = owners[row.id, index]
            of_row[owner].append(printed(document))
            items.setdefault((owner, printed(document)), document)
        for owner, shown in of_row.items():
            rows[owner][tuple(shown)] += 1
    wanted: defaultdict[Owner, Wanted] = defaultdict(dict)
    for owner, counted in rows.items():
        for shown_together, _ in counted.most_common():
            for key in shown_together:
                wanted[owner].setdefault(key, items[owner, key])
    return wanted


class _Writer:
    """Makes the records of documents, owner by owner; `writes` has what is to be written."""

    def __init__(self, documents: Documents, *, with_facts: bool) -> None:
        self.writes = Writes()
        self._documents = documents
        self._with_facts = with_facts

    def add_missing(
        self, owner: Provider | None, wanted: Wanted, existing: list[PolicyDocument]
    ) -> None:
        """Add the wanted documents that do not exist, not shown by default.

        So only the listings that name them show them, and other pages stay as they are.
        """
        records = {_printed(document): document for document in existing}
        positions = [document.position for document in existing]
        for key, document in wanted.items():
            if key in records:
                continue
            position = next_position(positions)
            positions.append(position)
            records[key] = PolicyDocument(provider=owner)
            values = self._values(owner, document, records[key])
            self.writes.set(records[key], position=position, is_default=False, **values)
        self._documents.shown[owner.pk if owner else None] = records
        if owner is not None:
            self._documents.published[owner.pk] = [
                document for document in existing if document.is_default
            ]

    def make_equal(self, owner: Provider, wanted: Wanted, existing: list[PolicyDocument]) -> None:
        """Make an owner's documents equal to the wanted ones, in order.

        A record of which only the text or the URL differs is kept and changed.
        """
        partners = _partners(existing, wanted)
        continued = set(partners)
        for i, record in enumerate(existing):
            if i not in continued:
                self._documents.dropped.append(record)
        records = [PolicyDocument(provider=owner) if i is None else existing[i] for i in partners]
        positions = arrange(_positions(records))
        for record, document, position in zip(records, wanted.values(), positions, strict=True):
            self.writes.set(record, position=position, **self._values(owner, document, record))
        self._documents.shown[owner.pk] = dict(zip(wanted, records, strict=True))
        self._documents.published[owner.pk] = [record for record in records if record.is_default]

    def _values(
        self, owner: Provider | None, document: DocumentItem, record: PolicyDocument
    ) -> dict[str, Any]:
        kind = document.kind
        if not self._with_facts and _is_printed_alike(record, document):
            kind = DocumentKind(record.kind)
        label = document.plain
        if owner is not None and label == document_label(owner.name, kind):
            label = ""
        values = {"kind": kind.value, "label": label, "url": document.url or ""}
        if not self._with_facts:
            return values
        return {
            **values,
            "valid_from": document.valid_from,
            "valid_until": document.valid_until,
        }


def _is_printed_alike(record: PolicyDocument, document: DocumentItem) -> bool:
    """Return whether a record prints a document of the page already, of whatever kind it is."""
    return not record._state.adding and _printed(record) == printed(document)


def _positions(records: Iterable[PolicyDocument]) -> list[int | None]:
    return [None if record._state.adding else record.position for record in records]


def _partners(existing: Sequence[PolicyDocument], wanted: Wanted) -> Partners:
    """Return for each wanted document the index of the record that it continues, or None.

    Documents that print the same are matched first, then those with equal URLs, then those of the
    same kind.
    """
    old = [(_printed(record), record.url or None, record.kind) for record in existing]
    new = [(key, document.url, document.kind.value) for key, document in wanted.items()]
    partners: Partners = [None] * len(new)
    for criterion in range(3):
        taken = set(partners)
        free = [i for i in range(len(old)) if i not in taken and old[i][criterion]]
        unmatched = [j for j in range(len(new)) if partners[j] is None and new[j][criterion]]
        matches = align(
            [old[i][criterion] for i in free],
            [new[j][criterion] for j in unmatched],
            in_place=False,
        )
        for j, match in zip(unmatched, matches, strict=True):
            partners[j] = None if match is None else free[match]
    return partners


def _printed(document: PolicyDocument) -> Printed:
    return inline.escape(document.printed_label), document.url
