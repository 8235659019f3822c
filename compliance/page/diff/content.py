"""What a page is made of, piece by piece: so it is known which earlier page brought what stands on a later one."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from compliance.page.diff.sequences import is_reordered
from compliance.page.snapshot import Document, Snapshot

ContentItem = tuple[Hashable, ...]


def new_content(before: Snapshot | None, after: Snapshot) -> set[ContentItem]:
    """Return the pieces that one page has and the page before has not, and what is gone or stands in another order.

    A piece is a value with the path to it. Listings, models, providers and footnotes are known by their ids, documents
    by their addresses or labels, so that a mark does not change when its footnote's number does.
    """
    if before is None:
        return _pieces(after)
    was, now = _pieces(before), _pieces(after)
    return (now - was) | {("gone", *piece) for piece in was - now} | _reordered(before, after)


def _pieces(snapshot: Snapshot) -> set[ContentItem]:
    notes = {note.number: note.id for note in snapshot.footnotes}
    return set(_leaves(snapshot, (), notes))


def _leaves(value: Any, path: ContentItem, notes: Mapping[int, str]) -> Iterator[ContentItem]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), (*path, field.name), notes)
    elif isinstance(value, tuple):
        for item in value:
            key = _key(item, notes)
            yield from _leaves(key if isinstance(item, int) else item, (*path, key), notes)
    else:
        yield (*path, value)


def _key(item: Any, notes: Mapping[int, str]) -> Hashable:
    """Return by what an item of a list is known: its id, a document's address, a footnote's id for its number."""
    if isinstance(item, int):
        return notes.get(item, item)
    if isinstance(item, Document):
        return item.url or item.label
    known_by: Hashable = getattr(item, "id", item)
    return known_by


def _reordered(before: Snapshot, after: Snapshot) -> set[ContentItem]:
    """Return a piece for each list whose items that stayed stand in another order."""
    was, now = dict(_lists(before)), dict(_lists(after))
    return {
        ("order", *path) for path in was.keys() & now.keys() if is_reordered(was[path], now[path])
    }


def _lists(snapshot: Snapshot) -> Iterator[tuple[ContentItem, tuple[Hashable, ...]]]:
    yield ("listings",), tuple(listing.id for listing in snapshot.listings)
    for listing in snapshot.listings:
        for name in ("models", "providers", "documents"):
            yield (listing.id, name), tuple(_key(item, {}) for item in getattr(listing, name))
