"""Changes of footnotes."""

from collections.abc import Iterator
from dataclasses import fields

from compliance.page.diff.facts import fact_sentence
from compliance.page.diff.marks import Marks
from compliance.page.diff.sentences import one_line
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
    for kind, id, fact, sentence in _differences(before, after, old_marks, new_marks):
        is_number = kind is ChangeKind.FOOTNOTE_RENUMBERED
        yield Change(
            kind,
            Effect.NEUTRAL if is_number else Effect.UNJUDGED,
            sentence,
            about=(id, fact) if fact else (id,),
            touches_promise=old_marks.touch_promise(id) or new_marks.touch_promise(id),
        )


def _differences(
    before: Snapshot, after: Snapshot, old_marks: Marks, new_marks: Marks
) -> Iterator[tuple[ChangeKind, str, str, str]]:
    """Give each difference: its kind, the id of the footnote, the fact if it is one, a sentence."""
    old_notes = {note.id: note for note in before.footnotes}
    for note in after.footnotes:
        old = old_notes.get(note.id)
        if old is None:
            marked = new_marks.words(note.id)
            sentence = f"New footnote {note.number}, which marks {marked}: {one_line(note.text)}"
            yield ChangeKind.FOOTNOTE_ADDED, note.id, "", sentence
            continue
        if old.number != note.number:
            sentence = f"Footnote {old.number} is now number {note.number}."
            yield ChangeKind.FOOTNOTE_RENUMBERED, note.id, "", sentence
        if old.text != note.text:
            new_text, old_text = one_line(note.text), one_line(old.text)
            sentence = f"Footnote {note.number} now reads: “{new_text}” It read: “{old_text}”"
            yield ChangeKind.FOOTNOTE_CHANGED, note.id, "", sentence
        for fact, sentence in _fact_differences(old, note):
            yield ChangeKind.FOOTNOTE_CHANGED, note.id, fact, sentence
    kept = {note.id for note in after.footnotes}
    for note in before.footnotes:
        if note.id not in kept:
            marked = old_marks.words(note.id)
            sentence = (
                f"Footnote {note.number}, which marked {marked}, is gone: {one_line(note.text)}"
            )
            yield ChangeKind.FOOTNOTE_REMOVED, note.id, "", sentence


def _fact_differences(old: Footnote, new: Footnote) -> Iterator[tuple[str, str]]:
    for field in fields(Footnote):
        old_value, new_value = getattr(old, field.name), getattr(new, field.name)
        if field.name not in _TOLD and old_value != new_value:
            subject = f"The {_FACTS.get(field.name, field.name)} of footnote {new.number}"
            yield field.name, fact_sentence(subject, old_value, new_value)
