"""Finds the changesets that may have caused each change of a publication."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import TextField, Value
from django.db.models.functions import Cast

from compliance.admin.history.rows import rows_of
from compliance.models import (
    AIModel,
    Changeset,
    Citation,
    Column,
    Footnote,
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
from compliance.page import diff, inline
from compliance.page.diff import AffectedChange, Change, ChangeKind
from compliance.page.snapshot import Snapshot
from compliance.page.vocabulary import ColumnRole

# What an edit touched: a kind and the name that pages have for it, such as ("provider", its slug).
_Touched = tuple[str, str]
# The kinds whose names are UUIDs.
_WITH_UUIDS = {"listing", "footnote", "mark", "section"}

# A listing also prints facts of its providers, models and terms. These kinds of change may come
# from an edit there.
_OF_CLAIMS = {ChangeKind.TRAINING, ChangeKind.RETENTION, ChangeKind.CELL}
_OF_PROVIDERS = {
    *_OF_CLAIMS,
    ChangeKind.DECLARED,
    ChangeKind.PROVIDER_RENAMED,
    ChangeKind.PROVIDER_FACT,
}
_OF_DOCUMENTS = {
    ChangeKind.DOCUMENT_ADDED,
    ChangeKind.DOCUMENT_REMOVED,
    ChangeKind.DOCUMENT_CHANGED,
    ChangeKind.DOCUMENTS_REORDERED,
    ChangeKind.DOCUMENT_FACT,
}
_OF_MODELS = {
    ChangeKind.RETENTION,
    ChangeKind.CELL,
    ChangeKind.MODEL_RENAMED,
    ChangeKind.MODEL_FACT,
}
_OF_TERMS = {
    ChangeKind.RETENTION,
    ChangeKind.CELL,
    ChangeKind.DECLARED,
    ChangeKind.MODEL_FACT,
}
_WITH_MARKS = {ChangeKind.FOOTNOTE_ADDED, ChangeKind.FOOTNOTE_REMOVED}
# The first thing that these are about is a section.
_OF_SECTIONS = {
    ChangeKind.TEXT,
    ChangeKind.SECTION_ADDED,
    ChangeKind.SECTION_REMOVED,
    ChangeKind.SECTION_MOVED,
    ChangeKind.COLUMN_ADDED,
    ChangeKind.COLUMN_REMOVED,
    ChangeKind.COLUMN_RELABELLED,
    ChangeKind.COLUMN_CHANGED,
    ChangeKind.COLUMNS_REORDERED,
}


@dataclass(frozen=True, slots=True)
class AttributedChange:
    """A change of a publication with the changesets that may have caused it, earliest first."""

    change: Change
    changesets: tuple[Changeset, ...]


def attribute_changes(
    publication: Publication,
    *,
    models: frozenset[str] | None = None,
    providers: frozenset[str] | None = None,
) -> list[AttributedChange]:
    """Return the changes of a publication against its base, weaker first, with their changesets.

    `models` and `providers` leave only the changes that concern one of each. A changeset is named
    for a change if the publication contains it and it touched a record that the change is about.
    The number of queries does not grow with changes or changesets.
    """
    before = publication.base.snapshot() if publication.base else None
    after = publication.snapshot()
    contributions = publication.contributions.adding().select_related("changeset")
    touched = _changesets_by_touched([contribution.changeset for contribution in contributions])
    register = str(publication.register_id)
    pages = [before, after] if before else [after]
    sections = {section.id for page in pages for section in page.sections}
    attributed = []
    frame = publication.base.frame if publication.base else None
    every = (
        *diff.affected_changes(before, after),
        *map(AffectedChange, diff.frame_changes(frame, publication.frame)),
    )
    graded = diff.apply_grades([affected.change for affected in every], publication.grades)
    concerned = [
        replace(affected, change=change)
        for affected, change in zip(every, graded, strict=True)
        if (models is None or models & affected.models)
        # A footnote at a model concerns it at all its providers, and names none.
        and (providers is None or providers & affected.providers or not affected.providers)
    ]
    terms = _terms(before, after, {affected.change.listing for affected in concerned})
    for affected in sorted(concerned, key=_weaker_first):
        changesets: set[Changeset] = set()
        for cause in _possible_causes(affected, register, sections, terms):
            changesets.update(touched.get(cause, ()))
        in_order = tuple(sorted(changesets, key=lambda changeset: changeset.pk))
        attributed.append(AttributedChange(affected.change, in_order))
    return attributed


def _weaker_first(affected: AffectedChange) -> int:
    return list(diff.Effect).index(affected.change.effect)


def _possible_causes(
    affected: AffectedChange,
    register: str,
    sections: Collection[str],
    terms: dict[str, set[_Touched]],
) -> Iterator[_Touched]:
    """Give what an edit may have touched to cause a change."""
    change = affected.change
    if change.kind in _OF_SECTIONS:
        yield "section", change.about[0]
    # Of the texts, those of the register itself are about no section.
    if change.kind is ChangeKind.TEXT and change.about[0] not in sections:
        yield "register", register
    is_mark = change.kind in (ChangeKind.CITATION_ADDED, ChangeKind.CITATION_REMOVED)
    if change.listing and not is_mark:
        yield "listing", change.listing
    # What a column asks gives a bare word its meaning.
    if change.kind in _OF_CLAIMS:
        yield from (("column", key) for key in change.about)
    for footnote in change.about:
        if not is_mark:
            yield "footnote", footnote
        # A footnote that comes or goes does so with its marks.
        if is_mark or change.kind in _WITH_MARKS:
            yield "mark", footnote
    if change.kind in _OF_TERMS:
        yield from terms.get(change.listing or "", ())
    yield from _causes_of_parties(affected, terms)


def _causes_of_parties(
    affected: AffectedChange, terms: dict[str, set[_Touched]]
) -> Iterator[_Touched]:
    """Give what an edit may have touched of the providers and models that a change concerns."""
    kind = affected.change.kind
    for provider in affected.providers:
        if kind in _OF_PROVIDERS:
            yield "provider", provider
        if kind in _OF_DOCUMENTS:
            yield "documents", provider
        if kind in _OF_TERMS:
            yield from terms.get(f"provider {provider}", ())
    for model in affected.models:
        if kind in _OF_MODELS:
            yield "model", model
        if kind in _OF_TERMS:
            yield from terms.get(f"model {model}", ())


def _terms(
    before: Snapshot | None, after: Snapshot, listings: set[str | None]
) -> dict[str, set[_Touched]]:
    """Return the terms of both pages: by listing, by "provider ID" and, for floors, "model ID".

    Of the listings, those that are given.
    """
    terms: defaultdict[str, set[_Touched]] = defaultdict(set)
    for snapshot in (before, after):
        if snapshot is None:
            continue
        for row in snapshot.rows():
            if row.id not in listings:
                continue
            for _, cell in row.claims(ColumnRole.RETENTION):
                terms[row.id].add(("term", cell.plain))
        for provider in snapshot.providers:
            if provider.declared and provider.declared.retention:
                wording = inline.plain(provider.declared.retention.text)
                terms[f"provider {provider.id}"].add(("term", wording))
        for model in snapshot.models:
            if model.retention_floor:
                terms[f"model {model.id}"].add(("term", model.retention_floor.plain))
    return terms


def _changesets_by_touched(changesets: list[Changeset]) -> dict[_Touched, set[Changeset]]:
    """Return the changesets by what they touched, in one query."""
    by_pk = {changeset.pk: changeset for changeset in changesets}
    sources: tuple[tuple[str, Any, str], ...] = (
        ("listing", Listing, "id"),
        ("footnote", Footnote, "id"),
        ("model", AIModel, "slug"),
        ("provider", Provider, "slug"),
        # A document without a label is printed with the name of its provider.
        ("documents", Provider, "slug"),
        ("documents", PolicyDocument, "provider__slug"),
        ("term", RetentionTerm, "wording"),
        ("term", RetentionClause, "term__wording"),
        *(("listing", part.model, "listing_id") for part in graph.parts_of(Listing)),
        ("mark", Citation, "footnote_id"),
        ("register", Register, "id"),
        ("section", Section, "id"),
        ("section", Column, "section_id"),
        ("column", Column, "key"),
    )
    touched: defaultdict[_Touched, set[Changeset]] = defaultdict(set)
    first, *others = [
        rows_of(model)
        .filter(changeset__in=by_pk)
        .values_list("changeset", Value(kind), Cast(field, TextField()))
        for kind, model, field in sources
    ]
    for pk, kind, name in first.union(*others):
        # SQLite writes UUIDs without hyphens.
        touched[kind, str(UUID(name)) if kind in _WITH_UUIDS else name].add(by_pk[pk])
    return touched
