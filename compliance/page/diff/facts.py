"""Changed facts of models and providers, which stand beside the tables."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from compliance.page.claims import floor_clauses
from compliance.page.descriptions import describe_clauses
from compliance.page.diff.effects import (
    ClaimWords,
    declared_terms,
    standing_effect,
    training_effect,
    worded_effect,
)
from compliance.page.diff.sentences import join_names
from compliance.page.diff.types import Change, ChangeKind, Effect, combined
from compliance.page.names import spelling_key
from compliance.page.remembered import by_identity
from compliance.page.severity import Standing
from compliance.page.snapshot import Declared, Model, Provider, Snapshot
from compliance.page.table import Term
from compliance.page.training import training_text

# What facts are called in a sentence, by their fields. A fact that is missing here is called by
# its field, so that its change is told all the same.
_FACTS = {
    "retention_floor": "shortest retention",
    "aliases": "other names",
    "processing_countries": "countries of processing",
    "storage_countries": "countries of storage",
}
# Fields that are no facts, or that changes of their own tell of.
_TOLD = ("id", "name", "declared")
# Facts that tell who a model or provider is, and nothing of prompts.
_NO_PROMISES = ("aliases", "developer", "website")


def name_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the models and providers that have another name; they are identified by their ids."""
    for kind, old_entries, entries in (
        (ChangeKind.MODEL_RENAMED, before.models, after.models),
        (ChangeKind.PROVIDER_RENAMED, before.providers, after.providers),
    ):
        for old, new in continued(old_entries, entries):
            if old.name != new.name:
                sentence = f"{old.name} is now called {new.name}."
                effect = renaming_effect(old.name, new.name)
                yield Change(kind, effect, sentence, about=(new.id,), touches_promise=True)


def renaming_effect(old: str, new: str) -> Effect:
    """Return neutral for another spelling of a name, in capitals or blanks; else unjudged."""
    is_same = spelling_key(old) == spelling_key(new)
    return Effect.NEUTRAL if is_same else Effect.UNJUDGED


def declaration_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the providers that declare something else; the page does not print it, the JSON does."""
    for old, new in continued(before.providers, after.providers):
        if old.declared != new.declared:
            effect = _declaration_effect(old.declared, new.declared)
            sentence = f"{new.name} now declares {_declaration(new.declared)}."
            if _declaration(old.declared) == _declaration(new.declared):
                meaning = _declared_meaning(new.declared)
                sentence = f"What {new.name} declares of retention now means: {meaning}."
            yield Change(
                ChangeKind.DECLARED, effect, sentence, about=(new.id,), touches_promise=True
            )


def _declaration_effect(old: Declared | None, new: Declared | None) -> Effect:
    known = _with_first_declarations(old, new)
    old_terms, new_terms = declared_terms(known), declared_terms(new)
    old_words, new_words = (
        ClaimWords.of_declared(declared.retention if declared else None) for declared in (old, new)
    )
    retention = standing_effect(old_terms.retention, new_terms.retention)
    return combined(
        training_effect(old_terms.training, new_terms.training),
        worded_effect(retention, old_words, new_words),
    )


def _with_first_declarations(old: Declared | None, new: Declared | None) -> Declared | None:
    """Return what was declared, with what is declared for the first time.

    To write down what a provider declares is no gain for the reader: rows may have said it all
    along. Where it changes what a row says, the change of the row tells its effect.
    """
    if old is None or new is None:
        return old or new
    return Declared(old.training or new.training, old.retention or new.retention)


def fact_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give the other published facts of models and providers that changed."""
    for old_model, model in continued(before.models, after.models):
        for change in _facts(ChangeKind.MODEL_FACT, old_model, model):
            yield with_earlier_names(change, _names(before.models, after.models))
    for old_provider, provider in continued(before.providers, after.providers):
        yield from _facts(ChangeKind.PROVIDER_FACT, old_provider, provider)


@by_identity(4)
def _names(old_models: tuple[Model, ...], models: tuple[Model, ...]) -> dict[str, str]:
    return {model.id: model.name for model in (*old_models, *models)}


def fact_sentence(subject: str, old: Any, new: Any) -> str:
    """Return the sentence on a fact that changed: "The website of Acme is now “…”, before “…”"."""
    new_words, old_words = _fact(new), _fact(old)
    if new_words == old_words and isinstance(new, Term) and isinstance(old, Term):
        new_words, old_words = describe_clauses(new.clauses), describe_clauses(old.clauses)
    are = "are" if isinstance(new, tuple) else "is"
    return f"{subject} {are} now {new_words}, before {old_words}."


@by_identity(32)
def continued(old_entries: tuple[Any, ...], entries: tuple[Any, ...]) -> list[tuple[Any, Any]]:
    """Return the models or providers of both pages that differ, each as it was and as it is."""
    # Most are the same objects.
    same = set(map(id, old_entries))
    others = {entry.id: entry for entry in entries if id(entry) not in same}
    if not others:
        return []
    earlier = {entry.id: entry for entry in old_entries if entry.id in others}
    pairs = [(earlier[key], entry) for key, entry in others.items() if key in earlier]
    return [(old, new) for old, new in pairs if old != new]


def _facts(kind: ChangeKind, old: Model | Provider, new: Model | Provider) -> Iterator[Change]:
    for field in fields(new):
        old_value, new_value = getattr(old, field.name), getattr(new, field.name)
        if field.name not in _TOLD and old_value != new_value:
            name = _FACTS.get(field.name, field.name.replace("_", " "))
            sentence = fact_sentence(f"The {name} of {new.name}", old_value, new_value)
            about: tuple[str, ...] = (new.id, field.name)
            if field.name == "continues":
                sentence = _continues_sentence(new.name, old_value, new_value)
                about += tuple(id for id in (*new_value, *old_value) if f"“{id}”" in sentence)
            yield Change(
                kind,
                _effect(field.name, old_value, new_value),
                sentence,
                about=about,
                touches_promise=field.name not in _NO_PROMISES,
            )


def _effect(name: str, old: Any, new: Any) -> Effect:
    """Return what a fact means for the reader; what a model's floor means can be computed."""
    # Which histories are one says nothing of prompts.
    if name == "continues":
        return Effect.NEUTRAL
    if not isinstance(old or new, Term):
        return Effect.UNJUDGED
    # A model without a floor may be had without any retention.
    old_floor, new_floor = (floor_clauses(term.clauses if term else ()) for term in (old, new))
    effect = standing_effect(Standing.of(old_floor), Standing.of(new_floor))
    return worded_effect(effect, ClaimWords.of_floor(old), ClaimWords.of_floor(new))


def _continues_sentence(name: str, old: Sequence[str], new: Sequence[str]) -> str:
    """Return the sentence on a model to whose history others were joined, or from which parted."""
    if joined := [f"“{id}”" for id in new if id not in old]:
        return f"{name} is the same model as {join_names(joined)}, which was listed before."
    if parted := [f"“{id}”" for id in old if id not in new]:
        return f"{name} is not the same model as {join_names(parted)}, which was listed before."
    return f"The earlier ids of {name} stand in another order."


def earlier_models(change: Change) -> tuple[str, ...]:
    """Return the ids of the models that a change says to be, or not to be, another model."""
    is_told = change.kind is ChangeKind.MODEL_FACT and change.about[1] == "continues"
    return change.about[2:] if is_told else ()


def with_earlier_names(change: Change, names: Mapping[str, str]) -> Change:
    """Return a change whose sentence has the names of earlier models for their ids.

    Where the page after takes on the history of a model, that is usually on neither page; an id
    without a name stays.
    """
    sentence = change.sentence
    for id in earlier_models(change):
        if id in names:
            sentence = sentence.replace(f"“{id}”", f"“{names[id]}”")
    return replace(change, sentence=sentence)


def _fact(value: Any) -> str:
    if isinstance(value, Term):
        return f"“{value.text}”"
    if isinstance(value, tuple):
        return join_names(f"“{entry}”" for entry in value) or "not stated"
    if isinstance(value, datetime.date):
        return f"{value:%-d %b %Y}"
    return f"“{value}”" if value else "not stated"


def _declaration(declared: Declared | None) -> str:
    parts = []
    if declared and declared.training:
        parts.append(f"“{training_text(declared.training)}” for training")
    if declared and declared.retention:
        parts.append(f"“{declared.retention.text}” for retention")
    return join_names(parts) or "nothing of its own"


def _declared_meaning(declared: Declared | None) -> str:
    retention = declared and declared.retention
    return describe_clauses(retention.clauses if retention else ())
