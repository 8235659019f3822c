"""Which listings differ from the published page, and the snapshot that a choice of them makes."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any

from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import Listing

Marks = tuple[int, ...]


def changed_listings(before: Snapshot | None, working: Snapshot) -> list[str]:
    """Return the ids of the listings that differ in the order of the page, removed ones last."""
    published, current = _by_id(before), _by_id(working)
    published_notes, current_notes = _note_ids(before), _note_ids(working)
    changed = []
    for id, listing in current.items():
        old = published.get(id)
        if old is None or _with_note_ids(old, published_notes) != _with_note_ids(
            listing, current_notes
        ):
            changed.append(id)
    removed = [id for id in published if id not in current]
    return changed + removed


def select(before: Snapshot | None, working: Snapshot, held_back: Collection[str]) -> Snapshot:
    """Return the working copy in which the listings held back (ids) stand as they were published.

    Title, introduction, labels and footnotes are always the working copy's. A mark in a listing
    held back gets the number that its footnote has now; a footnote that only such listings cite is
    kept.
    """
    if not held_back or before is None:
        kept = tuple(listing for listing in working.listings if listing.id not in held_back)
        return replace(working, listings=kept)
    notes = _with_cited_notes(before, working, held_back)
    current_number = {note.id: note.number for note in notes}
    renumbered = {
        note.number: current_number[note.id]
        for note in before.footnotes
        if note.id in current_number
    }
    published = {
        listing.id: _renumber(listing, renumbered)
        for listing in before.listings
        if listing.id in held_back
    }
    return replace(
        working,
        listings=tuple(_merged(before, working, published, held_back)),
        footnotes=tuple(sorted(notes, key=lambda note: note.number)),
    )


def _by_id(snapshot: Snapshot | None) -> dict[str, Listing]:
    return {listing.id: listing for listing in snapshot.listings} if snapshot else {}


def _note_ids(snapshot: Snapshot | None) -> dict[int, str]:
    return {note.number: note.id for note in snapshot.footnotes} if snapshot else {}


def _with_note_ids(listing: Listing, notes: dict[int, str]) -> Listing:
    """Return a listing marked with the ids of footnotes, which stay when numbers change."""

    def note_ids(marks: Marks) -> tuple[str, ...]:
        return tuple(sorted(str(notes.get(number, number)) for number in marks))

    return _with_marks(listing, note_ids)


def _renumber(listing: Listing, numbers: dict[int, int]) -> Listing:
    return _with_marks(listing, lambda marks: tuple(sorted(numbers[mark] for mark in marks)))


def _with_marks(listing: Listing, change: Callable[[Marks], tuple[Any, ...]]) -> Listing:
    """Return a listing with the marks of every item and cell replaced by `change` of them."""

    def changed(target: Any) -> Any:
        return replace(target, footnotes=change(target.footnotes))

    return replace(
        listing,
        models=tuple(map(changed, listing.models)),
        providers=tuple(map(changed, listing.providers)),
        training=changed(listing.training),
        retention=changed(listing.retention),
        documents=tuple(map(changed, listing.documents)),
    )


def _with_cited_notes(
    before: Snapshot, working: Snapshot, held_back: Collection[str]
) -> list[Footnote]:
    """Return the working copy's footnotes, then those that only the listings held back cite."""
    notes = list(working.footnotes)
    known = {note.id for note in notes}
    taken = {note.number for note in notes}
    held_listings = tuple(listing for listing in before.listings if listing.id in held_back)
    cited = set(replace(before, listings=held_listings).marks())
    for note in before.footnotes:
        if note.number in cited and note.id not in known:
            # It keeps the number that readers know, unless another note has that number now.
            number = note.number if note.number not in taken else max(taken) + 1
            taken.add(number)
            notes.append(replace(note, number=number))
    return notes


def _merged(
    before: Snapshot, working: Snapshot, published: dict[str, Listing], held_back: Collection[str]
) -> Iterator[Listing]:
    """Give the listings in the working copy's order.

    A listing that was removed there but is held back stays after the one that it followed before.
    """
    current = _by_id(working)
    removed_after: dict[str | None, list[str]] = {}
    previous: str | None = None
    for id in _by_id(before):
        if id in current:
            previous = id
        elif id in held_back:
            removed_after.setdefault(previous, []).append(id)
    yield from (published[id] for id in removed_after.get(None, []))
    for id, listing in current.items():
        if id not in held_back:
            yield listing
        elif id in published:
            yield published[id]
        yield from (published[removed] for removed in removed_after.get(id, []))
