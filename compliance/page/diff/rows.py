"""Rows that were added, removed or moved."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from compliance.page.diff.effects import MoveConsequence, makes_promise
from compliance.page.diff.sections import section_names
from compliance.page.diff.sentences import (
    cell_words,
    column_title,
    document_title,
    join_names,
    notes_of_row,
    row_label,
    terms_of_row,
    texts_of_row,
    through_providers,
    verb_form,
)
from compliance.page.diff.sequences import moved_items
from compliance.page.diff.types import Change, ChangeKind, Effect, combined
from compliance.page.remembered import by_identity, values_of
from compliance.page.row_pairs import rows_by_id
from compliance.page.rows_by_id import RowsById, model_ids, provider_ids
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import ModelItem, Row, empty_cell
from compliance.page.vocabulary import ColumnRole


@by_identity(16)
def row_index(snapshot: Snapshot) -> "RowIndex":
    """Return the rows of a page by what tells them apart."""
    return RowIndex(snapshot)


class RowIndex:
    """The rows of a page by their ids and by the ids of their models; what they name, by id."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.by_id = rows_by_id(snapshot)
        rows = snapshot.all_rows
        self.by_model = RowsById(rows, values_of(model_ids, rows))
        self.providers = RowsById(rows, values_of(provider_ids, rows)).keys()
        self.model_names = _names_by_id(snapshot.models)
        self.provider_names = _names_by_id(snapshot.providers)


@by_identity(32)
def _names_by_id(things: tuple[Model | Provider, ...]) -> dict[str, str]:
    return {thing.id: thing.name for thing in things}


def row_added(row: Row, before: RowIndex, after: RowIndex) -> Iterator[Change]:
    """Give the changes that a new row makes: for its new models, and for those of other rows.

    Models that stood in other rows were split off: one change for all with the same consequence.
    """
    split_off: defaultdict[MoveConsequence, list[ModelItem]] = defaultdict(list)
    new_names: list[str] = []
    for item in row.models:
        if item.model in before.by_model:
            old_rows, new_rows = before.by_model[item.model], after.by_model[item.model]
            split_off[MoveConsequence.of(old_rows, new_rows)].append(item)
        else:
            new_names.append(item.plain)
    if new_names or not split_off:
        yield _new_row(row, new_names, before)
    for consequence, items in split_off.items():
        names = join_names(dict.fromkeys(item.plain for item in items))
        stand = verb_form(len(items), "stands", "stand")
        sentence = (
            f"{names} {stand} in a new row{through_providers(row)}"
            f"{consequence.sentence_end(len(items))}.{_content_of_row(row)}"
        )
        about = tuple(item.model for item in items)
        effect = consequence.effect
        if lost := left_behind(about, row, before, after):
            sentence += f" No longer said: {join_names(lost)}."
            effect = combined(effect, Effect.UNJUDGED)
        yield Change(
            ChangeKind.LISTING_SPLIT,
            effect,
            sentence,
            row.id,
            about,
            touches_promise=makes_promise(row),
        )


def _new_row(row: Row, model_names: list[str], before: RowIndex) -> Change:
    """Return the change of a new row; it is weaker where a provider is new to the page."""
    name = join_names(model_names) or _name_without_models(row)
    sentence = f"New row: {name}{through_providers(row)}.{_content_of_row(row)}"
    # On the first page every provider is new, and nothing was promised before.
    is_first_page = not before.by_id
    has_new_company = any(item.provider not in before.providers for item in row.providers)
    is_weaker = has_new_company and not is_first_page
    return Change(
        ChangeKind.LISTING_ADDED,
        Effect.WEAKER if is_weaker else _text_row_effect(row),
        sentence,
        row.id,
        touches_promise=makes_promise(row),
    )


def _content_of_row(row: Row) -> str:
    """Return sentences on what a new row says beside its models and providers."""
    return f"{terms_of_row(row)}{texts_of_row(row)}{notes_of_row(row)}"


def _text_row_effect(row: Row) -> Effect:
    """Return unjudged for a row that names neither a model nor a provider: it is words."""
    return Effect.NEUTRAL if row.models or row.providers else Effect.UNJUDGED


def _name_without_models(row: Row) -> str:
    has_models_first = row.section.columns[0].role is ColumnRole.MODELS
    return "no model" if has_models_first else row_label(row)


def row_removed(row: Row, before: RowIndex, after: RowIndex) -> Iterator[Change]:
    """Give the change of a removed row: merged if all its models went to one row, else gone."""
    new_row = _row_merged_into(row, after)
    if new_row is not None:
        yield _merged(row, new_row)
        return
    retired = [item.plain for item in row.models if item.model not in after.by_model]
    are = verb_form(len(retired), "is", "are")
    if retired and len(retired) == len(row.models):
        sentence = f"{join_names(retired)} {are} no longer listed; the row is gone."
    else:
        sentence = f"The row of {row_label(row)} is gone."
        if retired:
            sentence += f" {join_names(retired)} {are} no longer listed."
    yield Change(
        ChangeKind.LISTING_REMOVED,
        _removal_effect(row, before, after),
        sentence,
        row.id,
        touches_promise=makes_promise(row),
    )


def _removal_effect(row: Row, before: RowIndex, after: RowIndex) -> Effect:
    """Return what a removed row means for the models that stay on the page, or for its providers.

    Of models that stand in a new row, another change tells.
    """
    if not row.models:
        is_gone = bool(row.providers) and after.providers.isdisjoint(
            item.provider for item in row.providers
        )
        return Effect.STRONGER if is_gone else _text_row_effect(row)
    effects = []
    for item in row.models:
        old_rows, new_rows = before.by_model[item.model], after.by_model.get(item.model, [])
        old_ids, new_ids = {found.id for found in old_rows}, {found.id for found in new_rows}
        if new_ids and new_ids < old_ids:
            effects.append(MoveConsequence.of(old_rows, new_rows).effect)
    return combined(*effects)


def _row_merged_into(row: Row, after: RowIndex) -> Row | None:
    """Return the one row to which all models of a removed row went, if there is one."""
    new_rows: dict[str, Row] = {}
    for item in row.models:
        if item.model not in after.by_model:
            return None
        new_rows |= {found.id: found for found in after.by_model[item.model]}
    return next(iter(new_rows.values())) if len(new_rows) == 1 else None


def left_behind(
    models: Iterable[str], new_row: Row, before: RowIndex, after: RowIndex
) -> list[str]:
    """Return what the rows that models left said of them, and their new row does not.

    Of a row that was merged as a whole, another change tells.
    """
    lost: dict[str, None] = {}
    for model in models:
        kept = {row.id for row in after.by_model[model]}
        for row in before.by_model[model]:
            is_merged = row.id not in after.by_id and _row_merged_into(row, after) is not None
            if row.id not in kept and not is_merged:
                lost |= dict.fromkeys(_no_longer_said(row, new_row))
    return list(lost)


def _merged(row: Row, new_row: Row) -> Change:
    moved = {item.model for item in row.models}
    others = [item.plain for item in new_row.models if item.model not in moved]
    target = row_label(new_row, others or None)
    sentence = f"The row of {row_label(row)} is merged into the row of {target}."
    lost = list(_no_longer_said(row, new_row))
    if lost:
        sentence += f" No longer said: {join_names(lost)}."
    effect = Effect.UNJUDGED if lost else Effect.NEUTRAL
    return Change(
        ChangeKind.LISTING_MERGED, effect, sentence, row.id, touches_promise=makes_promise(row)
    )


def _no_longer_said(row: Row, new_row: Row) -> Iterator[str]:
    """Yield the texts, places and documents of a row that another row does not have.

    The change of the models tells of claims. Documents go together with their provider.
    """
    kept_cells = {(column.key, column.role): cell for column, cell in new_row.cells}
    providers = {item.provider for item in new_row.providers}
    for column, cell in row.cells:
        kept = kept_cells.get((column.key, column.role), empty_cell(column.role))
        if column.role is ColumnRole.DOCUMENTS:
            shown = {item.plain for item in new_row.documents}
            for document in row.documents:
                is_of_row = document.provider is None or document.provider in providers
                if is_of_row and document.plain not in shown:
                    yield document_title(document)
        elif column.role.is_text:
            kept_words = cell_words(kept)
            if lost := [word for word in cell_words(cell) if word not in kept_words]:
                yield f"“{', '.join(lost)}” of {column_title(column)}"


def _order(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the ids of the rows of each section, in order."""
    return {
        section.id: [listing.id for listing in section.listings] for section in snapshot.sections
    }


def rows_moved(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give a change for each row that moved to another section or within its section.

    Within a section they are the fewest whose moves make the new order.
    """
    if _order(before) == _order(after):
        return
    old_names, new_names = section_names(before), section_names(after)
    old_sections = {row.id: row.section.id for row in before.rows()}
    old_orders = _order(before)
    for section in after.sections:
        rows = {listing.id: Row(section, listing) for listing in section.listings}
        for id, row in rows.items():
            old_section = old_sections.get(id, section.id)
            if old_section != section.id:
                where, whence = new_names[section.id], old_names[old_section]
                sentence = f"The row of {row_label(row)} now stands in {where}, not in {whence}."
                # Under another heading, the same words may mean something else.
                yield Change(
                    ChangeKind.LISTING_MOVED,
                    Effect.UNJUDGED,
                    sentence,
                    id,
                    touches_promise=makes_promise(row),
                )
        for id, previous in moved_items(old_orders.get(section.id, []), list(rows)):
            where = "first" if previous is None else f"after the row of {row_label(rows[previous])}"
            sentence = f"The row of {row_label(rows[id])} now stands {where}."
            yield Change(ChangeKind.LISTING_MOVED, Effect.NEUTRAL, sentence, id)
