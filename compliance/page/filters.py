"""The rows of a page that a reader asks for, in their order, with the footnotes they cite."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from compliance.page.names import fold, spelling_key
from compliance.page.policy import Policy
from compliance.page.retention import severity
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import Listing

_ACCEPT_ALL = Policy()


class Order(StrEnum):
    """What rows are sorted by; equal ones stay in the order of the page."""

    PAGE = ""
    MODEL = "model"
    PROVIDER = "provider"
    TRAINING = "training"
    TRAINING_WORST = "-training"
    RETENTION = "retention"
    RETENTION_WORST = "-retention"


_SORT_KEYS: dict[str, Callable[[Listing], Any]] = {
    "model": lambda listing: _first_name(listing.models),
    "provider": lambda listing: _first_name(listing.providers),
    "training": lambda listing: listing.training.use.severity,
    "retention": lambda listing: severity(listing.retention.clauses),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a reader asks for.

    They fit the `policy`, name a model with the words `model` in its name, and have the provider
    with the id `provider`; an empty text asks for nothing.
    """

    policy: Policy = _ACCEPT_ALL
    model: str = ""
    provider: str = ""
    order: Order = Order.PAGE

    def rows(self, snapshot: Snapshot) -> tuple[Listing, ...]:
        """Return the rows of a page that fit, whole, in the order asked for."""
        rows = [listing for listing in snapshot.listings if self._fits(listing)]
        if self.order:
            key = _SORT_KEYS[self.order.removeprefix("-")]
            rows.sort(key=key, reverse=self.order.startswith("-"))
        return tuple(rows)

    def _fits(self, listing: Listing) -> bool:
        if self.model and not any(_has_words(model.name, self.model) for model in listing.models):
            return False
        if self.provider and all(provider.id != self.provider for provider in listing.providers):
            return False
        return not any(self.policy.reasons(listing))


def with_cited_footnotes(snapshot: Snapshot, rows: tuple[Listing, ...]) -> Snapshot:
    """Return a page reduced to some of its rows and the footnotes that these cite."""
    reduced = replace(snapshot, listings=rows)
    cited = set(reduced.marks())
    notes = tuple(note for note in snapshot.footnotes if note.number in cited)
    return replace(reduced, footnotes=notes)


def _has_words(name: str, words: str) -> bool:
    """Return whether a name holds some words, however both are spelled."""
    # The key of punctuation alone is empty, and an empty text is part of every name.
    key = spelling_key(words)
    return fold(words) in fold(name) or (bool(key) and key in spelling_key(name))


def _first_name(parties: tuple[Model, ...] | tuple[Provider, ...]) -> tuple[bool, str]:
    # A row that names nobody comes last.
    return (not parties, fold(parties[0].name) if parties else "")
