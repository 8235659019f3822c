"""Models that have another id on the later page, because one there takes on their history."""

from collections.abc import Iterator
from dataclasses import replace

from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.remembered import by_identity
from compliance.page.snapshot import Model, Snapshot
from compliance.page.table import Cell, ModelItem, Section


def with_later_ids(before: Snapshot, after: Snapshot) -> Snapshot:
    """Return a page on which the models that a later page continues have their ids of that page."""
    ids = _later_ids(before, after)
    if not ids:
        return before
    later = {model.id: model for model in after.models}
    models = tuple(
        replace(model, id=ids[model.id], continues=later[ids[model.id]].continues)
        if model.id in ids
        else model
        for model in before.models
    )
    sections = tuple(_section(section, ids) for section in before.sections)
    return replace(before, models=models, sections=sections)


def id_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the models that have another id and the same name as before."""
    ids = _later_ids(before, after)
    if not ids:
        return
    names = {model.id: model.name for model in before.models}
    later_names = {model.id: model.name for model in after.models}
    for old_id, id in ids.items():
        if names[old_id] == later_names[id]:
            sentence = f"{later_names[id]} is the same model under another id, “{id}”."
            yield Change(ChangeKind.MODEL_RENAMED, Effect.NEUTRAL, sentence, about=(id,))


def _later_ids(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """Return the later ids of the models that are on one page each, by their earlier ids."""
    continuing = _continuing(after.models)
    if not continuing:
        return {}
    old_ids = {model.id for model in before.models}
    new_ids = {model.id for model in after.models}
    found: dict[str, str] = {}
    for model in continuing:
        if model.id not in old_ids:
            left = [id for id in model.continues if id in old_ids - new_ids and id not in found]
            found |= dict.fromkeys(left[:1], model.id)
    return found


@by_identity(16)
def _continuing(models: tuple[Model, ...]) -> list[Model]:
    return [model for model in models if model.continues]


def _section(section: Section, ids: dict[str, str]) -> Section:
    listings = tuple(
        replace(listing, cells={key: _cell(cell, ids) for key, cell in listing.cells.items()})
        for listing in section.listings
    )
    return replace(section, listings=listings)


def _cell(cell: Cell, ids: dict[str, str]) -> Cell:
    items = tuple(
        replace(item, model=ids.get(item.model, item.model))
        if isinstance(item, ModelItem)
        else item
        for item in cell.items
    )
    return replace(cell, items=items)
