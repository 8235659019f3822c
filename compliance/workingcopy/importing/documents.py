"""Policy documents: what each provider publishes, as the rows of a page tell it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from compliance.models import ListedProvider, PolicyDocument, Provider, Register
from compliance.models.positions import STEP, arrange
from compliance.page import snapshot
from compliance.page.documents import document_label
from compliance.workingcopy.matching import Partners, align

# What is printed of a document: its label, and its URL or nothing.
Printed = tuple[str, str]


def printed(document: snapshot.Document) -> Printed:
    """Return what the page prints of a document."""
    return document.label, document.url or ""


Owners = dict[tuple[str, int], Provider | None]


@dataclass
class Documents:
    """The policy documents that a page shows: by owner (None: nobody knows whose) and by what is printed.

    `owners` tells, for a listing's id and a place among its documents, whose document it is.
    """

    owners: Owners
    shown: dict[Provider | None, dict[Printed, PolicyDocument]] = field(default_factory=dict)
    published: dict[Provider, list[PolicyDocument]] = field(default_factory=dict)
    dropped: list[PolicyDocument] = field(default_factory=list)

    def of_row(self, listing: snapshot.Listing) -> list[PolicyDocument]:
        """Return the records of a row's documents, in order."""
        return [
            self.shown[self.owners[listing.id, place]][printed(document)]
            for place, document in enumerate(listing.documents)
        ]

    def delete_dropped(self) -> None:
        """Delete the documents that the page no longer shows, unless another register's listing does."""
        for document in self.dropped:
            if not document.listed.exists():
                document.delete()


def documents_shown(
    page: snapshot.Snapshot, register: Register, providers: dict[str, Provider]
) -> Documents:
    """Make each provider's documents those that the page shows, with the fewest writes.

    What a provider shows in most of its rows comes first, what single rows add comes behind. To the documents of a
    provider that another register lists too, and to those of nobody, is only added.
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
        write = _add if provider.pk in elsewhere else _make
        write(documents, provider, wanted[provider], existing[provider])
    _add(documents, None, wanted[None], existing[None])
    documents.dropped += [each for each in existing[None] if _printed(each) not in wanted[None]]
    return documents


def _owners(
    page: snapshot.Snapshot,
    providers: dict[str, Provider],
    existing: dict[Provider | None, list[PolicyDocument]],
) -> Owners:
    """Return whose document each is: as the page says, else that provider's of the row that has it elsewhere."""
    by_id = {
        each.id: providers[each.name] for listing in page.listings for each in listing.providers
    }
    known = defaultdict(
        set,
        {owner: {_printed(each) for each in documents} for owner, documents in existing.items()},
    )
    for listing in page.listings:
        for document in listing.documents:
            known[by_id.get(document.provider or "")].add(printed(document))
    owners: Owners = {}
    for listing in page.listings:
        row = [providers[provider.name] for provider in listing.providers]
        for place, document in enumerate(listing.documents):
            holder = next((each for each in row if printed(document) in known[each]), None)
            owners[listing.id, place] = by_id.get(document.provider or "", holder)
    return owners


Wanted = dict[Printed, snapshot.Document]


def _wanted(page: snapshot.Snapshot, owners: Owners) -> defaultdict[Provider | None, Wanted]:
    """Return each owner's documents in order: those of most of its rows, then what other rows add."""
    rows: defaultdict[Provider | None, Counter[tuple[snapshot.Document, ...]]] = defaultdict(
        Counter
    )
    for listing in page.listings:
        of_row: defaultdict[Provider | None, list[snapshot.Document]] = defaultdict(list)
        for place, document in enumerate(listing.documents):
            of_row[owners[listing.id, place]].append(replace(document, footnotes=()))
        for owner, shown in of_row.items():
            rows[owner][tuple(shown)] += 1
    wanted: defaultdict[Provider | None, Wanted] = defaultdict(dict)
    for owner, counted in rows.items():
        wanted[owner] = {
            printed(document): document for shown, _ in counted.most_common() for document in shown
        }
    return wanted


def _add(
    documents: Documents, owner: Provider | None, wanted: Wanted, existing: list[PolicyDocument]
) -> None:
    """Add the documents that are not there yet, shown only where a listing names them: other pages stay as they are."""
    found = {_printed(document): document for document in existing}
    position = max((document.position for document in existing), default=0)
    for key, document in wanted.items():
        if key not in found:
            position += STEP
            found[key] = PolicyDocument(
                provider=owner, position=position, is_default=False, **_values(owner, document)
            )
            found[key].save()
    documents.shown[owner] = found
    if owner is not None:
        documents.published[owner] = [document for document in existing if document.is_default]


def _make(
    documents: Documents, owner: Provider, wanted: Wanted, existing: list[PolicyDocument]
) -> None:
    """Make an owner's documents the wanted ones in order, in place where only a label or a URL differs."""
    partners = _partners(existing, wanted)
    documents.dropped += [document for i, document in enumerate(existing) if i not in partners]
    records = [PolicyDocument(provider=owner) if i is None else existing[i] for i in partners]
    positions = arrange([None if record._state.adding else record.position for record in records])
    for record, document, position in zip(records, wanted.values(), positions, strict=True):
        record.set(position=position, **_values(owner, document))
    documents.shown[owner] = dict(zip(wanted, records, strict=True))
    documents.published[owner] = [record for record in records if record.is_default]


def _partners(existing: list[PolicyDocument], wanted: Wanted) -> Partners:
    """Return the record that each wanted document continues: the same, else with its URL, else of its kind."""
    old = [(_printed(each), each.url or None, each.kind) for each in existing]
    new = [(key, document.url, document.kind.value) for key, document in wanted.items()]
    partners: Partners = [None] * len(new)
    for same in range(3):
        free = [i for i in range(len(old)) if i not in partners and old[i][same]]
        lacking = [j for j, partner in enumerate(partners) if partner is None and new[j][same]]
        found = align([old[i][same] for i in free], [new[j][same] for j in lacking], in_place=False)
        for j, place in zip(lacking, found, strict=True):
            partners[j] = None if place is None else free[place]
    return partners


def _printed(document: PolicyDocument) -> Printed:
    return document.printed_label, document.url


def _values(owner: Provider | None, document: snapshot.Document) -> dict[str, str]:
    implied = owner is not None and document.label == document_label(owner.name, document.kind)
    return {
        "kind": document.kind.value,
        "label": "" if implied else document.label,
        "url": document.url or "",
    }
