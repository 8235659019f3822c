"""What a claim of a listing is where the listing does not state it, and who it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.admin.components.links import address_of
from compliance.admin.listings.rows import ListingRows
from compliance.models import AIModel, Provider
from compliance.models.choices import TRAINING_USES
from compliance.page.derived import derived_term, derived_use
from compliance.page.descriptions import describe_clauses
from compliance.page.table import Column, Term
from compliance.page.training import training_text
from compliance.page.vocabulary import ColumnRole, TrainingUse

_USE_LABELS = dict(TRAINING_USES)


@dataclass(frozen=True)
class Source:
    """A provider or model that a claim is derived from, and what it says about it."""

    record: Provider | AIModel
    words: str

    @property
    def address(self) -> str:
        """The path of the form on which it is changed."""
        return address_of(self.record)


@dataclass(frozen=True)
class DerivedClaim:
    """A derived claim: the words that it prints, what they mean, and who it comes from."""

    words: str
    meaning: str
    sources: tuple[Source, ...]


def derived_claim(column: Column, rows: ListingRows) -> DerivedClaim:
    """Return what follows in a claim column from the providers and models of a listing."""
    if column.role is ColumnRole.TRAINING:
        return _derived_training(column, rows)
    return _derived_retention(column, rows)


def _derived_training(column: Column, rows: ListingRows) -> DerivedClaim:
    declared = [row.provider.declared_training for row in rows.providers]
    use = derived_use(TrainingUse(value) if value else None for value in declared)
    sources = []
    for row, value in zip(rows.providers, declared, strict=True):
        sources.append(_declared(row.provider, _USE_LABELS.get(value, "")))
    return DerivedClaim(training_text(use, asks=column.asks), use_meaning(use), tuple(sources))


def _derived_retention(column: Column, rows: ListingRows) -> DerivedClaim:
    declared: list[Term | None] = []
    for row in rows.providers:
        term = row.provider.declared_retention
        declared.append(term.to_snapshot() if term else None)
    floors = []
    for listed in rows.models:
        if listed.model.retention_floor:
            floors.append(listed.model.retention_floor.to_snapshot())
    worst = derived_term(column, declared, floors)
    sources = tuple(_retention_sources(rows))
    return DerivedClaim(worst.plain, describe_clauses(worst.clauses), sources)


def _retention_sources(rows: ListingRows) -> Iterator[Source]:
    for row in rows.providers:
        term = row.provider.declared_retention
        yield _declared(row.provider, term.wording if term else "")
    for listed in rows.models:
        if listed.model.retention_floor:
            yield Source(listed.model, f"allows no less than: {listed.model.retention_floor}")


def _declared(provider: Provider, declared: str) -> Source:
    return Source(provider, f"declares: {declared}" if declared else "declares nothing")


def use_meaning(use: TrainingUse) -> str:
    """Return what a training use means in words, as a sentence goes on with it."""
    return f"training: {_USE_LABELS[use.value].lower()}"
