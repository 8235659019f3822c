"""A change as data, the kinds of change, and what a change means for readers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class ChangeKind(StrEnum):
    """What changed."""

    MODEL_ADDED = "model_added"
    MODEL_RETIRED = "model_retired"
    MODEL_REPLACED = "model_replaced"
    MODEL_RENAMED = "model_renamed"
    MODEL_MOVED = "model_moved"
    MODELS_REORDERED = "models_reordered"
    PROVIDER_ADDED = "provider_added"
    RECIPIENT_GAINED = "recipient_gained"
    PROVIDER_REMOVED = "provider_removed"
    PROVIDER_RENAMED = "provider_renamed"
    PROVIDERS_REORDERED = "providers_reordered"
    DECLARED = "declared"
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
    LISTING_MOVED = "listing_moved"
    REORDERED = "reordered"
    FOOTNOTE_ADDED = "footnote_added"
    FOOTNOTE_REMOVED = "footnote_removed"
    FOOTNOTE_CHANGED = "footnote_changed"
    FOOTNOTE_RENUMBERED = "footnote_renumbered"
    CITATION_ADDED = "citation_added"
    CITATION_REMOVED = "citation_removed"
    TEXT = "text"
    CELL = "cell"
    MODEL_FACT = "model_fact"
    PROVIDER_FACT = "provider_fact"
    DOCUMENT_FACT = "document_fact"
    SECTION_ADDED = "section_added"
    SECTION_REMOVED = "section_removed"
    SECTION_MOVED = "section_moved"
    COLUMN_ADDED = "column_added"
    COLUMN_REMOVED = "column_removed"
    COLUMN_RELABELLED = "column_relabelled"
    COLUMN_CHANGED = "column_changed"
    COLUMNS_REORDERED = "columns_reordered"


class Effect(StrEnum):
    """What a change means for the reader whose prompts are sent.

    `mixed` is weaker in one part and stronger in another, or stronger in one part while another is
    unjudged. `neutral` was judged and is neither. `unjudged` changed words of which only a person
    can say what they mean.
    """

    WEAKER = "weaker"
    MIXED = "mixed"
    UNJUDGED = "unjudged"
    STRONGER = "stronger"
    NEUTRAL = "neutral"


def combined(*effects: Effect) -> Effect:
    """Return what the effects of the parts of one change come to.

    A gain beside a part that nobody judged is mixed: a gain that nobody checked is not claimed.
    """
    found = set(effects)
    spoils_gain = {Effect.WEAKER, Effect.UNJUDGED} & found
    if Effect.MIXED in found or (Effect.STRONGER in found and spoils_gain):
        return Effect.MIXED
    for effect in (Effect.WEAKER, Effect.UNJUDGED, Effect.STRONGER):
        if effect in found:
            return effect
    return Effect.NEUTRAL


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two snapshots, with a sentence that tells it.

    `sentence` is plain text. Where words came, went or changed that are worth reading in full,
    `lead` is the beginning of a sentence that ends with them, and `before` and `after` are their
    Markdown on both pages, "" where there are none.

    `listing` is the id of the listing that it is in; `about` holds what it is about: ids of models,
    providers, documents, footnotes and sections, keys of columns, and names of facts and texts.
    `touches_promise` says whether it touches a claim or a provider. `is_graded` says whether a
    person gave the effect. `unchecked` holds the keys of unjudged changes in the same row that make
    a gain mixed.
    """

    kind: ChangeKind
    effect: Effect
    sentence: str
    listing: str | None = None
    about: tuple[str, ...] = ()
    touches_promise: bool = False
    is_graded: bool = False
    unchecked: tuple[str, ...] = ()
    lead: str = ""
    before: str = ""
    after: str = ""

    @property
    def key(self) -> str:
        """A key of the difference, which does not depend on how the sentence words it."""
        return ":".join([self.kind, self.listing or "", *self.about])

    @property
    def needs_grade(self) -> bool:
        """Whether a person has to say what it means before it is published."""
        return self.effect is Effect.UNJUDGED and self.touches_promise

    def has_effect(self, wanted: Effect) -> bool:
        """Return whether a reader who asks for an effect wants to see it.

        Whoever asks for weaker changes also gets mixed ones, and those that touch a promise and
        were judged by nobody.
        """
        if wanted is Effect.WEAKER and (self.effect is Effect.MIXED or self.needs_grade):
            return True
        return self.effect is wanted


# What a person can say that an unjudged change means.
GRADES = (Effect.WEAKER, Effect.STRONGER, Effect.MIXED, Effect.NEUTRAL)


def apply_grades(changes: Iterable[Change], grades: Mapping[str, str]) -> tuple[Change, ...]:
    """Return changes in which the unjudged ones have the effects that a person gave, by key.

    A gain beside unjudged changes is one if a person judged them all, and none is worse.
    """
    changes = tuple(changes)
    given = {
        change.key: Effect(grades[change.key])
        for change in changes
        if change.needs_grade and change.key in grades
    }
    return tuple(_graded(change, given) for change in changes)


def _graded(change: Change, given: Mapping[str, Effect]) -> Change:
    if change.key in given:
        return replace(change, effect=given[change.key], is_graded=True)
    if change.unchecked and given.keys() >= set(change.unchecked):
        effect = combined(Effect.STRONGER, *(given[key] for key in change.unchecked))
        return replace(change, effect=effect, is_graded=True)
    return change
