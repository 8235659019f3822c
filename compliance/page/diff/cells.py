"""What changed in the cells of a row that stands on both pages: training, retention, documents."""

from collections.abc import Iterator, Sequence

from compliance.page.diff.alignment import partners
from compliance.page.diff.effects import effect, training_effect
from compliance.page.diff.sentences import document_title, row_label
from compliance.page.diff.sequences import is_reordered
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.retention import describe_clauses, severity
from compliance.page.snapshot import Document
from compliance.page.table import Listing
from compliance.page.training import training_text
from compliance.page.vocabulary import Basis

_BASIS_WORDS = {
    Basis.STATED: "is now stated for this row, no longer derived from what its providers declare",
    Basis.DERIVED: "now follows from what its providers declare, no longer stated for this row",
}


def cell_changes(old: Listing, new: Listing) -> Iterator[Change]:
    """Give the changes of training and retention: in text, else in meaning, else in basis.

    At most one for each cell: a new text says what is new, whatever else changed with it.
    """
    yield from _training(old, new)
    yield from _retention(old, new)


def _training(old_row: Listing, new_row: Listing) -> Iterator[Change]:
    old, new = old_row.training, new_row.training
    cell = f"Training on the prompts of {row_label(new_row)}"
    if old.text != new.text:
        sentence = f"{cell}: “{new.text}” instead of “{old.text}”."
    elif old.use != new.use:
        meaning, old_meaning = training_text(new.use), training_text(old.use)
        sentence = f"{cell}: “{new.text}” now means “{meaning}”, not “{old_meaning}”."
    elif old.basis != new.basis:
        sentence = f"{cell}: “{new.text}” {_BASIS_WORDS[new.basis]}."
    else:
        return
    yield Change(ChangeKind.TRAINING, training_effect(old.use, new.use), sentence, new_row.id)


def _retention(old_row: Listing, new_row: Listing) -> Iterator[Change]:
    old, new = old_row.retention, new_row.retention
    cell = f"Retention for {row_label(new_row)}"
    if old.text != new.text:
        sentence = f"{cell}: “{new.text}” instead of “{old.text}”."
    elif old.clauses != new.clauses:
        meaning, old_meaning = describe_clauses(new.clauses), describe_clauses(old.clauses)
        sentence = f"{cell}: “{new.text}” now means: {meaning}. It meant: {old_meaning}."
    elif old.basis != new.basis:
        sentence = f"{cell}: “{new.text}” {_BASIS_WORDS[new.basis]}."
    else:
        return
    retention_effect = effect(severity(old.clauses), severity(new.clauses))
    yield Change(ChangeKind.RETENTION, retention_effect, sentence, new_row.id)


def document_changes(old: Listing, new: Listing) -> Iterator[Change]:
    """Give the documents that were changed, added, removed or reordered in a row.

    A document that came or left together with its provider is not reported: the change of the
    provider says so.
    """
    row = row_label(new)
    removed = _absent(old.documents, new.documents)
    added = _absent(new.documents, old.documents)
    for before, after in _replacements(removed, added):
        removed.remove(before)
        added.remove(after)
        sentence = f"{row}: {document_title(after)} instead of {document_title(before)}."
        yield _document_change(ChangeKind.DOCUMENT_CHANGED, sentence, new, before)
    yield from _reclassified(old, new)
    old_providers = {provider.id for provider in old.providers}
    new_providers = {provider.id for provider in new.providers}
    for document in added:
        if document.provider not in new_providers - old_providers:
            sentence = f"{row}: {document_title(document)} is shown."
            yield _document_change(ChangeKind.DOCUMENT_ADDED, sentence, new, document)
    for document in removed:
        if document.provider not in old_providers - new_providers:
            sentence = f"{row}: {document_title(document)} is no longer shown."
            yield _document_change(ChangeKind.DOCUMENT_REMOVED, sentence, new, document)
    if is_reordered(list(map(_printed, old.documents)), list(map(_printed, new.documents))):
        sentence = f"The documents of {row} are reordered."
        yield Change(ChangeKind.DOCUMENTS_REORDERED, Effect.NEUTRAL, sentence, new.id)


def _absent(documents: Sequence[Document], others: Sequence[Document]) -> list[Document]:
    """Return the documents that are printed nowhere among the others."""
    printed = {_printed(document) for document in others}
    return [document for document in documents if _printed(document) not in printed]


def _replacements(
    removed: Sequence[Document], added: Sequence[Document]
) -> list[tuple[Document, Document]]:
    """Return pairs of a removed and an added document with one label, else with one address."""
    continued = partners(
        # None pairs nothing: two documents without an address are not the same for that.
        [(document.label, document.url or None) for document in removed],
        [(document.label, document.url or None) for document in added],
    )
    pairs = [
        (partner, after)
        for partner, after in zip(continued, added, strict=True)
        if partner is not None
    ]
    return [(removed[index], after) for index, after in sorted(pairs, key=lambda pair: pair[0])]


def _reclassified(old: Listing, new: Listing) -> Iterator[Change]:
    """Give the documents of which only the kind or the provider changed.

    Neither is printed, but programs read both in the JSON.
    """
    names = {provider.id: provider.name for provider in (*old.providers, *new.providers)}
    continued = partners(
        [(_printed(document),) for document in old.documents],
        [(_printed(document),) for document in new.documents],
    )
    for partner, document in zip(continued, new.documents, strict=True):
        if partner is None:
            continue
        before = old.documents[partner]
        if (before.kind, before.provider) == (document.kind, document.provider):
            continue
        owner = names.get(document.provider, document.provider) if document.provider else ""
        whose = f" of {owner}" if owner else ""
        kind = document.kind.replace("_", " ")
        sentence = (
            f"{row_label(new)}: {document_title(document)} is now taken for the {kind}{whose}."
        )
        yield _document_change(ChangeKind.DOCUMENT_CHANGED, sentence, new, document)


def _document_change(kind: ChangeKind, sentence: str, row: Listing, document: Document) -> Change:
    about = f"{document.label} {document.url or ''}".strip()
    return Change(kind, Effect.NEUTRAL, sentence, row.id, (about,))


def _printed(document: Document) -> tuple[str, str | None]:
    return document.label, document.url
