"""What a row that stands on both pages promises, and the documents it names for it."""

from collections import defaultdict, deque
from collections.abc import Iterator

from compliance.page.diff.effects import effect, training_effect
from compliance.page.diff.sentences import row_label, titled
from compliance.page.diff.sequences import is_reordered
from compliance.page.diff.types import Change, Effect, Kind
from compliance.page.retention import describe_clauses, severity
from compliance.page.snapshot import Basis, Document, Listing
from compliance.page.training import training_text

_BASES = {
    Basis.STATED: "is now stated for this row, no longer derived from what its providers declare",
    Basis.DERIVED: "now follows from what its providers declare, no longer stated for this row",
}


def cell_changes(old: Listing, new: Listing) -> Iterator[Change]:
    """Say how training and retention changed: in words, in what the words mean, or in what they stand on."""
    yield from _training(old, new)
    yield from _retention(old, new)


def _training(old: Listing, new: Listing) -> Iterator[Change]:
    was, now, prompts = old.training, new.training, f"Training on the prompts of {row_label(new)}"
    if was.text != now.text:
        sentence = f"{prompts}: “{now.text}” instead of “{was.text}”."
    elif was.use != now.use:
        meaning = training_text(now.use)
        sentence = f"{prompts}: “{now.text}” now means “{meaning}”, not “{training_text(was.use)}”."
    elif was.basis != now.basis:
        sentence = f"{prompts}: “{now.text}” {_BASES[now.basis]}."
    else:
        return
    yield Change(Kind.TRAINING, training_effect(was.use, now.use), sentence, new.id)


def _retention(old: Listing, new: Listing) -> Iterator[Change]:
    was, now, kept = old.retention, new.retention, f"Retention for {row_label(new)}"
    if was.text != now.text:
        sentence = f"{kept}: “{now.text}” instead of “{was.text}”."
    elif was.clauses != now.clauses:
        meanings = describe_clauses(now.clauses), describe_clauses(was.clauses)
        sentence = f"{kept}: “{now.text}” now means: {meanings[0]}. It meant: {meanings[1]}."
    elif was.basis != now.basis:
        sentence = f"{kept}: “{now.text}” {_BASES[now.basis]}."
    else:
        return
    effects = effect(severity(was.clauses), severity(now.clauses))
    yield Change(Kind.RETENTION, effects, sentence, new.id)


def document_changes(old: Listing, new: Listing) -> Iterator[Change]:
    """Say which documents came, went or changed; those of a provider that came or went go without saying."""
    row = row_label(new)
    were, are = {each.id for each in old.providers}, {each.id for each in new.providers}
    gone = [
        each for each in old.documents if _shown(each) not in {_shown(now) for now in new.documents}
    ]
    come = [
        each for each in new.documents if _shown(each) not in {_shown(was) for was in old.documents}
    ]
    for was in list(gone):
        now = next(
            (
                each
                for each in come
                if each.label == was.label or (each.url and each.url == was.url)
            ),
            None,
        )
        if now is not None:
            gone.remove(was)
            come.remove(now)
            sentence = f"{row}: {titled(now)} instead of {titled(was)}."
            yield Change(Kind.DOCUMENT_CHANGED, Effect.NEUTRAL, sentence, new.id, (_named(was),))
    yield from _reclassified(old, new)
    for each in come:
        if each.provider not in are - were:
            sentence = f"{row}: {titled(each)} is shown."
            yield Change(Kind.DOCUMENT_ADDED, Effect.NEUTRAL, sentence, new.id, (_named(each),))
    for each in gone:
        if each.provider not in were - are:
            sentence = f"{row}: {titled(each)} is no longer shown."
            yield Change(Kind.DOCUMENT_REMOVED, Effect.NEUTRAL, sentence, new.id, (_named(each),))
    if is_reordered(
        [_shown(each) for each in old.documents], [_shown(each) for each in new.documents]
    ):
        yield Change(
            Kind.DOCUMENTS_REORDERED,
            Effect.NEUTRAL,
            f"The documents of {row} are reordered.",
            new.id,
        )


def _reclassified(old: Listing, new: Listing) -> Iterator[Change]:
    """Say what a document is taken for, where that alone changed: programs read it, the page does not print it."""
    names = {each.id: each.name for each in (*old.providers, *new.providers)}
    taken: defaultdict[tuple[str, str | None], deque[Document]] = defaultdict(deque)
    for each in old.documents:
        taken[_shown(each)].append(each)
    for now in new.documents:
        was = taken[_shown(now)].popleft() if taken[_shown(now)] else now
        if (was.kind, was.provider) != (now.kind, now.provider):
            whose = f" of {names.get(now.provider, now.provider)}" if now.provider else ""
            sentence = f"{row_label(new)}: {titled(now)} is now taken for the {now.kind.replace('_', ' ')}{whose}."
            yield Change(Kind.DOCUMENT_CHANGED, Effect.NEUTRAL, sentence, new.id, (_named(now),))


def _shown(document: Document) -> tuple[str, str | None]:
    return document.label, document.url


def _named(document: Document) -> str:
    return f"{document.label} {document.url or ''}".strip()
