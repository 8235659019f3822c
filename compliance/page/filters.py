"""Some rows of a page in another order: whatever a reader asked for, closed over its footnotes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from compliance.page import names
from compliance.page.policy import Policy
from compliance.page.retention import severity
from compliance.page.snapshot import Listing, Model, Provider, Snapshot

_EVERYTHING = Policy()


class Order(StrEnum):
    """What rows are sorted by; those that are equal in it stay in the order of the page."""

    PAGE = ""
    MODEL = "model"
    PROVIDER = "provider"
    TRAINING = "training"
    TRAINING_WORST = "-training"
    RETENTION = "retention"
    RETENTION_WORST = "-retention"


_KEYS: dict[str, Callable[[Listing], Any]] = {
    "model": lambda listing: _first_name(listing.models),
    "provider": lambda listing: _first_name(listing.providers),
    "training": lambda listing: listing.training.use.severity,
    "retention": lambda listing: severity(listing.retention.clauses),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows are wanted: that fit a policy, with a model whose name holds some words, with a provider by its id."""

    policy: Policy = _EVERYTHING
    model: str = ""
    provider: str = ""
    order: Order = Order.PAGE

    def rows(self, snapshot: Snapshot) -> tuple[Listing, ...]:
        """Return the rows of a page that are wanted, whole and in the order asked for."""
        rows = [listing for listing in snapshot.listings if self._wants(listing)]
        if self.order:
            rows.sort(key=_KEYS[self.order.removeprefix("-")], reverse=self.order.startswith("-"))
        return tuple(rows)

    def _wants(self, listing: Listing) -> bool:
        return (
            (not self.model or any(_is_called(model.name, self.model) for model in listing.models))
            and (
                not self.provider
                or self.provider in {provider.id for provider in listing.providers}
            )
            and not any(self.policy.reasons(listing))
        )


def with_cited_footnotes(snapshot: Snapshot, rows: tuple[Listing, ...]) -> Snapshot:
    """Return a page with some of its rows, and the notes that they cite."""
    some = replace(snapshot, listings=rows)
    cited = set(some.marks())
    return replace(
        some, footnotes=tuple(note for note in snapshot.footnotes if note.number in cited)
    )


def _is_called(name: str, words: str) -> bool:
    """Say whether a name holds some words, in any spelling that readers take for the same."""
    key = names.spelling_key(words)
    return names.fold(words) in names.fold(name) or (bool(key) and key in names.spelling_key(name))


def _first_name(parties: tuple[Model, ...] | tuple[Provider, ...]) -> tuple[bool, str]:
    # A row that names nobody stands last.
    return (not parties, names.fold(parties[0].name) if parties else "")
