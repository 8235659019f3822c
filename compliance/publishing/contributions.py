"""Which changesets contributed to a publication. Whoever made one of them may not approve it.

The history rows answer this, not the working copy: a text counts as somebody's even after it moved
to another row, was renamed, or came back by a revert (ADR 0006).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from compliance.models import (
    AIModel,
    Cell,
    Changeset,
    Citation,
    Column,
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
    Section,
    graph,
)
from compliance.page import inline
from compliance.page.documents import document_label
from compliance.page.snapshot import Snapshot
from compliance.page.table import Row
from compliance.page.vocabulary import ColumnRole, DocumentKind

# The parts of a listing, by the column of a citation that marks one.
_PARTS = {f"{part.cited_as}_id": part.model for part in graph.parts_of(Listing)}
# The changeset before the first one: every edit that was ever made counts.
_FROM_THE_BEGINNING = 0
# The id of a row, and a changeset that edited it.
_Edit = tuple[Any, int]
# What a page knows a model, provider, document or term by: ("model", "gpt-5"), ("term", "30 days").
_Identity = tuple[str, ...]
# An identity that a row had, with the changeset that gave it.
_Naming = tuple[_Identity, int]


def contributing(
    register: Register, base: Publication | None, after: Snapshot, listings: Collection[str]
) -> QuerySet[Changeset]:
    """Return the changesets that publishing `after` would bring in these listings, latest first."""
    by_listing = changesets_by_listing(register, base, after, listings)
    return Changeset.objects.filter(pk__in=set(chain.from_iterable(by_listing.values())))


def changesets_by_listing(
    register: Register, base: Publication | None, after: Snapshot, listings: Collection[str]
) -> dict[str | None, set[int]]:
    """Return the changesets that publishing `after` would bring, by changed listing.

    - What `base`, the page before, already shows: only edits since it was last published from the
      working copy. A listing that was held back meanwhile counts from further back.
    - What is new on the page: every edit ever made. A provider that somebody wrote years ago is new
      to readers on the day when somebody lists it.
    - The register's own texts, the order of its rows, and facts of models and providers beside the
      table (aliases, countries) always come along. They stand under None.

    Takes a fixed number of queries.
    """
    changed = frozenset(listings)
    shown = _last_published(base)
    printed = {identity for listing, identity in _identities(after) if listing in changed}
    cutoff = _Cutoff(shown, printed)

    by_listing: defaultdict[str | None, set[int]] = defaultdict(set)
    by_listing[None] |= _register_edits(register, _captured(base))
    # Positions are sparse and may change without a row changing its place (ADR 0001).
    if base and _is_reordered(base.snapshot(), after):
        by_listing[None] |= _reorderings(register, _captured(base))
    for listing, changeset in _listing_edits(changed):
        published = shown.get(("listing", listing), _FROM_THE_BEGINNING)
        if listing in changed and changeset > published:
            by_listing[listing].add(changeset)
    beside = _rows_with_new_facts(base.snapshot(), after) if base else frozenset()
    for listing, changeset in _edits_behind(register, changed | beside, cutoff.changeset):
        by_listing[listing if listing in changed else None].add(changeset)
    return dict(by_listing)


class _Cutoff:
    """Finds the last changeset whose edits of a row are already published.

    `shown` maps what the page before shows to the changeset of which it was published; `printed`
    is what the changed listings print now.
    """

    def __init__(self, shown: dict[_Identity, int], printed: set[_Identity]) -> None:
        self._shown, self._printed = shown, printed

    def changeset(self, namings: set[_Naming]) -> int | None:
        """Return the last changeset that does not count, None where no edit counts."""
        # A name that the row got only after the page was captured is not what the page showed:
        # renaming a row to something shown must not make its older texts count as published.
        published = [
            self._shown[identity]
            for identity, changeset in namings
            if identity in self._shown and changeset <= self._shown[identity]
        ]
        if published:
            return min(published)
        # What the page has not shown before is new to its readers, however long ago it was written.
        is_printed = any(identity in self._printed for identity, _ in namings)
        return _FROM_THE_BEGINNING if is_printed else None


def edited_since(publication: Publication) -> QuerySet[Changeset]:
    """Return the register's changesets since a publication was captured, latest first."""
    register = publication.register
    since = publication.captured_changeset_id or _FROM_THE_BEGINNING
    listed = set(_listing_history(register).values_list("id", flat=True))
    edits = chain(_listing_edits(listed), _edits_behind(register, listed, lambda namings: since))
    later = {changeset for _, changeset in edits if changeset > since}
    return Changeset.objects.filter(pk__in=_register_edits(register, since) | later)


def _last_published(base: Publication | None) -> dict[_Identity, int]:
    """Return everything that a page shows with the changeset of which it was last published.

    What several listings show counts from the earliest of them.
    """
    published: dict[_Identity, int] = {}
    if base is None:
        return published
    captured: dict[str, int] = {}
    for listing, identity in _identities(base.snapshot()):
        if listing not in captured:
            captured[listing] = _last_captured(base, listing)
        changeset = captured[listing]
        published[identity] = min(changeset, published.get(identity, changeset))
    return published


def _identities(page: Snapshot) -> Iterator[tuple[str, _Identity]]:
    """Yield what a page shows, each with the id of a listing that shows it.

    It is the listing itself, its models, providers and documents, and the terms that it, they or
    the models' floors are worded in.
    """
    terms: dict[tuple[str, str], str] = {}
    for model in page.models:
        if model.retention_floor:
            terms["model", model.id] = inline.plain(model.retention_floor.text)
    for provider in page.providers:
        if provider.declared and provider.declared.retention:
            terms["provider", provider.id] = inline.plain(provider.declared.retention.text)
    for row in page.rows():
        for identity in chain([("listing", row.id)], _parties(row)):
            yield row.id, identity
            if identity in terms:
                yield row.id, ("term", terms[identity])
        for _, cell in row.claims(ColumnRole.RETENTION):
            yield row.id, ("term", cell.plain)
        for document in row.documents:
            owner, url = document.provider or "", document.url or ""
            yield row.id, ("document", owner, document.kind, document.plain, url)


def _parties(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the models and providers of a row; a document's provider is one of them."""
    for model in row.models:
        yield "model", model.model
    for provider in row.providers:
        yield "provider", provider.provider
    for document in row.documents:
        if document.provider:
            yield "provider", document.provider


def _rows_with_new_facts(before: Snapshot, after: Snapshot) -> frozenset[str]:
    """Return the rows that name a model or provider of which the page states another fact."""
    known = {*before.models, *before.providers}
    entries: list[Any] = [*after.models, *after.providers]
    new = {entry.id for entry in entries if entry not in known}
    rows = set()
    for row in after.rows():
        if any(id in new for _, id in _parties(row)):
            rows.add(row.id)
    return frozenset(rows)


def _is_reordered(before: Snapshot, after: Snapshot) -> bool:
    """Return whether rows that both pages have stand in another order."""
    order, earlier = [row.id for row in after.rows()], [row.id for row in before.rows()]
    remaining, kept = set(order), set(earlier)
    return [id for id in order if id in kept] != [id for id in earlier if id in remaining]


def _captured(publication: Publication | None) -> int:
    """Return the last changeset in a publication's bytes; a revert has the earlier bytes."""
    origin = publication and (publication.reverts or publication)
    return (origin and origin.captured_changeset_id) or _FROM_THE_BEGINNING


def _last_captured(publication: Publication | None, listing: str) -> int:
    """Return the changeset of which a listing was last published; held back, it is older."""
    while publication:
        # A revert has the earlier publication's bytes, so it held back the same listings.
        origin = publication.reverts or publication
        if listing not in (origin.held_back or ()):
            return origin.captured_changeset_id or _FROM_THE_BEGINNING
        publication = origin.base
    return _FROM_THE_BEGINNING


def _register_edits(register: Register, since: int) -> set[int]:
    """Return the later changesets of a register's texts, columns, notes and general citations."""
    footnotes = Footnote.history.filter(register_id=register.pk)
    general = _citations(register).exclude(_marks_a_listing())
    columns = Column.history.filter(section_id__in=_section_ids(register))
    texts = (Register.history.filter(id=register.pk), Section.history.filter(register=register.pk))
    return _later(since, *texts, columns, footnotes, general)


def _section_ids(register: Register) -> QuerySet[Any]:
    """Return the ids of the sections that a register ever had."""
    ids: QuerySet[Any] = Section.history.filter(register_id=register.pk).values("id")
    return ids


def _listing_history(register: Register) -> QuerySet[Any]:
    rows: QuerySet[Any] = Listing.history.filter(section_id__in=_section_ids(register))
    return rows


def _reorderings(register: Register, since: int) -> set[int]:
    """Return the later changesets that gave a row another place: a section or a position."""
    rows = _listing_history(register).order_by("history_id")
    places: dict[Any, list[Any]] = {}
    changesets: set[int] = set()
    for id, changeset, *place in rows.values_list("id", "changeset_id", "section_id", "position"):
        if changeset > since and places.get(id, place) != place:
            changesets.add(changeset)
        places[id] = place
    return changesets


def _citations(register: Register) -> QuerySet[Any]:
    footnotes = Footnote.history.filter(register_id=register.pk)
    citations: QuerySet[Any] = Citation.history.filter(footnote_id__in=footnotes.values("id"))
    return citations


def _marks_a_listing() -> Q:
    """Return the condition of a citation that marks a part of a listing."""
    condition = Q()
    for part in graph.parts_of(Listing):
        condition |= Q(**{f"{part.cited_as}__isnull": False})
    return condition


def _listing_edits(listings: Collection[Any]) -> Iterator[_Edit]:
    """Yield every edit of listings: their cells, and every part and mark they had."""
    for id, changeset in Listing.history.filter(id__in=listings).values_list("id", "changeset_id"):
        yield str(id), changeset
    # By the column and value of a citation: the listings whose mark it is.
    owners: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    is_mark = Q()
    for column, part in _PARTS.items():
        rows = _ever(part.history, Q(listing_id__in=listings))
        is_mark |= Q(**{f"{column}__in": rows.values("id")})
        edits = list(rows.values_list("id", "changeset_id", "listing_id"))
        for id, _, listing in edits:
            owners[column, str(id)].add(str(listing))
        # A second pass, now that all owners are known: a part that moved counts in both rows.
        for id, changeset, _ in edits:
            yield from ((listing, changeset) for listing in owners[column, str(id)])
    marks = list(_ever(Citation.history, is_mark).values_list("id", "changeset_id", *_PARTS))
    marked: defaultdict[Any, set[str]] = defaultdict(set)
    for id, _, *targets in marks:
        for target in zip(_PARTS, map(str, targets), strict=True):
            marked[id] |= owners.get(target, set())
    for id, changeset, *_ in marks:
        yield from ((listing, changeset) for listing in marked[id])


def _edits_behind(
    register: Register, listings: Collection[Any], cutoff: Callable[[set[_Naming]], int | None]
) -> Iterator[_Edit]:
    """Yield the edits that count of all that listings print: models, providers, terms, documents.

    Each edit comes once with every listing that prints the edited row.
    """
    printing = _Printing(listings)
    models = AIModel.history.filter(id__in=printing.model_ids)
    providers = Provider.history.filter(id__in=printing.provider_ids)
    terms = RetentionTerm.history.filter(id__in=printing.terms)
    general = _citations(register)
    kinds = (
        (
            printing.models,
            _slugs("model", models),
            _part_edits(general, "model_id", printing.model_ids),
        ),
        (
            printing.providers,
            _slugs("provider", providers),
            _part_edits(general, "provider_id", printing.provider_ids),
        ),
        (
            printing.terms,
            _wordings(terms),
            _part_edits(RetentionClause.history, "term_id", printing.terms),
        ),
        (printing.documents, _document_labels(printing.document_rows), ()),
    )
    for listings_by_row, namings, parts in kinds:
        for id, changeset in _counted(namings, parts, cutoff):
            yield from ((listing, changeset) for listing in listings_by_row.get(id, ()))


class _Printing:
    """What some listings print now: for the id of each row, the listings that print it."""

    def __init__(self, listings: Collection[Any]) -> None:
        listed_models = ListedModel.objects.filter(listing__in=listings)
        listed_providers = ListedProvider.objects.filter(listing__in=listings)
        self.model_ids = listed_models.values("model")
        self.provider_ids = listed_providers.values("provider")

        models = list(listed_models.values_list("model", "listing", "model__retention_floor"))
        providers = list(
            listed_providers.values_list("provider", "listing", "provider__declared_retention")
        )
        stated = Cell.objects.filter(listing__in=listings).values_list("term", "listing")
        # A row that states no term prints the worst of these, so each may be what it prints.
        derived = ((term, listing) for _, listing, term in chain(models, providers))
        self.models = _grouped((id, listing) for id, listing, _ in models)
        self.providers = _grouped((id, listing) for id, listing, _ in providers)
        self.terms = _grouped(chain(stated, derived))

        named = ListedDocument.objects.filter(listing__in=listings)
        self.document_rows = _ever(
            PolicyDocument.history,
            Q(provider_id__in=self.provider_ids) | Q(id__in=named.values("document")),
        )
        owned = (
            (id, listing)
            for id, provider in self.document_rows.values_list("id", "provider_id")
            for listing in self.providers.get(provider, ())
        )
        self.documents = _grouped(chain(named.values_list("document", "listing"), owned))
        self._add_authors(named)

    def _add_authors(self, named: QuerySet[ListedDocument]) -> None:
        """Add the providers of the documents that listings name, and what they declare."""
        authors = named.values_list(
            "document__provider", "listing", "document__provider__declared_retention"
        )
        for provider, listing, term in authors:
            if provider is not None:
                self.providers.setdefault(provider, set()).add(str(listing))
            if term is not None:
                self.terms.setdefault(term, set()).add(str(listing))
        self.provider_ids = Provider.objects.filter(
            Q(pk__in=self.provider_ids) | Q(pk__in=named.values("document__provider"))
        ).values("pk")


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, set[str]]:
    """Return the listings by row; a listing without such a row is left out."""
    listings_by_row: defaultdict[Any, set[str]] = defaultdict(set)
    for id, listing in pairs:
        if id is not None:
            listings_by_row[id].add(str(listing))
    return dict(listings_by_row)


# A history row: the id of what it is about, its changeset, and what a page knew it by then.
_Row = tuple[Any, int, _Identity]


def _slugs(kind: str, rows: QuerySet[Any]) -> Iterator[_Row]:
    for id, changeset, slug in rows.values_list("id", "changeset_id", "slug"):
        yield id, changeset, (kind, slug)


def _wordings(rows: QuerySet[Any]) -> Iterator[_Row]:
    for id, changeset, wording in rows.values_list("id", "changeset_id", "wording"):
        yield id, changeset, ("term", wording)


def _document_labels(rows: QuerySet[Any]) -> Iterator[_Row]:
    """Yield documents as pages show them: without a label, under every name of the provider."""
    names: defaultdict[Any, set[str]] = defaultdict(set)
    providers = Provider.history.filter(id__in=rows.values("provider_id"))
    for id, name in providers.values_list("id", "name"):
        names[id].add(name)
    columns = ("id", "changeset_id", "provider_id", "provider__slug", "kind", "label", "url")
    for id, changeset, provider, slug, kind, label, url in rows.values_list(*columns):
        labels = [label]
        if not label:
            labels = [document_label(name, DocumentKind(kind)) for name in names[provider]] or [""]
        for printed in labels:
            yield id, changeset, ("document", slug or "", kind, printed, url)


def _part_edits(parts: Any, owner: str, owners: Iterable[Any]) -> Iterator[_Edit]:
    """Yield the edits of parts under every row that ever owned them.

    A part that moved away counts as an edit of the row that lost it.
    """
    rows = _ever(parts, Q(**{f"{owner}__in": owners}))
    edits = list(rows.values_list("id", owner, "changeset_id"))
    owners_by_part: defaultdict[Any, set[Any]] = defaultdict(set)
    for id, owned_by, _ in edits:
        owners_by_part[id].add(owned_by)
    for id, _, changeset in edits:
        yield from ((owned_by, changeset) for owned_by in owners_by_part[id])


def _counted(
    rows: Iterable[_Row], parts: Iterable[_Edit], cutoff: Callable[[set[_Naming]], int | None]
) -> Iterator[_Edit]:
    """Yield the edits after the cutoff, of some rows' histories and of what belongs to each row."""
    edits: defaultdict[Any, set[int]] = defaultdict(set)
    namings: defaultdict[Any, set[_Naming]] = defaultdict(set)
    for id, changeset, identity in rows:
        edits[id].add(changeset)
        namings[id].add((identity, changeset))
    for id, changeset in parts:
        edits[id].add(changeset)
    for id, changesets in edits.items():
        last_uncounted = cutoff(namings[id])
        if last_uncounted is not None:
            yield from ((id, changeset) for changeset in changesets if changeset > last_uncounted)


def _ever(history: Any, condition: Q) -> QuerySet[Any]:
    """Return the whole history of the rows that ever met a condition."""
    ids = history.filter(condition).values("id")
    rows: QuerySet[Any] = history.filter(id__in=ids)
    return rows


def _later(since: int, *histories: QuerySet[Any]) -> set[int]:
    later = (
        rows.filter(changeset_id__gt=since).values_list("changeset_id", flat=True)
        for rows in histories
    )
    return set(chain.from_iterable(later))
