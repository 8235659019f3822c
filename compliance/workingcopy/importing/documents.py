"""Find the policy documents of each provider from the rows of a page, and write them.

A page shows documents in rows, not by provider. So an import works out whose document each is.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from compliance.models import ListedProvider, PolicyDocument, Provider, Register
from compliance.models.positions import arrange, next_position
from compliance.page import snapshot
from compliance.page.documents import document_label
from compliance.page.table import DocumentItem, Row
from compliance.workingcopy.matching import Partners, align

# What a page prints of a document: its label and its URL, "" if it has none.
Printed = tuple[str, str]
# The owner of a document, by the id of its listing and its index there; None if it is not known.
Owners = dict[tuple[str, int], Provider | None]
# An owner's documents on a page, in order.
Wanted = dict[Printed, DocumentItem]


def printed(document: DocumentItem) -> Printed:
    return document.plain, document.url or ""


@dataclass
class Documents:
    """The records of the documents that a page shows.

    `shown` has them by owner and by what is printed, `published` the ones that each provider shows
    by default, and `dropped` the ones that the page no longer shows.
    """

    owners: Owners
    shown: dict[Provider | None, dict[Printed, PolicyDocument]] = field(default_factory=dict)
    published: dict[Provider, list[PolicyDocument]] = field(default_factory=dict)
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
        for document in self.dropped:
            if not document.listed.exists():
                document.delete()


def documents_shown(
    page: snapshot.Snapshot, register: Register, providers: dict[str, Provider]
) -> Documents:
    """Make the documents of each provider equal to those that the page shows for it.

    The documents that a provider has in most of its rows come first, those that other rows add
    follow. Documents without a known owner, and those of a provider that another register lists
    too, are only added, because a change would show on the other page.
    """
    elsewhere = set(
        ListedProvider.objects.exclude(listing__register=register).values_list(
            "provider_id", flat=True
        )
    )
    existing: defaultdict[Provider | None, list[PolicyDocument]] = defaultdict(list)
    for document in PolicyDocument.objects.select_related("provider"):
        existing[document.provider].append(document)
    owners = _owners(page, providers, existing)
    wanted = _wanted(page, owners)
    documents = Documents(owners)
    for provider in providers.values():
        write = _add_missing if provider.pk in elsewhere else _make_equal
        write(documents, provider, wanted[provider], existing[provider])
    _add_missing(documents, None, wanted[None], existing[None])
    for document in existing[None]:
        if _printed(document) not in wanted[None]:
            documents.dropped.append(document)
    return documents


def _owners(
    page: snapshot.Snapshot,
    providers: dict[str, Provider],
    existing: dict[Provider | None, list[PolicyDocument]],
) -> Owners:
    """Return the owner of each document on the page.

    It is the provider that the page names. Where it names none, it is the first provider of the row
    that is known to have the document, from another row or from the working copy.
    """
    by_id: dict[str, Provider] = {}
    for row in page.rows():
        for provider in row.providers:
            by_id[provider.provider] = providers[provider.plain]
    known: defaultdict[Provider | None, set[Printed]] = defaultdict(set)
    for owner, documents in existing.items():
        known[owner].update(map(_printed, documents))
    for row in page.rows():
        for document in row.documents:
            known[by_id.get(document.provider or "")].add(printed(document))
    owners: Owners = {}
    for row in page.rows():
        for index, document in enumerate(row.documents):
            owner = by_id.get(document.provider or "")
            for provider in row.providers:
                if owner is None and printed(document) in known[providers[provider.plain]]:
                    owner = providers[provider.plain]
            owners[row.id, index] = owner
    return owners


def _wanted(page: snapshot.Snapshot, owners: Owners) -> defaultdict[Provider | None, Wanted]:
    """Return the documents of each owner in order: those of most of its rows come first."""
    rows: defaultdict[Provider | None, Counter[tuple[DocumentItem, ...]]] = defaultdict(Counter)
    for row in page.rows():
        of_row: defaultdict[Provider | None, list[DocumentItem]] = defaultdict(list)
        for index, document in enumerate(row.documents):
            # The id counts the documents of the page: the same document has several.
            of_row[owners[row.id, index]].append(replace(document, document="", footnotes=()))
        for owner, shown in of_row.items():
            rows[owner][tuple(shown)] += 1
    wanted: defaultdict[Provider | None, Wanted] = defaultdict(dict)
    for owner, counted in rows.items():
        for documents, _ in counted.most_common():
            wanted[owner] |= {printed(document): document for document in documents}
    return wanted


def _add_missing(
    documents: Documents, owner: Provider | None, wanted: Wanted, existing: list[PolicyDocument]
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
        records[key] = PolicyDocument(
            provider=owner, position=position, is_default=False, **_values(owner, document)
        )
        records[key].save()
    documents.shown[owner] = records
    if owner is not None:
        documents.published[owner] = [document for document in existing if document.is_default]


def _make_equal(
    documents: Documents, owner: Provider, wanted: Wanted, existing: list[PolicyDocument]
) -> None:
    """Make an owner's documents equal to the wanted ones, in order.

    A record of which only the label or the URL differs is kept and changed.
    """
    partners = _partners(existing, wanted)
    for i, record in enumerate(existing):
        if i not in partners:
            documents.dropped.append(record)
    records = [PolicyDocument(provider=owner) if i is None else existing[i] for i in partners]
    positions = arrange([None if record._state.adding else record.position for record in records])
    for record, document, position in zip(records, wanted.values(), positions, strict=True):
        record.set(position=position, **_values(owner, document))
    documents.shown[owner] = dict(zip(wanted, records, strict=True))
    documents.published[owner] = [record for record in records if record.is_default]


def _partners(existing: list[PolicyDocument], wanted: Wanted) -> Partners:
    """Return for each wanted document the index of the record that it continues, or None.

    Documents that print the same are matched first, then those with equal URLs, then those of the
    same kind.
    """
    old = [(_printed(record), record.url or None, record.kind) for record in existing]
    new = [(key, document.url, document.kind.value) for key, document in wanted.items()]
    partners: Partners = [None] * len(new)
    for criterion in range(3):
        free = [i for i in range(len(old)) if i not in partners and old[i][criterion]]
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
    return document.printed_label, document.url


def _values(owner: Provider | None, document: DocumentItem) -> dict[str, str]:
    implied = owner is not None and document.plain == document_label(owner.name, document.kind)
    return {
        "kind": document.kind.value,
        "label": "" if implied else document.plain,
        "url": document.url or "",
    }
