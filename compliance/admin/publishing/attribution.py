"""Which edits stand behind each sentence of what a publication changed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from compliance.admin.history.rows import rows_of
from compliance.models import (
    AIModel,
    Changeset,
    Citation,
    Footnote,
    Listing,
    PolicyDocument,
    Provider,
    Publication,
    Register,
    RetentionClause,
    RetentionTerm,
    graph,
)
from compliance.page import diff
from compliance.page.diff import AffectedChange, Change, ChangeKind
from compliance.page.snapshot import Snapshot

# What an edit touched, by a word and what pages know it by: ("listing", its id), ("provider", its slug).
_Key = tuple[str, str]

# What a row prints may come from its providers, its models and the terms, as well as from the row.
_OF_PROVIDERS = {
    ChangeKind.TRAINING,
    ChangeKind.RETENTION,
    ChangeKind.DECLARED,
    ChangeKind.PROVIDER_RENAMED,
}
_OF_DOCUMENTS = {
    ChangeKind.DOCUMENT_ADDED,
    ChangeKind.DOCUMENT_REMOVED,
    ChangeKind.DOCUMENT_CHANGED,
    ChangeKind.DOCUMENTS_REORDERED,
}
_OF_MODELS = {ChangeKind.RETENTION, ChangeKind.MODEL_RENAMED}
_OF_TERMS = {ChangeKind.RETENTION, ChangeKind.DECLARED}


@dataclass(frozen=True, slots=True)
class AttributedChange:
    """A sentence of what a publication changed, with the changesets in it that may have brought it, earliest first."""

    effect: str
    sentence: str
    changesets: tuple[Changeset, ...]


def attribute_changes(publication: Publication) -> list[AttributedChange]:
    """Return each change of a publication against its base, weaker first, with the changesets behind it.

    A changeset stands behind a sentence if it is in the publication and touched what the sentence is about. Takes the
    same queries whatever the number of changes and changesets.
    """
    before = publication.base.snapshot() if publication.base else None
    after = publication.snapshot()
    contributions = publication.contributions.select_related("changeset")
    touched = _touched([each.changeset for each in contributions])
    ranked = sorted(
        diff.affected_changes(before, after),
        key=lambda told: list(diff.Effect).index(told.change.effect),
    )
    register, terms = str(publication.register_id), _terms(before, after)
    return [_attributed(told.change, _keys(told, register, terms), touched) for told in ranked]


def _attributed(
    change: Change, keys: Iterable[_Key], touched: dict[_Key, set[Changeset]]
) -> AttributedChange:
    behind = {changeset for key in keys for changeset in touched.get(key, ())}
    return AttributedChange(
        change.effect, change.sentence, tuple(sorted(behind, key=lambda each: each.pk))
    )


def _keys(told: AffectedChange, register: str, terms: dict[str, set[_Key]]) -> Iterator[_Key]:
    """Give what a change may come from."""
    change = told.change
    if change.kind is ChangeKind.TEXT:
        yield "register", register
    is_mark = change.kind in (ChangeKind.CITATION_ADDED, ChangeKind.CITATION_REMOVED)
    if change.listing and not is_mark:
        yield "listing", change.listing
    yield from (("mark" if is_mark else "footnote", id) for id in change.about)
    if change.kind in _OF_PROVIDERS:
        yield from (("provider", id) for id in told.providers)
    if change.kind in _OF_DOCUMENTS:
        yield from (("documents", id) for id in told.providers)
    if change.kind in _OF_MODELS:
        yield from (("model", id) for id in told.models)
    if change.kind in _OF_TERMS:
        yield from terms.get(change.listing or "", ())
        yield from (key for id in told.providers for key in terms.get(id, ()))


def _terms(before: Snapshot | None, after: Snapshot) -> dict[str, set[_Key]]:
    """Return the terms that each listing printed and that each provider declared, on both pages."""
    found: defaultdict[str, set[_Key]] = defaultdict(set)
    for snapshot in (before, after):
        for listing in snapshot.listings if snapshot else ():
            found[listing.id].add(("term", listing.retention.text))
            for provider in listing.providers:
                if provider.declared and provider.declared.retention:
                    found[provider.id].add(("term", provider.declared.retention.text))
    return found


def _touched(changesets: list[Changeset]) -> dict[_Key, set[Changeset]]:
    """Return what some changesets touched, in a query a class."""
    by_pk = {changeset.pk: changeset for changeset in changesets}
    found: defaultdict[_Key, set[Changeset]] = defaultdict(set)

    kinds: tuple[tuple[str, Any, str], ...] = (
        ("listing", Listing, "id"),
        ("footnote", Footnote, "id"),
        ("model", AIModel, "slug"),
        ("provider", Provider, "slug"),
        # What a document without a label prints has its provider's name in it.
        ("documents", Provider, "slug"),
        ("documents", PolicyDocument, "provider__slug"),
        ("term", RetentionTerm, "wording"),
        ("term", RetentionClause, "term__wording"),
        *(("listing", part.model, "listing_id") for part in graph.parts_of(Listing)),
        ("mark", Citation, "footnote_id"),
        ("register", Register, "id"),
    )
    for word, model, field in kinds:
        for pk, value in rows_of(model).filter(changeset__in=by_pk).values_list("changeset", field):
            found[word, str(value)].add(by_pk[pk])
    return found
