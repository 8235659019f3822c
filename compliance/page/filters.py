"""The rows of a page that a reader asks for, in their order, with the footnotes they cite."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from compliance.page.catalogue import catalogue
from compliance.page.claims import effective, worst_use
from compliance.page.names import fold, spelling_key
from compliance.page.policy import Policy
from compliance.page.severity import severity
from compliance.page.snapshot import Provider, Snapshot
from compliance.page.table import Listing, ModelItem, ProviderItem, Row

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


_SORT_KEYS: dict[str, Callable[[Row], Any]] = {
    "model": lambda row: _first_name(row.models),
    "provider": lambda row: _first_name(row.providers),
    "training": lambda row: worst_use(row).severity,
    "retention": lambda row: severity(effective(row)),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows a reader asks for.

    They fit the `policy`, name a model with the words `model` in its name, and have the provider
    with the id `provider`; an empty text asks for nothing. A row of a table without models or
    providers names none.
    """

    policy: Policy = _ACCEPT_ALL
    model: str = ""
    provider: str = ""
    order: Order = Order.PAGE

    def rows(self, snapshot: Snapshot) -> tuple[Row, ...]:
        """Return the rows of a page that fit, whole, in the order asked for."""
        providers = {provider.id: provider for provider in snapshot.providers}
        rows = [row for row in snapshot.rows() if self._fits(row, providers)]
        if self.order:
            key = _SORT_KEYS[self.order.removeprefix("-")]
            rows.sort(key=key, reverse=self.order.startswith("-"))
        return tuple(rows)

    def _fits(self, row: Row, providers: dict[str, Provider]) -> bool:
        if self.model and not any(_has_words(item.plain, self.model) for item in row.models):
            return False
        if self.provider and all(item.provider != self.provider for item in row.providers):
            return False
        return not any(self.policy.reasons(row, providers))


def with_cited_footnotes(snapshot: Snapshot, rows: Iterable[Row]) -> Snapshot:
    """Return a page reduced to some of its rows and the footnotes that these cite.

    The rows stand in the order given, each in its section. A section of which no row is left goes
    with its prose; one that had none stays.
    """
    listings: defaultdict[str, list[Listing]] = defaultdict(list)
    for row in rows:
        listings[row.section.id].append(row.listing)
    sections = tuple(
        replace(section, listings=tuple(listings[section.id]))
        for section in snapshot.sections
        if listings[section.id] or not section.listings
    )
    models, providers = catalogue(
        sections,
        {model.id: model for model in snapshot.models},
        {provider.id: provider for provider in snapshot.providers},
    )
    reduced = replace(snapshot, sections=sections, models=models, providers=providers)
    cited = set(reduced.marks())
    notes = tuple(note for note in snapshot.footnotes if note.number in cited)
    return replace(reduced, footnotes=notes)


def _has_words(name: str, words: str) -> bool:
    """Return whether a name holds some words, however both are spelled."""
    # The key of punctuation alone is empty, and an empty text is part of every name.
    key = spelling_key(words)
    return fold(words) in fold(name) or (bool(key) and key in spelling_key(name))


def _first_name(items: Sequence[ModelItem] | Sequence[ProviderItem]) -> tuple[bool, str]:
    # A row that names nobody comes last.
    return (not items, fold(items[0].plain) if items else "")
