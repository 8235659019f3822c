"""What differs between two snapshots, as data and as sentences."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from compliance import wording
from compliance.snapshot import Declared, Document, Footnote, Listing, Snapshot, TrainingUse

_USES = list(TrainingUse)
_FEW = 3
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")


class Kind(StrEnum):
    """What changed."""

    MODEL_ADDED = "model_added"
    MODEL_RETIRED = "model_retired"
    MODEL_MOVED = "model_moved"
    MODEL_RENAMED = "model_renamed"
    MODEL_REPLACED = "model_replaced"
    MODELS_REORDERED = "models_reordered"
    PROVIDER_ADDED = "provider_added"
    RECIPIENT_GAINED = "recipient_gained"
    DECLARED = "declared"
    PROVIDER_REMOVED = "provider_removed"
    PROVIDER_RENAMED = "provider_renamed"
    PROVIDERS_REORDERED = "providers_reordered"
    TRAINING = "training"
    RETENTION = "retention"
    DOCUMENT_ADDED = "document_added"
    DOCUMENT_REMOVED = "document_removed"
    DOCUMENT_CHANGED = "document_changed"
    DOCUMENTS_REORDERED = "documents_reordered"
    LISTING_ADDED = "listing_added"
    LISTING_REMOVED = "listing_removed"
    LISTING_SPLIT = "listing_split"
    LISTING_MERGED = "listing_merged"
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
    """One difference: what changed, for whom it is better or worse, in which listing (its id), and a sentence.

    `about` holds the ids of the models, providers, footnotes or texts that it is about.
    """

    kind: Kind
    effect: Effect
    sentence: str
    listing: str | None = None
    about: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What stays the same as long as the difference does, whatever its sentence says."""
        return ":".join([self.kind, self.listing or "", *self.about])


def between(before: Snapshot | None, after: Snapshot) -> tuple[Change, ...]:
    """Return what changed from one snapshot to the next of the same register, in the order of the page.

    Listings and footnotes are compared by id. Without a snapshot before, every listing and footnote is new.
    """
    return tuple(_between(before or Snapshot(after.register, (), ()), after))


def _between(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    yield from _texts(before, after)
    yield from _renamed(before, after)
    yield from _declared(before, after)
    old = {listing.id: listing for listing in before.listings}
    new = {listing.id: listing for listing in after.listings}
    was, now = _rows_by_model(before), _rows_by_model(after)
    for listing in after.listings:
        if listing.id not in old:
            yield from _listing_added(listing, was)
            continue
        yield from _model_changes(old[listing.id], listing, was, now)
        yield from _provider_changes(old[listing.id], listing)
        yield from _cell_changes(old[listing.id], listing)
        yield from _document_changes(old[listing.id], listing)
    for listing in before.listings:
        if listing.id not in new:
            yield from _listing_removed(listing, now)
    if _reordered([each.id for each in before.listings], [each.id for each in after.listings]):
        yield Change(Kind.LISTINGS_REORDERED, Effect.NEUTRAL, "The rows stand in another order.")
    yield from _footnote_changes(before, after)
    yield from _citation_changes(before, after)


def _texts(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old, new = before.register, after.register
    parts = [("title", old.title, new.title), ("introduction", old.intro, new.intro)]
    for column in ("models", "providers", "training", "retention", "documents"):
        parts.append((f"label of the column {column}", getattr(old.columns, column), getattr(new.columns, column)))
    parts += [("language", old.language, new.language), ("address of its links", old.link_base, new.link_base)]
    for part, was, now in parts:
        if was != now:
            yield Change(Kind.TEXT, Effect.NEUTRAL, f"The {part} reads differently.", about=(part,))


def _renamed(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for kind, column in ((Kind.MODEL_RENAMED, "models"), (Kind.PROVIDER_RENAMED, "providers")):
        was, now = _names(before, column), _names(after, column)
        for id, name in now.items():
            if was.get(id, name) != name:
                yield Change(kind, Effect.NEUTRAL, f"{was[id]} is now called {name}.", about=(id,))


def _names(snapshot: Snapshot, column: str) -> dict[str, str]:
    return {each.id: each.name for listing in snapshot.listings for each in getattr(listing, column)}


def _declared(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Say what a provider declares, where that changed: a reader sees it in the data, not on the page."""
    was = {each.id: each.declared for listing in before.listings for each in listing.providers}
    now = {each.id: each for listing in after.listings for each in listing.providers}
    for id, provider in now.items():
        if id in was and was[id] != provider.declared:
            effect = _worse_or_better(_declared_terms(was[id]), _declared_terms(provider.declared))
            sentence = f"{provider.name} now declares {_declaration(provider.declared)}."
            yield Change(Kind.DECLARED, effect, sentence, about=(id,))


def _declared_terms(declared: Declared | None) -> tuple[Any, Any]:
    use = (declared and declared.training) or TrainingUse.NOT_STATED
    clauses = declared.retention.clauses if declared and declared.retention else wording.clauses("Not specified")
    return _USES.index(use), wording.severity(clauses)


def _declaration(declared: Declared | None) -> str:
    parts = []
    if declared and declared.training:
        parts.append(f"“{wording.training_text(declared.training)}” of training")
    if declared and declared.retention:
        parts.append(f"“{declared.retention.text}” of retention")
    return " and ".join(parts) or "nothing of its own"


def _rows_by_model(snapshot: Snapshot) -> dict[str, list[Listing]]:
    """Return the rows of each model: one, unless it is listed twice."""
    rows: defaultdict[str, list[Listing]] = defaultdict(list)
    for listing in snapshot.listings:
        for id in dict.fromkeys(model.id for model in listing.models):
            rows[id].append(listing)
    return rows


def _listing_added(listing: Listing, was: dict[str, list[Listing]]) -> Iterator[Change]:
    """Say what a new row lists and promises; models that stood elsewhere were split off, with what that changes."""
    providers = _list([provider.name for provider in listing.providers]) or "no provider"
    terms = f"Training: “{listing.training.text}”. Retention: “{listing.retention.text}”."
    split = [model for model in listing.models if model.id in was]
    if len(split) < len(listing.models) or not split:
        added = [model.name for model in listing.models if model.id not in was]
        sentence = f"New row: {_list(added) or 'no model'}, through {providers}. {terms}"
        yield Change(Kind.LISTING_ADDED, Effect.NEUTRAL, sentence, listing.id)
    for model in split:
        effect, consequence = _consequence(was[model.id], [listing])
        sentence = f"{model.name} stands in a new row, through {providers}{consequence}. {terms}"
        yield Change(Kind.LISTING_SPLIT, effect, sentence, listing.id, (model.id,))


def _listing_removed(listing: Listing, now: dict[str, list[Listing]]) -> Iterator[Change]:
    gone = [model.name for model in listing.models if model.id not in now]
    rest = {row.id: row for model in listing.models for row in now.get(model.id, [])}
    if listing.models and not gone and len(rest) == 1:
        [row] = rest.values()
        sentence = f"The row of {_called(listing)} is merged into the row of {_called(row)}."
        yield Change(Kind.LISTING_MERGED, Effect.NEUTRAL, sentence, listing.id)
        return
    sentence = f"The row of {_called(listing)} is gone."
    if gone:
        sentence += f" {_list(gone)} {'is' if len(gone) == 1 else 'are'} no longer listed."
    yield Change(Kind.LISTING_REMOVED, Effect.NEUTRAL, sentence, listing.id)


def _model_changes(
    old: Listing, new: Listing, was: dict[str, list[Listing]], now: dict[str, list[Listing]]
) -> Iterator[Change]:
    before, after = ({model.id: model.name for model in each.models} for each in (old, new))
    retired = {id: name for id, name in before.items() if id not in now}
    added = {id: name for id, name in after.items() if id not in was}
    for gone, come in _replacements(retired, added):
        sentence = f"{added.pop(come)} takes the place of {retired.pop(gone)}."
        yield Change(Kind.MODEL_REPLACED, Effect.NEUTRAL, sentence, new.id, (gone, come))
    providers = _list([provider.name for provider in new.providers]) or "no provider"
    for id, name in added.items():
        yield Change(Kind.MODEL_ADDED, Effect.NEUTRAL, f"{name} is added; it goes to {providers}.", new.id, (id,))
    for id, name in after.items():
        if id not in before and id in was:
            effect, consequence = _consequence(was[id], now[id])
            sentence = f"{name} moved to the row of {_called(new)}{consequence}."
            yield Change(Kind.MODEL_MOVED, effect, sentence, new.id, (id,))
    for id, name in retired.items():
        yield Change(Kind.MODEL_RETIRED, Effect.NEUTRAL, f"{name} is no longer listed.", new.id, (id,))
    for id, name in before.items():
        if id not in after and id in now and len(now[id]) < len(was[id]):
            sentence = f"{name} is no longer listed in the row of {_called(new)} too."
            yield Change(Kind.MODEL_RETIRED, Effect.NEUTRAL, sentence, new.id, (id,))
    if _reordered(list(before), list(after)):
        sentence = f"The models of the row of {_called(new)} are reordered."
        yield Change(Kind.MODELS_REORDERED, Effect.NEUTRAL, sentence, new.id)


def _replacements(retired: dict[str, str], added: dict[str, str]) -> list[tuple[str, str]]:
    """Return which new model of a row follows which that left: their names differ in their numbers only."""
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    for id, name in retired.items():
        waiting[_family(name)].append(id)
    return [(waiting[_family(name)].pop(0), id) for id, name in added.items() if waiting[_family(name)]]


def _family(name: str) -> str:
    """Return a name without its numbers: "Claude 4 Sonnet" and "Claude 4.5 Sonnet" are of one family."""
    return " ".join(sorted(_NUMBERS.sub(" ", name).casefold().split()))


def _consequence(was: list[Listing], now: list[Listing]) -> tuple[Effect, str]:
    """Return what another row means for a model: whom its prompts reach now and no longer, and whether its terms."""
    before, after = (
        {provider.id: provider.name for listing in rows for provider in listing.providers} for rows in (was, now)
    )
    gained = [name for id, name in after.items() if id not in before]
    lost = [name for id, name in before.items() if id not in after]
    parts = [f"it now also goes to {_list(gained)}"] if gained else []
    parts += [f"it no longer goes to {_list(lost)}"] if lost else []
    old, new = _terms(was), _terms(now)
    terms = _worse_or_better(old, new)
    if terms != Effect.NEUTRAL:
        parts.append(f"its terms are {terms}")
    effect = Effect.WEAKER if gained else Effect.STRONGER if lost and terms == Effect.NEUTRAL else terms
    return effect, f"; {' and '.join(parts)}" if parts else ""


def _terms(rows: list[Listing]) -> tuple[Any, Any]:
    """Return how severe the worst of some rows is, in training and in retention."""
    return (
        max(_USES.index(row.training.use) for row in rows),
        max(wording.severity(row.retention.clauses) for row in rows),
    )


def _worse_or_better(was: tuple[Any, Any], now: tuple[Any, Any]) -> Effect:
    """Return weaker where anything got worse, stronger where something got better and nothing worse."""
    effects = [_effect(old, new) for old, new in zip(was, now, strict=True)]
    for effect in (Effect.WEAKER, Effect.STRONGER):
        if effect in effects:
            return effect
    return Effect.NEUTRAL


def _provider_changes(old: Listing, new: Listing) -> Iterator[Change]:
    """Say for whom recipients changed: the models that stayed. Where a new model goes is said where it is added.

    Where the row also got new models, those that stayed gained a recipient that may not have been meant for them
    (design section 1): that is a kind of its own.
    """
    was, now = {each.id: each.name for each in old.providers}, {each.id: each.name for each in new.providers}
    listed_before = {model.id for model in old.models}
    stayed = [model.name for model in new.models if model.id in listed_before]
    joined = [model.name for model in new.models if model.id not in listed_before]
    row, verb = _list(stayed), "goes" if len(stayed) == 1 else "go"
    if stayed:
        for id, name in now.items():
            if id in was:
                continue
            sentence = f"{row} now also {verb} to {name}"
            if joined:
                sentence += f", which joined the row together with {_list(joined)}"
            kind = Kind.RECIPIENT_GAINED if joined else Kind.PROVIDER_ADDED
            yield Change(kind, Effect.WEAKER, f"{sentence}.", new.id, (id,))
        for id, name in was.items():
            if id not in now:
                sentence = f"{row} no longer {verb} to {name}."
                yield Change(Kind.PROVIDER_REMOVED, Effect.STRONGER, sentence, new.id, (id,))
    elif set(was) != set(now):
        sentence = f"The row of {_called(new)} names other providers: {_list(list(now.values())) or 'none'}."
        yield Change(Kind.PROVIDER_ADDED, Effect.NEUTRAL, sentence, new.id)
    if _reordered(list(was), list(now)):
        sentence = f"The providers of {_called(new)} are reordered."
        yield Change(Kind.PROVIDERS_REORDERED, Effect.NEUTRAL, sentence, new.id)


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
    """Say which documents came, went or changed; those of a provider that came or went go without saying."""
    row = _called(new)
    were, are = {each.id for each in old.providers}, {each.id for each in new.providers}
    gone = [each for each in old.documents if _shown(each) not in {_shown(now) for now in new.documents}]
    come = [each for each in new.documents if _shown(each) not in {_shown(was) for was in old.documents}]
    for was in list(gone):
        now = next((each for each in come if each.label == was.label or (each.url and each.url == was.url)), None)
        if now is not None:
            gone.remove(was)
            come.remove(now)
            sentence = f"{row}: {_named(now)} instead of {_named(was)}."
            yield Change(Kind.DOCUMENT_CHANGED, Effect.NEUTRAL, sentence, new.id, (was.label,))
    for each in come:
        if each.provider not in are - were:
            sentence = f"{row}: {_named(each)} is shown."
            yield Change(Kind.DOCUMENT_ADDED, Effect.NEUTRAL, sentence, new.id, (each.label,))
    for each in gone:
        if each.provider not in were - are:
            sentence = f"{row}: {_named(each)} is no longer shown."
            yield Change(Kind.DOCUMENT_REMOVED, Effect.NEUTRAL, sentence, new.id, (each.label,))
    if _reordered([_shown(each) for each in old.documents], [_shown(each) for each in new.documents]):
        yield Change(Kind.DOCUMENTS_REORDERED, Effect.NEUTRAL, f"The documents of {row} are reordered.", new.id)


def _shown(document: Document) -> tuple[str, str | None]:
    return document.label, document.url


def _named(document: Document) -> str:
    return f"“{document.label}” at {document.url}" if document.url else f"“{document.label}”"


def _footnote_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    old = {note.id: note for note in before.footnotes}
    for note in after.footnotes:
        if note.id not in old:
            yield _footnote(Kind.FOOTNOTE_ADDED, note, f"New footnote {note.number}: {note.text}")
            continue
        if old[note.id].number != note.number:
            sentence = f"Footnote {old[note.id].number} is now number {note.number}."
            yield _footnote(Kind.FOOTNOTE_RENUMBERED, note, sentence)
        if old[note.id].text != note.text:
            yield _footnote(Kind.FOOTNOTE_CHANGED, note, f"Footnote {note.number} now reads: {note.text}")
    kept = {note.id for note in after.footnotes}
    for note in before.footnotes:
        if note.id not in kept:
            yield _footnote(Kind.FOOTNOTE_REMOVED, note, f"Footnote {note.number} is gone: {note.text}")


def _footnote(kind: Kind, note: Footnote, sentence: str) -> Change:
    return Change(kind, Effect.NEUTRAL, sentence, about=(note.id,))


def _citation_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    was, now = _citations(before), _citations(after)
    listings = {listing.id for listing in before.listings}
    for (listing, place, note), (row, number) in now.items():
        if listing in listings and (listing, place, note) not in was:
            sentence = f"Footnote {number} now marks {place} in the row of {row}."
            yield Change(Kind.CITATION_ADDED, Effect.NEUTRAL, sentence, listing, (place, note))
    kept = {listing.id for listing in after.listings}
    for (listing, place, note), (row, number) in was.items():
        if listing in kept and (listing, place, note) not in now:
            sentence = f"Footnote {number} no longer marks {place} in the row of {row}."
            yield Change(Kind.CITATION_REMOVED, Effect.NEUTRAL, sentence, listing, (place, note))


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
    names = [model.name for model in listing.models]
    if len(names) > _FEW:
        names = [*names[: _FEW - 1], f"{len(names) - _FEW + 1} more"]
    return _list(names) or "a row without models"


def _list(names: Iterable[str]) -> str:
    """Return names in a sentence, all of them: nobody who gets prompts or leaves the page goes unnamed."""
    named = list(names)
    return named[0] if len(named) == 1 else ", ".join(named[:-1]) + " and " + named[-1] if named else ""
