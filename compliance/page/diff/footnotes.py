"""Changes of footnotes, and of the places that cite them."""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.page.diff.sentences import one_line, row_label
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import Listing


def footnote_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the footnotes that were added, renumbered, changed or removed, by their ids."""
    old_notes = {note.id: note for note in before.footnotes}
    for note in after.footnotes:
        old = old_notes.get(note.id)
        if old is None:
            sentence = f"New footnote {note.number}: {one_line(note.text)}"
            yield _footnote_change(ChangeKind.FOOTNOTE_ADDED, note, sentence)
            continue
        if old.number != note.number:
            sentence = f"Footnote {old.number} is now number {note.number}."
            yield _footnote_change(ChangeKind.FOOTNOTE_RENUMBERED, note, sentence)
        if old.text != note.text:
            new_text, old_text = one_line(note.text), one_line(old.text)
            sentence = f"Footnote {note.number} now reads: “{new_text}” It read: “{old_text}”"
            yield _footnote_change(ChangeKind.FOOTNOTE_CHANGED, note, sentence)
    kept = {note.id for note in after.footnotes}
    for note in before.footnotes:
        if note.id not in kept:
            sentence = f"Footnote {note.number} is gone: {one_line(note.text)}"
            yield _footnote_change(ChangeKind.FOOTNOTE_REMOVED, note, sentence)


def _footnote_change(kind: ChangeKind, note: Footnote, sentence: str) -> Change:
    return Change(kind, Effect.NEUTRAL, sentence, about=(note.id,))


@dataclass(frozen=True, slots=True)
class _Citable:
    """A place that can cite footnotes: its key, its words in a sentence, and its marks."""

    key: tuple[str, ...]
    words: str
    footnotes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Citation:
    """A printed mark: the listing it stands in, the words for its place, and its number."""

    listing: str
    words: str
    number: int


def citation_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the marks that were added or removed in rows that stand on both pages.

    A mark that was removed with its place or with its footnote is not reported.
    """
    old, new = _citations(before), _citations(after)
    old_rows = {row.id for row in before.listings}
    new_notes = {note.id for note in after.footnotes}
    new_places = {place.key for row in after.listings for place in _places(row)}
    for (place, note), citation in new.items():
        if (place, note) not in old and citation.listing in old_rows:
            sentence = f"Footnote {citation.number} now marks {citation.words}."
            yield _citation_change(ChangeKind.CITATION_ADDED, sentence, citation, place, note)
    for (place, note), citation in old.items():
        if (place, note) not in new and place in new_places and note in new_notes:
            sentence = f"Footnote {citation.number} no longer marks {citation.words}."
            yield _citation_change(ChangeKind.CITATION_REMOVED, sentence, citation, place, note)


def _citation_change(
    kind: ChangeKind, sentence: str, citation: _Citation, place: tuple[str, ...], note: str
) -> Change:
    return Change(kind, Effect.NEUTRAL, sentence, citation.listing, (*place, note))


def _citations(snapshot: Snapshot) -> dict[tuple[tuple[str, ...], str], _Citation]:
    """Return every mark by the key of its place and the id of its footnote."""
    note_ids = {note.number: note.id for note in snapshot.footnotes}
    citations: dict[tuple[tuple[str, ...], str], _Citation] = {}
    for listing in snapshot.listings:
        for place in _places(listing):
            for number in place.footnotes:
                note = note_ids.get(number, str(number))
                citations[place.key, note] = _Citation(listing.id, place.words, number)
    return citations


def _places(listing: Listing) -> Iterator[_Citable]:
    """Give what can cite footnotes in a row. A model is the same place in every row."""
    row = f"in the row of {row_label(listing)}"
    for model in listing.models:
        # Without the row's id: a mark that moves to another row with its model did not change.
        yield _Citable(("model", model.id), f"{model.name} {row}", model.footnotes)
    for provider in listing.providers:
        key = (listing.id, "provider", provider.id)
        yield _Citable(key, f"{provider.name} {row}", provider.footnotes)
    training, retention = listing.training, listing.retention
    yield _Citable((listing.id, "training"), f"the training cell {row}", training.footnotes)
    yield _Citable((listing.id, "retention"), f"the retention cell {row}", retention.footnotes)
    for document in listing.documents:
        key = (listing.id, "document", document.url or document.label)
        yield _Citable(key, f"{document.label} {row}", document.footnotes)
