"""Which changesets are in a publication: who made one of them may not approve it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from compliance import snapshot
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
from compliance.models.publications import FRAME
from compliance.pieces import Piece, brought
from compliance.snapshot import DocumentKind, Snapshot
from compliance.wording import document_label

_PARTS = (ListedModel, ListedProvider, ListedDocument)
_EVER = 0
# What a page knows a model, provider, document or term by.
_Identity = tuple[str, ...]
# From the names that a record ever had, each with its changeset, the last changeset that does not count; None where
# no edit of it does.
_Since = Callable[[set[tuple[_Identity, int]]], int | None]


def contributing(
    register: Register, base: Publication | None, after: Snapshot, listings: Collection[str]
) -> QuerySet[Changeset]:
    """Return the changesets whose edits a publication of `after` brings in these changed listings, the latest first.

    Of what the page before showed, it brings what was edited since that was last published from the working copy (a
    listing may have been held back meanwhile). Of what is new on the page it brings every edit ever made: a provider
    that was written long ago is new to readers when somebody lists it. The register's own texts always come too.
    """
    shown = _shown(base)
    by_moment = defaultdict(list)
    for listing in listings:
        by_moment[shown.get(("listing", listing), _EVER)].append(listing)
    own = (_of_listings(group, moment) for moment, group in by_moment.items())
    printed = {identity for each in after.listings if each.id in listings for identity in _identities(each)}

    def since(known_as: set[tuple[_Identity, int]]) -> int | None:
        # What it was called only after the page was captured is not what the page showed.
        if moments := {shown[name] for name, changeset in known_as if name in shown and changeset <= shown[name]}:
            return min(moments)
        return _EVER if any(name in printed for name, _ in known_as) else None

    found = _of_register(register, _captured(base)).union(*own, _printed_from(register, listings, since))
    if base and ("order", "listings") in brought(base.snapshot(), after):
        found |= _reordering(register, _captured(base))
    return Changeset.objects.filter(pk__in=found)


def returning(earlier: Publication, base: Publication | None) -> QuerySet[Changeset]:
    """Return the changesets in the publications by which an earlier page says other things than the page before.

    So whoever wrote a text does not approve that it comes back, nor whoever removed one that it is gone again.
    """
    wanted = _brought(base, earlier)
    found: set[int] = set()
    publication: Publication | None = earlier
    while publication and wanted:
        before = publication.base
        came = _brought(before, publication)
        if came & wanted:
            found |= set(publication.contributions.values_list("changeset", flat=True))
        # An order may come from several publications, one after the other.
        wanted -= {piece for piece in came if piece[0] != "order"}
        publication = before
    return Changeset.objects.filter(pk__in=found)


def edited_since(publication: Publication) -> QuerySet[Changeset]:
    """Return the changesets of the publication's register since it was captured, the latest first."""
    register, since = publication.register, publication.captured_changeset_id or _EVER
    listed = set(Listing.history.filter(register_id=register.pk).values_list("id", flat=True))
    printed = _printed_from(register, listed, lambda identities: since)
    return Changeset.objects.filter(pk__in=_of_register(register, since) | _of_listings(listed, since) | printed)


def _brought(before: Publication | None, after: Publication) -> set[Piece]:
    """Return what a publication says otherwise than the one before, in its frame too."""
    frame = {
        ("frame", name, getattr(after, name)) for name in FRAME if getattr(before, name, "") != getattr(after, name)
    }
    return frame | brought(before.snapshot() if before else None, after.snapshot())


def _shown(base: Publication | None) -> dict[_Identity, int]:
    """Return what a page shows, each with the last changeset of which it was published, the earliest of several."""
    shown: dict[_Identity, int] = {}
    for listing in base.snapshot().listings if base else ():
        moment = _last_captured(base, listing.id)
        for identity in chain([("listing", listing.id)], _identities(listing)):
            shown[identity] = min(moment, shown.get(identity, moment))
    return shown


def _identities(listing: snapshot.Listing) -> Iterator[_Identity]:
    """Give what a listing prints from: its models, its providers with their terms, its own term, its documents."""
    yield from (("model", model.id) for model in listing.models)
    for provider in listing.providers:
        yield "provider", provider.id
        if provider.declared and provider.declared.retention:
            yield "term", provider.declared.retention.text
    yield "term", listing.retention.text
    for document in listing.documents:
        yield "document", document.provider or "", document.kind, document.label, document.url or ""


def _captured(publication: Publication | None) -> int:
    """Return the last changeset in a publication's bytes, 0 where none is known; a revert holds earlier bytes."""
    origin = publication and (publication.reverts or publication)
    return (origin and origin.captured_changeset_id) or _EVER


def _last_captured(publication: Publication | None, listing: str) -> int:
    """Return the last changeset of which a listing was published, walking back while it was held back."""
    while publication:
        origin = publication.reverts or publication
        if listing not in (origin.held_back or ()):
            return origin.captured_changeset_id or _EVER
        publication = origin.base
    return _EVER


def _of_register(register: Register, since: int) -> set[int]:
    footnotes = Footnote.history.filter(register_id=register.pk)
    cited = _citations(register).exclude(_in_a_listing())
    return _later(since, Register.history.filter(id=register.pk), footnotes, cited)


def _reordering(register: Register, since: int) -> set[int]:
    """Return the changesets that gave a row another position: the page's order is the working copy's."""
    rows = Listing.history.filter(register_id=register.pk).order_by("history_id")
    position: dict[Any, int] = {}
    found: set[int] = set()
    for id, changeset, now in rows.values_list("id", "changeset_id", "position"):
        if changeset > since and position.get(id, now) != now:
            found.add(changeset)
        position[id] = now
    return found


def _citations(register: Register) -> QuerySet[Any]:
    footnotes = Footnote.history.filter(register_id=register.pk)
    citations: QuerySet[Any] = Citation.history.filter(footnote_id__in=footnotes.values("id"))
    return citations


def _in_a_listing() -> Q:
    return (
        Q(listing__isnull=False)
        | Q(listed_model__isnull=False)
        | Q(listed_provider__isnull=False)
        | Q(listed_document__isnull=False)
    )


def _of_listings(listings: Collection[Any], since: int) -> set[int]:
    """Return the changesets that changed listings themselves: their cells, parts and marks."""
    parts = {part: _ever(part.history, Q(listing_id__in=listings)) for part in _PARTS}
    places = {f"{part._meta.model_name}": rows.values("id") for part, rows in parts.items()}
    marked = (
        Q(listing_id__in=listings)
        | Q(listed_model_id__in=places["listedmodel"])
        | Q(listed_provider_id__in=places["listedprovider"])
        | Q(listed_document_id__in=places["listeddocument"])
    )
    cited = _ever(Citation.history, marked)
    return _later(since, Listing.history.filter(id__in=listings), cited, *parts.values())


def _printed_from(register: Register, listings: Collection[Any], since: _Since) -> set[int]:
    """Return the changesets of the models, providers, documents and terms that listings print from now."""
    models = AIModel.objects.filter(listed__listing__in=listings)
    providers = Provider.objects.filter(listed__listing__in=listings)
    documents = ListedDocument.objects.filter(listing__in=listings).values("document")
    terms = chain(
        Listing.objects.filter(pk__in=listings).values_list("retention_term", flat=True),
        providers.values_list("declared_retention", flat=True),
        models.values_list("retention_floor", flat=True),
    )
    term_ids = set(terms)
    listed_models, listed_providers = models.values("pk"), providers.values("pk")
    marks = _citations(register)
    of_documents = Q(provider_id__in=listed_providers) | Q(id__in=documents)
    known = (
        (_slugs("model", AIModel.history.filter(id__in=listed_models)), marks, "model_id", listed_models),
        (_slugs("provider", Provider.history.filter(id__in=listed_providers)), marks, "provider_id", listed_providers),
        (_wordings(RetentionTerm.history.filter(id__in=term_ids)), RetentionClause.history, "term_id", term_ids),
        (_documents(_ever(PolicyDocument.history, of_documents)), None, "", ()),
    )
    found: set[int] = set()
    for rows, parts, owner, owners in known:
        belonging = _belonging(parts, owner, owners) if parts is not None else ()
        found |= _counted(rows, belonging, since)
    return found


_Row = tuple[Any, int, _Identity]


def _slugs(kind: str, rows: QuerySet[Any]) -> Iterator[_Row]:
    return ((id, changeset, (kind, slug)) for id, changeset, slug in rows.values_list("id", "changeset_id", "slug"))


def _wordings(rows: QuerySet[Any]) -> Iterator[_Row]:
    said = rows.values_list("id", "changeset_id", "wording")
    return ((id, changeset, ("term", wording)) for id, changeset, wording in said)


def _documents(rows: QuerySet[Any]) -> Iterator[_Row]:
    """Give the documents as a page shows them: one without a label under each name that its provider ever had."""
    names: defaultdict[Any, set[str]] = defaultdict(set)
    for id, name in Provider.history.filter(id__in=rows.values("provider_id")).values_list("id", "name"):
        names[id].add(name)
    columns = ("id", "changeset_id", "provider_id", "provider__slug", "kind", "label", "url")
    for id, changeset, provider, slug, kind, label, url in rows.values_list(*columns):
        labels = [label] if label else [document_label(name, DocumentKind(kind)) for name in names[provider]]
        for printed in labels or [""]:
            yield id, changeset, ("document", slug or "", kind, printed, url)


def _belonging(parts: Any, owner: str, owners: Any) -> Iterator[tuple[Any, int]]:
    """Give the edits of parts with each record that they ever belonged to: one that was moved away is missed there."""
    rows = list(_ever(parts, Q(**{f"{owner}__in": owners})).values_list("id", owner, "changeset_id"))
    belonged: defaultdict[Any, set[Any]] = defaultdict(set)
    for id, record, _ in rows:
        belonged[id].add(record)
    return ((record, changeset) for id, _, changeset in rows for record in belonged[id])


def _counted(rows: Iterable[_Row], belonging: Iterable[tuple[Any, int]], since: _Since) -> set[int]:
    """Return the changesets that count of some records' histories, and of what belongs to each record."""
    edits: defaultdict[Any, set[int]] = defaultdict(set)
    known_as: defaultdict[Any, set[tuple[_Identity, int]]] = defaultdict(set)
    for id, changeset, identity in rows:
        edits[id].add(changeset)
        known_as[id].add((identity, changeset))
    for id, changeset in belonging:
        edits[id].add(changeset)
    found: set[int] = set()
    for id, changesets in edits.items():
        moment = since(known_as[id])
        found |= {each for each in changesets if moment is not None and each > moment}
    return found


def _ever(history: Any, condition: Q) -> QuerySet[Any]:
    """Return the whole history of the records that fulfilled a condition at any time: they may have moved since."""
    rows: QuerySet[Any] = history.filter(id__in=history.filter(condition).values("id"))
    return rows


def _later(since: int, *histories: QuerySet[Any]) -> set[int]:
    later = (rows.filter(changeset_id__gt=since).values_list("changeset_id", flat=True) for rows in histories)
    return set(chain.from_iterable(later))
