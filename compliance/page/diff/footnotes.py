"""Footnotes, and the places that cite them."""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.page.diff.sentences import one_line, row_label
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Footnote, Listing, Snapshot


def footnote_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Say which footnotes came, went, read differently or have another number; they are the same by their ids."""
    old = {note.id: note for note in before.footnotes}
    for note in after.footnotes:
        if note.id not in old:
            sentence = f"New footnote {note.number}: {one_line(note.text)}"
            yield _footnote(ChangeKind.FOOTNOTE_ADDED, note, sentence)
            continue
        was = old[note.id]
        if was.number != note.number:
            sentence = f"Footnote {was.number} is now number {note.number}."
            yield _footnote(ChangeKind.FOOTNOTE_RENUMBERED, note, sentence)
        if was.text != note.text:
            sentence = f"Footnote {note.number} now reads: “{one_line(note.text)}” It read: “{one_line(was.text)}”"
            yield _footnote(ChangeKind.FOOTNOTE_CHANGED, note, sentence)
    kept = {note.id for note in after.footnotes}
    for note in before.footnotes:
        if note.id not in kept:
            sentence = f"Footnote {note.number} is gone: {one_line(note.text)}"
            yield _footnote(ChangeKind.FOOTNOTE_REMOVED, note, sentence)


def _footnote(kind: ChangeKind, note: Footnote, sentence: str) -> Change:
    return Change(kind, Effect.NEUTRAL, sentence, about=(note.id,))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mark stands: by which the place is known again, and how it is called."""

    known_by: tuple[str, ...]
    said: str
    footnotes: tuple[int, ...]


def citation_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Say which marks came and went at places of rows that stand on both pages.

    A mark that went with its place or with its footnote goes without saying.
    """
    was, now = _marks(before), _marks(after)
    rows_before, notes_after = (
        {row.id for row in before.listings},
        {note.id for note in after.footnotes},
    )
    places_after = {place.known_by for row in after.listings for place in _places(row)}
    for (place, note), (listing, said, number) in now.items():
        if (place, note) not in was and listing in rows_before:
            sentence = f"Footnote {number} now marks {said}."
            yield Change(
                ChangeKind.CITATION_ADDED, Effect.NEUTRAL, sentence, listing, (*place, note)
            )
    for (place, note), (listing, said, number) in was.items():
        if (place, note) not in now and place in places_after and note in notes_after:
            sentence = f"Footnote {number} no longer marks {said}."
            yield Change(
                ChangeKind.CITATION_REMOVED, Effect.NEUTRAL, sentence, listing, (*place, note)
            )


def _marks(snapshot: Snapshot) -> dict[tuple[tuple[str, ...], str], tuple[str, str, int]]:
    """Return every mark by place and footnote, with its listing, how the place is called, and the printed number."""
    ids = {note.number: note.id for note in snapshot.footnotes}
    return {
        (place.known_by, ids.get(number, str(number))): (listing.id, place.said, number)
        for listing in snapshot.listings
        for place in _places(listing)
        for number in place.footnotes
    }


def _places(listing: Listing) -> Iterator[_Place]:
    """Give what can be marked in a row. A model is the same place wherever it stands."""
    row = f"in the row of {row_label(listing)}"
    for model in listing.models:
        yield _Place(("model", model.id), f"{model.name} {row}", model.footnotes)
    for provider in listing.providers:
        yield _Place(
            (listing.id, "provider", provider.id), f"{provider.name} {row}", provider.footnotes
        )
    yield _Place((listing.id, "training"), f"the training cell {row}", listing.training.footnotes)
    yield _Place(
        (listing.id, "retention"), f"the retention cell {row}", listing.retention.footnotes
    )
    for document in listing.documents:
        known_by = (listing.id, "document", document.url or document.label)
        yield _Place(known_by, f"{document.label} {row}", document.footnotes)
