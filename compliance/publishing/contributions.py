"""Which changesets are in a publication: who made one of them may not approve it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
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
    graph,
)
from compliance.models.publications import FRAME
from compliance.page import snapshot
from compliance.page.diff.content import ContentItem, new_content
from compliance.page.documents import document_label
from compliance.page.snapshot import DocumentKind, Snapshot

# The parts of a listing, by the column of a citation that marks one.
_PARTS = {f"{part.cited_as}_id": part.model for part in graph.parts_of(Listing)}
_EVER = 0
# The id of a record, and a changeset that edited it.
_Edit = tuple[Any, int]
# What a page knows a model, provider, document or term by.
_Identity = tuple[str, ...]
# From the names that a record ever had, each with its changeset, the last changeset that does not count; None where
# no edit of it does.
_Since = Callable[[set[tuple[_Identity, int]]], int | None]


def contributing(
    register: Register, base: Publication | None, after: Snapshot, listings: Collection[str]
) -> QuerySet[Changeset]:
    """Return the changesets whose edits a publication of `after` brings in these changed listings, the latest first."""
    found = changesets_by_listing(register, base, after, listings)
    return Changeset.objects.filter(pk__in=set(chain.from_iterable(found.values())))


def changesets_by_listing(
    register: Register, base: Publication | None, after: Snapshot, listings: Collection[str]
) -> dict[str | None, set[int]]:
    """Return, for each of these changed listings, the changesets whose edits a publication of `after` brings in it.

    Of what the page before showed, it brings what was edited since that was last published from the working copy (a
    listing may have been held back meanwhile). Of what is new on the page it brings every edit ever made: a provider
    that was written long ago is new to readers when somebody lists it. The register's own texts always come too: their
    changesets, and those that ordered its rows anew, stand under None. It takes a fixed number of queries.
    """
    shown, listings = _shown(base), frozenset(listings)
    printed = {
        identity for each in after.listings if each.id in listings for identity in _identities(each)
    }

    def since(known_as: set[tuple[_Identity, int]]) -> int | None:
        # What it was called only after the page was captured is not what the page showed.
        if moments := {
            shown[name]
            for name, changeset in known_as
            if name in shown and changeset <= shown[name]
        }:
            return min(moments)
        return _EVER if any(name in printed for name, _ in known_as) else None

    found: defaultdict[str | None, set[int]] = defaultdict(set)
    found[None] |= _of_register(register, _captured(base))
    if base and ("order", "listings") in new_content(base.snapshot(), after):
        found[None] |= _reordering(register, _captured(base))
    for listing, changeset in _of_listings(listings):
        if listing in listings and changeset > shown.get(("listing", listing), _EVER):
            found[listing].add(changeset)
    for listing, changeset in _printed_from(register, listings, since):
        found[listing].add(changeset)
    return dict(found)


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
    edits = chain(_of_listings(listed), _printed_from(register, listed, lambda identities: since))
    later = {changeset for _, changeset in edits if changeset > since}
    return Changeset.objects.filter(pk__in=_of_register(register, since) | later)


def _brought(before: Publication | None, after: Publication) -> set[ContentItem]:
    """Return what a publication says otherwise than the one before, in its frame too."""
    frame = {
        ("frame", name, getattr(after, name))
        for name in FRAME
        if getattr(before, name, "") != getattr(after, name)
    }
    return frame | new_content(before.snapshot() if before else None, after.snapshot())


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
    condition = Q(listing__isnull=False)
    for part in graph.parts_of(Listing):
        condition |= Q(**{f"{part.cited_as}__isnull": False})
    return condition


def _of_listings(listings: Collection[Any]) -> Iterator[_Edit]:
    """Give every edit of listings themselves: of their cells, and of what ever was a part or a mark of theirs."""
    for id, changeset in Listing.history.filter(id__in=listings).values_list("id", "changeset_id"):
        yield str(id), changeset
    places = defaultdict(set, {("listing_id", str(id)): {str(id)} for id in listings})
    marked = Q(listing_id__in=listings)
    for column, part in _PARTS.items():
        parts = _ever(part.history, Q(listing_id__in=listings))
        marked |= Q(**{f"{column}__in": parts.values("id")})
        rows = list(parts.values_list("id", "changeset_id", "listing_id"))
        for id, _, listing in rows:
            places[column, str(id)].add(str(listing))
        yield from (
            (listing, changeset) for id, changeset, _ in rows for listing in places[column, str(id)]
        )
    columns = ("listing_id", *_PARTS)
    marks = list(_ever(Citation.history, marked).values_list("id", "changeset_id", *columns))
    marking: defaultdict[Any, set[str]] = defaultdict(set)
    for id, _, *targets in marks:
        for place in zip(columns, map(str, targets), strict=True):
            marking[id] |= places.get(place, set())
    yield from ((listing, changeset) for id, changeset, *_ in marks for listing in marking[id])


def _printed_from(register: Register, listings: Collection[Any], since: _Since) -> Iterator[_Edit]:
    """Give the edits that count of the models, providers, documents and terms that listings print from now.

    Each comes with every listing that prints from the record.
    """
    of_listings = {"listing__in": listings}
    models = list(
        ListedModel.objects.filter(**of_listings).values_list(
            "model", "listing", "model__retention_floor"
        )
    )
    providers = list(
        ListedProvider.objects.filter(**of_listings).values_list(
            "provider", "listing", "provider__declared_retention"
        )
    )
    by_provider = _printing((id, listing) for id, listing, _ in providers)
    stated = Listing.objects.filter(pk__in=listings).values_list("retention_term", "pk")
    by_term = _printing(
        chain(stated, ((term, listing) for _, listing, term in chain(models, providers)))
    )
    departing = ListedDocument.objects.filter(**of_listings)
    listed_models = ListedModel.objects.filter(**of_listings).values("model")
    listed_providers = ListedProvider.objects.filter(**of_listings).values("provider")
    documents = _ever(
        PolicyDocument.history,
        Q(provider_id__in=listed_providers) | Q(id__in=departing.values("document")),
    )
    owned = documents.values_list("id", "provider_id")
    by_document = _printing(
        chain(
            departing.values_list("document", "listing"),
            ((id, listing) for id, provider in owned for listing in by_provider.get(provider, ())),
        )
    )
    model_rows = _slugs("model", AIModel.history.filter(id__in=listed_models))
    provider_rows = _slugs("provider", Provider.history.filter(id__in=listed_providers))
    term_rows = _wordings(RetentionTerm.history.filter(id__in=by_term))
    model_marks = _belonging(_citations(register), "model_id", listed_models)
    provider_marks = _belonging(_citations(register), "provider_id", listed_providers)
    clauses = _belonging(RetentionClause.history, "term_id", by_term)
    for printing, edits in (
        (
            _printing((id, listing) for id, listing, _ in models),
            _counted(model_rows, model_marks, since),
        ),
        (by_provider, _counted(provider_rows, provider_marks, since)),
        (by_term, _counted(term_rows, clauses, since)),
        (by_document, _counted(_documents(documents), (), since)),
    ):
        yield from (
            (listing, changeset) for id, changeset in edits for listing in printing.get(id, ())
        )


def _printing(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, set[str]]:
    """Return the listings that print from each record, as the pairs say; what has no record is passed over."""
    printing: defaultdict[Any, set[str]] = defaultdict(set)
    for id, listing in pairs:
        if id is not None:
            printing[id].add(str(listing))
    return dict(printing)


_Row = tuple[Any, int, _Identity]


def _slugs(kind: str, rows: QuerySet[Any]) -> Iterator[_Row]:
    return (
        (id, changeset, (kind, slug))
        for id, changeset, slug in rows.values_list("id", "changeset_id", "slug")
    )


def _wordings(rows: QuerySet[Any]) -> Iterator[_Row]:
    said = rows.values_list("id", "changeset_id", "wording")
    return ((id, changeset, ("term", wording)) for id, changeset, wording in said)


def _documents(rows: QuerySet[Any]) -> Iterator[_Row]:
    """Give the documents as a page shows them: one without a label under each name that its provider ever had."""
    names: defaultdict[Any, set[str]] = defaultdict(set)
    for id, name in Provider.history.filter(id__in=rows.values("provider_id")).values_list(
        "id", "name"
    ):
        names[id].add(name)
    columns = ("id", "changeset_id", "provider_id", "provider__slug", "kind", "label", "url")
    for id, changeset, provider, slug, kind, label, url in rows.values_list(*columns):
        labels = (
            [label]
            if label
            else [document_label(name, DocumentKind(kind)) for name in names[provider]]
        )
        for printed in labels or [""]:
            yield id, changeset, ("document", slug or "", kind, printed, url)


def _belonging(parts: Any, owner: str, owners: Any) -> Iterator[_Edit]:
    """Give the edits of parts with each record that they ever belonged to: one that was moved away is missed there."""
    rows = list(
        _ever(parts, Q(**{f"{owner}__in": owners})).values_list("id", owner, "changeset_id")
    )
    belonged: defaultdict[Any, set[Any]] = defaultdict(set)
    for id, record, _ in rows:
        belonged[id].add(record)
    return ((record, changeset) for id, _, changeset in rows for record in belonged[id])


def _counted(rows: Iterable[_Row], belonging: Iterable[_Edit], since: _Since) -> Iterator[_Edit]:
    """Give the edits that count of some records' histories, and of what belongs to each record."""
    edits: defaultdict[Any, set[int]] = defaultdict(set)
    known_as: defaultdict[Any, set[tuple[_Identity, int]]] = defaultdict(set)
    for id, changeset, identity in rows:
        edits[id].add(changeset)
        known_as[id].add((identity, changeset))
    for id, changeset in belonging:
        edits[id].add(changeset)
    for id, changesets in edits.items():
        moment = since(known_as[id])
        yield from ((id, each) for each in changesets if moment is not None and each > moment)


def _ever(history: Any, condition: Q) -> QuerySet[Any]:
    """Return the whole history of the records that fulfilled a condition at any time: they may have moved since."""
    rows: QuerySet[Any] = history.filter(id__in=history.filter(condition).values("id"))
    return rows


def _later(since: int, *histories: QuerySet[Any]) -> set[int]:
    later = (
        rows.filter(changeset_id__gt=since).values_list("changeset_id", flat=True)
        for rows in histories
    )
    return set(chain.from_iterable(later))
