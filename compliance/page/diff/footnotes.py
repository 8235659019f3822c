"""Changes of footnotes."""

from collections.abc import Iterator
from dataclasses import fields, replace

from compliance.page.diff.facts import fact_sentence
from compliance.page.diff.marks import Marks
from compliance.page.diff.sentences import in_words
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Footnote, Snapshot

# Fields of a footnote that changes of their own tell of, and the names of the others.
_TOLD = ("id", "number", "text")
_FACTS = {"valid_until": "last day of validity"}


def footnote_changes(
    before: Snapshot, after: Snapshot, old_marks: Marks, new_marks: Marks
) -> Iterator[Change]:
    """Give the footnotes that were added, renumbered, changed or removed, by their ids.

    Nobody but a person can say what other words of a footnote mean.
    """
    for change in _differences(before, after, old_marks, new_marks):
        [id, *_] = change.about
        touches_promise = old_marks.touch_promise(id) or new_marks.touch_promise(id)
        yield replace(change, touches_promise=touches_promise)


def _differences(
    before: Snapshot, after: Snapshot, old_marks: Marks, new_marks: Marks
) -> Iterator[Change]:
    old_notes = {note.id: note for note in before.footnotes}
    for note in after.footnotes:
        old = old_notes.get(note.id)
        if old is None:
            lead = f"New footnote {note.number}, which marks {new_marks.words(note.id)}"
            yield _change(ChangeKind.FOOTNOTE_ADDED, note, lead, after=note.text)
            continue
        if old.number != note.number:
            sentence = f"Footnote {old.number} is now number {note.number}."
            kind = ChangeKind.FOOTNOTE_RENUMBERED
            yield Change(kind, Effect.NEUTRAL, sentence, about=(note.id,))
        if old.text != note.text:
            lead = f"Footnote {note.number} now reads"
            kind = ChangeKind.FOOTNOTE_CHANGED
            yield _change(kind, note, lead, before=old.text, after=note.text)
        for fact, sentence in _fact_differences(old, note):
            about = (note.id, fact)
            yield Change(ChangeKind.FOOTNOTE_CHANGED, Effect.UNJUDGED, sentence, about=about)
    kept = {note.id for note in after.footnotes}
    for note in before.footnotes:
        if note.id not in kept:
            lead = f"Footnote {note.number}, which marked {old_marks.words(note.id)}, is gone"
            yield _change(ChangeKind.FOOTNOTE_REMOVED, note, lead, before=note.text)


def _change(
    kind: ChangeKind, note: Footnote, lead: str, *, before: str = "", after: str = ""
) -> Change:
    sentence = f"{lead}: {in_words(after or before)}"
    if before and after:
        sentence = f"{lead}: “{in_words(after)}” It read: “{in_words(before)}”"
    return Change(
        kind, Effect.UNJUDGED, sentence, about=(note.id,), lead=lead, before=before, after=after
    )


def _fact_differences(old: Footnote, new: Footnote) -> Iterator[tuple[str, str]]:
    for field in fields(Footnote):
        old_value, new_value = getattr(old, field.name), getattr(new, field.name)
        if field.name not in _TOLD and old_value != new_value:
            subject = f"The {_FACTS.get(field.name, field.name)} of footnote {new.number}"
            yield field.name, fact_sentence(subject, old_value, new_value)
