"""The snapshot that a choice of changed listings makes: those as they are edited, the others as they were published."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from compliance.page.snapshot import Footnote, Listing, Snapshot


def changed_listings(before: Snapshot | None, working: Snapshot) -> list[str]:
    """Return the ids of the listings that differ, in the order of the page; those that are gone stand last."""
    was, now = _by_id(before), _by_id(working)
    old_notes, new_notes = _note_ids(before), _note_ids(working)
    differing = [
        id for id in now if id not in was or not _same(was[id], old_notes, now[id], new_notes)
    ]
    return [*differing, *(id for id in was if id not in now)]


def select(before: Snapshot | None, working: Snapshot, held_back: Collection[str]) -> Snapshot:
    """Return the working copy with the listings held back as they were published, closed over their footnotes.

    Title, introduction, labels and footnotes are always the working copy's. A mark of a listing held back follows its
    footnote's identity to the number it has now; a footnote that only such a listing still cites is kept.
    """
    if not held_back or before is None:
        kept = tuple(listing for listing in working.listings if listing.id not in held_back)
        return replace(working, listings=kept)
    notes = _closed(before, working, held_back)
    numbers = {note.id: note.number for note in notes}
    renumbered = {note.number: numbers[note.id] for note in before.footnotes if note.id in numbers}
    published = {
        listing.id: _renumbered(listing, renumbered)
        for listing in before.listings
        if listing.id in held_back
    }
    listings = tuple(_merged(before, working, published, held_back))
    return replace(
        working, listings=listings, footnotes=tuple(sorted(notes, key=lambda note: note.number))
    )


def _by_id(snapshot: Snapshot | None) -> dict[str, Listing]:
    return {listing.id: listing for listing in snapshot.listings} if snapshot else {}


def _note_ids(snapshot: Snapshot | None) -> dict[int, str]:
    return {note.number: note.id for note in snapshot.footnotes} if snapshot else {}


def _same(was: Listing, old_notes: dict[int, str], now: Listing, new_notes: dict[int, str]) -> bool:
    """Return whether two listings say the same: a footnote that got another number is still the same footnote."""
    return _with_notes(was, old_notes) == _with_notes(now, new_notes)


def _with_notes(listing: Listing, notes: dict[int, str]) -> Listing:
    def identities(numbers: tuple[int, ...]) -> tuple[Any, ...]:
        return tuple(sorted(str(notes.get(number, number)) for number in numbers))

    return _marked(listing, identities)


def _renumbered(listing: Listing, numbers: dict[int, int]) -> Listing:
    return _marked(listing, lambda marks: tuple(sorted(numbers[mark] for mark in marks)))


def _marked(listing: Listing, remark: Any) -> Listing:
    """Return a listing with every place's marks replaced."""

    def marked(target: Any) -> Any:
        return replace(target, footnotes=remark(target.footnotes))

    return replace(
        listing,
        models=tuple(marked(model) for model in listing.models),
        providers=tuple(marked(provider) for provider in listing.providers),
        training=marked(listing.training),
        retention=marked(listing.retention),
        documents=tuple(marked(document) for document in listing.documents),
    )


def _closed(before: Snapshot, working: Snapshot, held_back: Collection[str]) -> list[Footnote]:
    """Return the working copy's footnotes, and after them those that only listings held back cite."""
    notes = list(working.footnotes)
    there, taken = {note.id for note in notes}, {note.number for note in notes}
    cited = set(
        replace(
            before, listings=tuple(each for each in before.listings if each.id in held_back)
        ).marks()
    )
    for note in before.footnotes:
        if note.number in cited and note.id not in there:
            number = note.number if note.number not in taken else max(taken) + 1
            taken.add(number)
            notes.append(replace(note, number=number))
    return notes


def _merged(
    before: Snapshot, working: Snapshot, published: dict[str, Listing], held_back: Collection[str]
) -> Iterator[Listing]:
    """Give the listings in the working copy's order; one that was removed there stands after the row it followed."""
    now = _by_id(working)
    following: dict[str | None, list[str]] = {}
    last: str | None = None
    for id in _by_id(before):
        if id in now:
            last = id
        elif id in held_back:
            following.setdefault(last, []).append(id)
    yield from (published[id] for id in following.get(None, []))
    for id, listing in now.items():
        if id not in held_back:
            yield listing
        elif id in published:
            yield published[id]
        yield from (published[each] for each in following.get(id, []))
