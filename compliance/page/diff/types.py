"""A change as data, the kinds of change, and what a change means for readers."""

from dataclasses import dataclass
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
    """What a change means for the reader whose prompts are sent."""

    WEAKER = "weaker"
    STRONGER = "stronger"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two snapshots, with a sentence that tells it.

    `listing` is the id of the listing that it is in; `about` holds what it is about: ids of models,
    providers, documents, footnotes and sections, keys of columns, and names of facts and texts.
    """

    kind: ChangeKind
    effect: Effect
    sentence: str
    listing: str | None = None
    about: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A key of the difference, which does not depend on how the sentence words it."""
        return ":".join([self.kind, self.listing or "", *self.about])
