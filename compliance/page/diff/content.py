"""The single values of a page, which tell what a later page has and an earlier one has not."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from compliance.page.diff.sequences import is_reordered
from compliance.page.snapshot import Document, Snapshot

ContentItem = tuple[Hashable, ...]


def new_content(before: Snapshot | None, after: Snapshot) -> set[ContentItem]:
    """Return the values that are new on a page, and what was removed or reordered there.

    A value comes with the path to it. Listings, models, providers and footnotes are identified by
    their ids, documents by their addresses or labels, and a mark by its footnote's id, so that it
    does not change with the footnote's number.
    """
    if before is None:
        return _items(after)
    old, new = _items(before), _items(after)
    removed = {("gone", *item) for item in old - new}
    return (new - old) | removed | _reordered(before, after)


def _items(snapshot: Snapshot) -> set[ContentItem]:
    note_ids = {note.number: note.id for note in snapshot.footnotes}
    return set(_leaves(snapshot, (), note_ids))


def _leaves(value: Any, path: ContentItem, note_ids: Mapping[int, str]) -> Iterator[ContentItem]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), (*path, field.name), note_ids)
    elif isinstance(value, tuple):
        for item in value:
            key = _key(item, note_ids)
            yield from _leaves(key if isinstance(item, int) else item, (*path, key), note_ids)
    else:
        yield (*path, value)


def _key(item: Any, note_ids: Mapping[int, str]) -> Hashable:
    """Return what identifies an item: its id, a document's address, or a footnote's id."""
    if isinstance(item, int):
        return note_ids.get(item, item)
    if isinstance(item, Document):
        return item.url or item.label
    key: Hashable = getattr(item, "id", item)
    return key


def _reordered(before: Snapshot, after: Snapshot) -> set[ContentItem]:
    """Return an item for each list in which what is on both pages stands in another order."""
    old, new = dict(_lists(before)), dict(_lists(after))
    on_both = old.keys() & new.keys()
    return {("order", *path) for path in on_both if is_reordered(old[path], new[path])}


def _lists(snapshot: Snapshot) -> Iterator[tuple[ContentItem, tuple[Hashable, ...]]]:
    yield ("listings",), tuple(listing.id for listing in snapshot.listings)
    for listing in snapshot.listings:
        for name in ("models", "providers", "documents"):
            yield (listing.id, name), tuple(_key(item, {}) for item in getattr(listing, name))
