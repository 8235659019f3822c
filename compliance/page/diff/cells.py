"""What changed in the cells of a row that stands on both pages: claims, documents, texts."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import fields, replace

from compliance.page.claims import needs_label
from compliance.page.descriptions import describe_clauses
from compliance.page.diff.effects import (
    ClaimWords,
    is_promise,
    makes_promise,
    retention_effect,
    retention_effects,
    training_effect,
    worded_effect,
)
from compliance.page.diff.facts import fact_sentence
from compliance.page.diff.sentences import (
    column_title,
    document_change,
    document_title,
    row_label,
    said,
    said_differently,
)
from compliance.page.diff.sequences import is_reordered
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.matching import Keys, match_keys
from compliance.page.table import Cell, Column, DocumentItem, Row, TextItem, empty_cell
from compliance.page.training import training_text
from compliance.page.vocabulary import (
    Asks,
    Basis,
    ColumnRole,
    DocumentKind,
    TrainingUse,
)

# A column with the row's old and new cell.
_MatchedCell = tuple[Column, Cell, Cell]
_BASIS_WORDS = {
    Basis.STATED: "now stated for this row, no longer derived from what its providers declare",
    Basis.DERIVED: "now derived from what its providers declare, no longer stated for this row",
}
_NO_USE = TrainingUse.NOT_STATED
# Kinds of documents that are no words.
_KINDS = {DocumentKind.FAQ: "FAQ", DocumentKind.DPA: "DPA"}
# What the facts of a document are called in a sentence, by their fields.
_FACTS = {"valid_from": "first day of validity", "valid_until": "last day of validity"}


def cell_changes(old: Row, new: Row) -> Iterator[Change]:
    """Give the changes of the claims, places and texts of a row, at most one for each cell.

    Cells are matched by the key and role of their column. In a row that stands in another section
    now, a cell without a partner is compared with an empty one; in the same section the change of
    the column tells of it.
    """
    matched = list(_matched_cells(old, new))
    effects = _retention_effects(old, new, matched)
    old_columns = {(column.key, column.role): column for column in old.section.columns}
    for column, old_cell, new_cell in matched:
        if old_cell == new_cell:
            continue
        # The old words were read below the label that they had.
        old_column = old_columns.get((column.key, column.role), column)
        if column.role is ColumnRole.TRAINING:
            effect = training_effect(*(cell.use or _NO_USE for cell in (old_cell, new_cell)))
            effect = _claim_effect(effect, (old_column, old_cell), (column, new_cell))
            yield from _training(column, new, old_cell, new_cell, effect)
        elif column.role is ColumnRole.RETENTION:
            effect = effects.get(column.key, Effect.NEUTRAL)
            effect = _claim_effect(effect, (old_column, old_cell), (column, new_cell))
            yield from _retention(column, new, old_cell, new_cell, effect)
        elif column.role.is_text:
            yield from _text(column, new, old_cell, new_cell)


def _matched_cells(old: Row, new: Row) -> Iterator[_MatchedCell]:
    old_cells = {(column.key, column.role): cell for column, cell in old.cells}
    new_cells = {(column.key, column.role): cell for column, cell in new.cells}
    has_moved = old.section.id != new.section.id
    for column, cell in new.cells:
        id = (column.key, column.role)
        if id in old_cells or has_moved:
            yield column, old_cells.get(id) or empty_cell(column.role), cell
    for column, cell in old.cells if has_moved else ():
        if (column.key, column.role) not in new_cells:
            yield column, cell, empty_cell(column.role)


def _retention_effects(old: Row, new: Row, matched: Sequence[_MatchedCell]) -> dict[str, Effect]:
    """Return the effects of the retention cells that mean something else, by column key.

    In the same section a column that came or went has a change of its own, which tells its effect.
    """
    cells = [found for found in matched if found[0].role is ColumnRole.RETENTION]
    changed = [found for found in cells if found[1].clauses != found[2].clauses]
    if not changed:
        return {}
    if len(cells) == 1:
        return {changed[0][0].key: retention_effect(*changed[0])}
    if old.section.id == new.section.id:
        keys = {column.key for column, _, _ in matched}
        old, new = _with_columns(old, keys), _with_columns(new, keys)
    return retention_effects(changed, old, new)


def _with_columns(row: Row, keys: Container[str]) -> Row:
    """Return a row with some of its columns only."""
    columns = tuple(column for column in row.section.columns if column.key in keys)
    return Row(replace(row.section, columns=columns), row.listing)


def _claim_effect(effect: Effect, old: tuple[Column, Cell], new: tuple[Column, Cell]) -> Effect:
    """Return the effect of a claim by its words, if what it stands for has an effect."""
    return worded_effect(effect, ClaimWords.of_cell(*old), ClaimWords.of_cell(*new))


def _training(column: Column, row: Row, old: Cell, new: Cell, effect: Effect) -> Iterator[Change]:
    claim = _claim(column, row, "Training on the prompts of")
    old_use, new_use = old.use or _NO_USE, new.use or _NO_USE
    if _texts(old) != _texts(new):
        sentence = _instead(claim, old, new)
    elif old_use != new_use:
        # Below "Does not train", the wordings of a meaning would be read as its opposite.
        asks = column.asks if column.asks is Asks.TRAINS else None
        meaning, old_meaning = (training_text(use, asks=asks) for use in (new_use, old_use))
        sentence = f"{claim}: {said(new)} now means “{meaning}”, not “{old_meaning}”."
    elif old.basis != new.basis and new.basis:
        sentence = f"{claim}: {said(new)} is {_BASIS_WORDS[new.basis]}."
    else:
        return
    yield _cell_change(ChangeKind.TRAINING, effect, sentence, column, row)


def _retention(column: Column, row: Row, old: Cell, new: Cell, effect: Effect) -> Iterator[Change]:
    claim = _claim(column, row, "Retention for")
    if _texts(old) != _texts(new):
        sentence = _instead(claim, old, new)
    elif old.clauses != new.clauses:
        meaning, old_meaning = (describe_clauses(cell.clauses or ()) for cell in (new, old))
        sentence = f"{claim}: {said(new)} now means: {meaning}. It meant: {old_meaning}."
    elif old.basis != new.basis and new.basis:
        sentence = f"{claim}: {said(new)} is {_BASIS_WORDS[new.basis]}."
    else:
        return
    yield _cell_change(ChangeKind.RETENTION, effect, sentence, column, row)


def _cell_change(
    kind: ChangeKind, effect: Effect, sentence: str, column: Column, row: Row
) -> Change:
    return Change(
        kind,
        effect,
        sentence,
        row.id,
        (column.key,),
        touches_promise=is_promise(column, row),
    )


def _text(column: Column, row: Row, old: Cell, new: Cell) -> Iterator[Change]:
    """Give the change of a text or place: in its words, else in the country that it stands for."""
    claim = f"{column_title(column)} of {row_label(row)}"
    if _texts(old) != _texts(new):
        change = _cell_change(
            ChangeKind.CELL, Effect.UNJUDGED, _instead(claim, old, new), column, row
        )
        before, after = "\n".join(_texts(old)), "\n".join(_texts(new))
        yield replace(change, lead=claim, before=before, after=after)
        return
    if _countries(old) != _countries(new):
        meaning, old_meaning = (" and ".join(_countries(cell)) for cell in (new, old))
        sentence = f"{claim}: {said(new)} now stands for {meaning}, before for {old_meaning}."
        yield _cell_change(ChangeKind.CELL, Effect.UNJUDGED, sentence, column, row)


def _claim(column: Column, row: Row, default: str) -> str:
    name = f"{column_title(column)} of" if needs_label(column, row) else default
    return f"{name} {row_label(row)}"


def _instead(claim: str, old: Cell, new: Cell) -> str:
    new_words, old_words = said_differently(new, old)
    return f"{claim}: {new_words} instead of {old_words}."


def _texts(cell: Cell) -> list[str]:
    return [item.text for item in cell.items]


def _countries(cell: Cell) -> list[str]:
    return [
        (item.country or "no country") if isinstance(item, TextItem) else "" for item in cell.items
    ]


def document_changes(old: Row, new: Row) -> Iterator[Change]:
    """Give the documents that were changed, added, removed or reordered in a row.

    A document that came or left together with its provider is not reported: the change of the
    provider says so.
    """
    if old.documents == new.documents:
        yield from _documents_basis(old, new)
        return
    row = row_label(new)
    removed = _absent(old.documents, new.documents)
    added = _absent(new.documents, old.documents)
    for before, after in _replacements(removed, added):
        removed.remove(before)
        added.remove(after)
        sentence = f"{row}: {document_change(before, after)}."
        # The same document under another label is still the same document.
        is_same = before.url is not None and before.url == after.url
        effect = Effect.NEUTRAL if is_same else Effect.UNJUDGED
        yield _document_change(ChangeKind.DOCUMENT_CHANGED, effect, sentence, new, before)
    old_providers = {item.provider for item in old.providers}
    new_providers = {item.provider for item in new.providers}
    for document in added:
        if document.provider not in new_providers - old_providers:
            sentence = f"{row}: {document_title(document)} is shown."
            kind = ChangeKind.DOCUMENT_ADDED
            yield _document_change(kind, Effect.UNJUDGED, sentence, new, document)
    for document in removed:
        if document.provider not in old_providers - new_providers:
            sentence = f"{row}: {document_title(document)} is no longer shown."
            kind = ChangeKind.DOCUMENT_REMOVED
            yield _document_change(kind, Effect.UNJUDGED, sentence, new, document)
    if is_reordered(list(map(_printed, old.documents)), list(map(_printed, new.documents))):
        sentence = f"The documents of {row} are reordered."
        yield Change(ChangeKind.DOCUMENTS_REORDERED, Effect.NEUTRAL, sentence, new.id)
    elif list(map(_printed, old.documents)) == list(map(_printed, new.documents)):
        yield from _documents_basis(old, new)


def document_fact_changes(
    old: Row, new: Row, provider_names: Mapping[str, str]
) -> Iterator[Change]:
    """Give the documents of a row of which something changed that the page does not print.

    It is a document's, not the row's, so other rows that show the document tell the same.
    """
    continued = match_keys(
        [(_printed(document),) for document in old.documents],
        [(_printed(document),) for document in new.documents],
    )
    for partner, document in zip(continued, new.documents, strict=True):
        if partner is None or old.documents[partner] == document:
            continue
        before = old.documents[partner]
        if (before.kind, before.provider) != (document.kind, document.provider):
            owner = provider_names.get(document.provider or "", "")
            whose = f" of {owner}" if owner else ""
            kind = _KINDS.get(document.kind) or document.kind.replace("_", " ")
            sentence = f"{document_title(document)} is now taken for the {kind}{whose}."
            yield _fact_change(sentence, document, "kind")
        for name in _facts():
            old_value, new_value = getattr(before, name), getattr(document, name)
            if old_value != new_value:
                subject = f"The {_FACTS.get(name, name)} of {document_title(document)}"
                sentence = fact_sentence(subject, old_value, new_value)
                yield _fact_change(sentence, document, name)


def _facts() -> list[str]:
    """Return the fields of a document that no other change tells of."""
    compared = ("document", "provider", "kind", "text", "url", "footnotes")
    return [field.name for field in fields(DocumentItem) if field.name not in compared]


def _documents_basis(old_row: Row, new_row: Row) -> Iterator[Change]:
    old, new = (row.section.column(ColumnRole.DOCUMENTS) for row in (old_row, new_row))
    if old is None or new is None:
        return
    old_basis = old_row.listing.cells[old.key].basis
    new_basis = new_row.listing.cells[new.key].basis
    if new_basis and old_basis != new_basis:
        sentence = f"The documents of {row_label(new_row)} are {_BASIS_WORDS[new_basis]}."
        kind = ChangeKind.DOCUMENT_CHANGED
        yield Change(kind, Effect.NEUTRAL, sentence, new_row.id, (new.key,))


def _absent(
    documents: Sequence[DocumentItem], others: Sequence[DocumentItem]
) -> list[DocumentItem]:
    """Return the documents that are printed nowhere among the others."""
    printed = {_printed(document) for document in others}
    return [document for document in documents if _printed(document) not in printed]


def _replacements(
    removed: Sequence[DocumentItem], added: Sequence[DocumentItem]
) -> list[tuple[DocumentItem, DocumentItem]]:
    """Return pairs of a removed and an added document: with one label, address or id."""
    continued = match_keys(list(map(_keys, removed)), list(map(_keys, added)))
    pairs = [
        (partner, after)
        for partner, after in zip(continued, added, strict=True)
        if partner is not None
    ]
    return [(removed[index], after) for index, after in sorted(pairs, key=lambda pair: pair[0])]


def _keys(document: DocumentItem) -> Keys:
    # None pairs nothing: two documents without an address are not the same for that. A page that
    # is read from Markdown numbers its documents, so the id alone says little.
    return document.text, document.url or None, (document.document, document.provider)


def _document_change(
    kind: ChangeKind, effect: Effect, sentence: str, row: Row, document: DocumentItem
) -> Change:
    about = f"{document.plain} {document.url or ''}".strip()
    return Change(kind, effect, sentence, row.id, (about,), touches_promise=makes_promise(row))


def _fact_change(sentence: str, document: DocumentItem, fact: str) -> Change:
    return Change(
        ChangeKind.DOCUMENT_FACT,
        Effect.UNJUDGED,
        sentence,
        about=(document.document, fact),
        touches_promise=document.provider is not None,
    )


def _printed(document: DocumentItem) -> tuple[str, str | None]:
    return document.text, document.url
