"""The single values of a page, which tell what a later page has and an earlier one has not."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from compliance.page.diff.sequences import is_reordered
from compliance.page.snapshot import Snapshot
from compliance.page.table import ClaimItem, DocumentItem, ModelItem, ProviderItem, TextItem

ContentItem = tuple[Hashable, ...]


def new_content(before: Snapshot | None, after: Snapshot) -> set[ContentItem]:
    """Return the values that are new on a page, and what was removed or reordered there.

    A value comes with the path to it. Sections, listings, models, providers and footnotes are
    identified by their ids, columns by their keys, documents by their addresses or labels, other
    items by their texts, and a mark by its footnote's id, so that it does not change with the
    footnote's number. The path of a listing's values does not hold its section.
    """
    if before is None:
        return _items(after)
    old, new = _items(before), _items(after)
    removed = {("gone", *item) for item in old - new}
    return (new - old) | removed | _reordered(before, after)


def has_same_content(before: Snapshot, after: Snapshot) -> bool:
    """Return whether two snapshots have the same content in the same order."""
    return before == after or not new_content(before, after)


def _items(snapshot: Snapshot) -> set[ContentItem]:
    note_ids = {note.number: note.id for note in snapshot.footnotes}
    items: set[ContentItem] = set()
    for name in ("register", "models", "providers", "footnotes"):
        items.update(_leaves(getattr(snapshot, name), (name,), note_ids))
    for section in snapshot.sections:
        items.add(("sections", section.id, "prose", section.prose))
        items.update(_leaves(section.columns, ("sections", section.id, "columns"), note_ids))
    for row in snapshot.rows():
        items.add(("listings", row.id, "section", row.section.id))
        for column, cell in row.cells:
            items.update(_leaves(cell, ("listings", row.id, column.key), note_ids))
    return items


def _leaves(value: Any, path: ContentItem, note_ids: Mapping[int, str]) -> Iterator[ContentItem]:
    if is_dataclass(value):
        for field in fields(value):
            if not isinstance(value, DocumentItem) or field.name != "document":
                yield from _leaves(getattr(value, field.name), (*path, field.name), note_ids)
    elif isinstance(value, tuple):
        for item in value:
            key = _key(item, note_ids)
            yield from _leaves(key if isinstance(item, int) else item, (*path, key), note_ids)
    else:
        yield (*path, value)


def _key(item: Any, note_ids: Mapping[int, str]) -> Hashable:
    """Return what identifies an item among others of its kind."""
    if isinstance(item, int):
        return note_ids.get(item, item)
    if isinstance(item, ModelItem):
        return item.model
    if isinstance(item, ProviderItem):
        return item.provider
    if isinstance(item, DocumentItem):
        return item.url or item.text
    if isinstance(item, ClaimItem | TextItem):
        return item.text
    key: Hashable = getattr(item, "id", getattr(item, "key", item))
    return key


def _reordered(before: Snapshot, after: Snapshot) -> set[ContentItem]:
    """Return an item for each list in which what is on both pages stands in another order."""
    old, new = dict(_lists(before)), dict(_lists(after))
    on_both = old.keys() & new.keys()
    return {("order", *path) for path in on_both if is_reordered(old[path], new[path])}


def _lists(snapshot: Snapshot) -> Iterator[tuple[ContentItem, tuple[Hashable, ...]]]:
    yield ("sections",), tuple(section.id for section in snapshot.sections)
    for section in snapshot.sections:
        yield (section.id, "columns"), tuple(column.key for column in section.columns)
        yield (section.id, "listings"), tuple(listing.id for listing in section.listings)
    yield ("listings",), tuple(row.id for row in snapshot.rows())
    for row in snapshot.rows():
        for column, cell in row.cells:
            yield (row.id, column.key), tuple(_key(item, {}) for item in cell.items)
