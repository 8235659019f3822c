"""What differs between two snapshots, as data and as sentences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from compliance import wording
from compliance.snapshot import Listing, Snapshot, TrainingUse

_USES = list(TrainingUse)
_FEW = 3


class Kind(StrEnum):
    """What changed."""

    MODEL_ADDED = "model_added"
    MODEL_RETIRED = "model_retired"
    MODEL_MOVED = "model_moved"
    MODEL_RENAMED = "model_renamed"
    MODELS_REORDERED = "models_reordered"
    PROVIDER_ADDED = "provider_added"
    PROVIDER_REMOVED = "provider_removed"
    PROVIDER_RENAMED = "provider_renamed"
    PROVIDERS_REORDERED = "providers_reordered"
    TRAINING = "training"
    RETENTION = "retention"
    DOCUMENT_ADDED = "document_added"
    DOCUMENT_REMOVED = "document_removed"
    DOCUMENTS_REORDERED = "documents_reordered"
    LISTING_ADDED = "listing_added"
    LISTING_REMOVED = "listing_removed"
    LISTINGS_REORDERED = "listings_reordered"
    FOOTNOTE_ADDED = "footnote_added"
    FOOTNOTE_REMOVED = "footnote_removed"
    FOOTNOTE_CHANGED = "footnote_changed"
    FOOTNOTE_RENUMBERED = "footnote_renumbered"
    CITATION_ADDED = "citation_added"
    CITATION_REMOVED = "citation_removed"
    TEXT = "text"


class Effect(StrEnum):
    """What a change means for the reader whose prompts are sent."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: what changed, for whom it is better or worse, in which listing (its id), and a sentence."""

    kind: Kind
    effect: Effect
    sentence: str
    listing: str | None = None

    @property
    def key(self) -> str:
        """What stays the same as long as the difference does."""
        return f"{self.kind}:{self.listing or ''}"


def between(before: Snapshot | None, after: Snapshot) -> tuple[Change, ...]:
    """Return what changed from one snapshot to the next of the same register, in the order of the page.

    Listings and footnotes are compared by id. Without a snapshot before, every listing and footnote is new.
    """
    return tuple(_between(before or Snapshot(after.register, (), ()), after))


def _between(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    yield from _texts(before, after)
    yield from _renamed(before, after)
    old = {listing.id: listing for listing in before.listings}
    new = {listing.id: listing for listing in after.listings}
    models_before, models_after = _models(before), _models(after)
    for listing in after.listings:
        if listing.id not in old:
            yield _listing_added(listing)
            continue
        yield from _model_changes(old[listing.id], listing, models_before, models_after)
        yield from _provider_changes(old[listing.id], listing)
        yield from _cell_changes(old[listing.id], listing)
        yield from _document_changes(old[listing.id], listing)
    yield from (_listing_removed(listing, models_after) for listing in before.listings if listing.id not in new)
    if _reordered([each.id for each in before.listings], [each.id for each in after.listings]):
        yield Change(Kind.LISTINGS_REORDERED, Effect.NEUTRAL, "The rows stand in another order.")
    yield from _footnote_changes(before, after)
    yield from _citation_changes(before, after)


def _texts(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old, new = before.register, after.register
    parts = [("title", old.title, new.title), ("introduction", old.intro, new.intro)]
    for column in ("models", "providers", "training", "retention", "documents"):
        parts.append((f"label of the column {column}", getattr(old.columns, column), getattr(new.columns, column)))
    for part, was, now in parts:
        if was != now:
            yield Change(Kind.TEXT, Effect.NEUTRAL, f"The {part} reads differently.")


def _renamed(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for kind, column in ((Kind.MODEL_RENAMED, "models"), (Kind.PROVIDER_RENAMED, "providers")):
        was, now = _names(before, column), _names(after, column)
        for id, name in now.items():
            if was.get(id, name) != name:
                yield Change(kind, Effect.NEUTRAL, f"{was[id]} is now called {name}.")


def _names(snapshot: Snapshot, column: str) -> dict[str, str]:
    return {each.id: each.name for listing in snapshot.listings for each in getattr(listing, column)}


def _models(snapshot: Snapshot) -> set[str]:
    return {model.id for listing in snapshot.listings for model in listing.models}


def _listing_added(listing: Listing) -> Change:
    providers = _list(provider.name for provider in listing.providers) or "no provider"
    return Change(Kind.LISTING_ADDED, Effect.NEUTRAL, f"New row: {_called(listing)}, through {providers}.", listing.id)


def _listing_removed(listing: Listing, after: set[str]) -> Change:
    gone = [model.name for model in listing.models if model.id not in after]
    sentence = f"The row of {_called(listing)} is gone."
    if gone:
        sentence += f" {_list(gone)} {'is' if len(gone) == 1 else 'are'} no longer listed."
    return Change(Kind.LISTING_REMOVED, Effect.NEUTRAL, sentence, listing.id)


def _model_changes(old: Listing, new: Listing, before: set[str], after: set[str]) -> Iterator[Change]:
    was, now = {model.id: model.name for model in old.models}, {model.id: model.name for model in new.models}
    row = _called(new)
    for id, name in now.items():
        if id not in was and id in before:
            yield Change(Kind.MODEL_MOVED, Effect.NEUTRAL, f"{name} moved to the row of {row}.", new.id)
        elif id not in was:
            providers = _list(provider.name for provider in new.providers) or "no provider"
            yield Change(Kind.MODEL_ADDED, Effect.NEUTRAL, f"{name} is added; it goes to {providers}.", new.id)
    for id, name in was.items():
        if id not in now and id not in after:
            yield Change(Kind.MODEL_RETIRED, Effect.NEUTRAL, f"{name} is no longer listed.", new.id)
    if _reordered(list(was), list(now)):
        yield Change(Kind.MODELS_REORDERED, Effect.NEUTRAL, f"The models of the row of {row} are reordered.", new.id)


def _provider_changes(old: Listing, new: Listing) -> Iterator[Change]:
    """Say for whom recipients changed: the models that stayed. Where a new model goes is said where it is added."""
    was, now = {each.id: each.name for each in old.providers}, {each.id: each.name for each in new.providers}
    listed_before = {model.id for model in old.models}
    stayed = [model.name for model in new.models if model.id in listed_before]
    row, verb = _list(stayed), "goes" if len(stayed) == 1 else "go"
    if stayed:
        for id, name in now.items():
            if id not in was:
                yield Change(Kind.PROVIDER_ADDED, Effect.WEAKER, f"{row} now also {verb} to {name}.", new.id)
        for id, name in was.items():
            if id not in now:
                yield Change(Kind.PROVIDER_REMOVED, Effect.STRONGER, f"{row} no longer {verb} to {name}.", new.id)
    if _reordered(list(was), list(now)):
        yield Change(
            Kind.PROVIDERS_REORDERED, Effect.NEUTRAL, f"The providers of {_called(new)} are reordered.", new.id
        )


def _cell_changes(old: Listing, new: Listing) -> Iterator[Change]:
    row = _called(new)
    if old.training.text != new.training.text or old.training.use != new.training.use:
        effect = _effect(_USES.index(old.training.use), _USES.index(new.training.use))
        sentence = f"Training on the prompts of {row}: “{new.training.text}” instead of “{old.training.text}”."
        yield Change(Kind.TRAINING, effect, sentence, new.id)
    if old.retention.text != new.retention.text or old.retention.clauses != new.retention.clauses:
        effect = _effect(wording.severity(old.retention.clauses), wording.severity(new.retention.clauses))
        sentence = f"Retention for {row}: “{new.retention.text}” instead of “{old.retention.text}”."
        yield Change(Kind.RETENTION, effect, sentence, new.id)


def _document_changes(old: Listing, new: Listing) -> Iterator[Change]:
    was, now = [(each.label, each.url) for each in old.documents], [(each.label, each.url) for each in new.documents]
    row = _called(new)
    for label, url in now:
        if (label, url) not in was:
            where = f" at {url}" if url else ""
            yield Change(Kind.DOCUMENT_ADDED, Effect.NEUTRAL, f"{row}: “{label}” is shown{where}.", new.id)
    for label, url in was:
        if (label, url) not in now:
            where = f" at {url}" if url else ""
            yield Change(Kind.DOCUMENT_REMOVED, Effect.NEUTRAL, f"{row}: “{label}”{where} is no longer shown.", new.id)
    if _reordered(was, now):
        yield Change(Kind.DOCUMENTS_REORDERED, Effect.NEUTRAL, f"The documents of {row} are reordered.", new.id)


def _footnote_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old = {note.id: note for note in before.footnotes}
    for note in after.footnotes:
        if note.id not in old:
            yield Change(Kind.FOOTNOTE_ADDED, Effect.NEUTRAL, f"New footnote {note.number}: {note.text}")
            continue
        if old[note.id].number != note.number:
            sentence = f"Footnote {old[note.id].number} is now number {note.number}."
            yield Change(Kind.FOOTNOTE_RENUMBERED, Effect.NEUTRAL, sentence)
        if old[note.id].text != note.text:
            yield Change(Kind.FOOTNOTE_CHANGED, Effect.NEUTRAL, f"Footnote {note.number} now reads: {note.text}")
    kept = {note.id for note in after.footnotes}
    for note in before.footnotes:
        if note.id not in kept:
            yield Change(Kind.FOOTNOTE_REMOVED, Effect.NEUTRAL, f"Footnote {note.number} is gone: {note.text}")


def _citation_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    was, now = _citations(before), _citations(after)
    listings = {listing.id for listing in before.listings}
    for (listing, place, note), (row, number) in now.items():
        if listing in listings and (listing, place, note) not in was:
            sentence = f"Footnote {number} now marks {place} in the row of {row}."
            yield Change(Kind.CITATION_ADDED, Effect.NEUTRAL, sentence, listing)
    kept = {listing.id for listing in after.listings}
    for (listing, place, note), (row, number) in was.items():
        if listing in kept and (listing, place, note) not in now:
            sentence = f"Footnote {number} no longer marks {place} in the row of {row}."
            yield Change(Kind.CITATION_REMOVED, Effect.NEUTRAL, sentence, listing)


def _citations(snapshot: Snapshot) -> dict[tuple[str, str, str], tuple[str, int]]:
    """Return every citation by listing, place and footnote, with the row's name and the printed number."""
    ids = {note.number: note.id for note in snapshot.footnotes}
    citations: dict[tuple[str, str, str], tuple[str, int]] = {}
    for listing in snapshot.listings:
        places: list[tuple[str, Any]] = [(model.name, model) for model in listing.models]
        places += [(provider.name, provider) for provider in listing.providers]
        places += [("the training cell", listing.training), ("the retention cell", listing.retention)]
        places += [(document.label, document) for document in listing.documents]
        for place, target in places:
            for number in target.footnotes:
                citations[listing.id, place, ids.get(number, str(number))] = _called(listing), number
    return citations


def _effect(was: Any, now: Any) -> Effect:
    if was == now:
        return Effect.NEUTRAL
    return Effect.WEAKER if now > was else Effect.STRONGER


def _reordered(was: list[Any], now: list[Any]) -> bool:
    """Return whether what stays stands in another order."""
    kept, stayed = set(now), set(was)
    return [each for each in was if each in kept] != [each for each in now if each in stayed]


def _called(listing: Listing) -> str:
    """Return the name of a row in a sentence: its models, the first few of many."""
    return _list(model.name for model in listing.models) or "a row without models"


def _list(names: Iterable[str]) -> str:
    named = list(names)
    if len(named) > _FEW:
        named = [*named[: _FEW - 1], f"{len(named) - _FEW + 1} more"]
    return named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1] if named else ""
