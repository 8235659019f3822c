"""What a claim of a listing is where the listing does not state it, and who it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.admin.components.links import address_of
from compliance.admin.listings.rows import ListingRows
from compliance.models import AIModel, Provider
from compliance.models.choices import TRAINING_USES
from compliance.page.claims import effective_clauses
from compliance.page.derived import derived_cell
from compliance.page.descriptions import describe_clauses
from compliance.page.table import Clause, Column
from compliance.page.vocabulary import ColumnRole, DataClass, TrainingUse

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
    declared = [row.provider.declared() for row in rows.providers]
    floors = []
    for listed in rows.models:
        if listed.model.retention_floor:
            floors.append(listed.model.retention_floor.to_snapshot())
    cell = derived_cell(column, declared, floors)
    if column.role is ColumnRole.TRAINING:
        assert cell.use is not None  # noqa: S101  # the cell of a training column
        meaning = use_meaning(cell.use)
        return DerivedClaim(cell.plain, meaning, tuple(_training_sources(rows)))
    meaning = retention_meaning(column, cell.clauses or ())
    return DerivedClaim(cell.plain, meaning, tuple(_retention_sources(rows)))


def _training_sources(rows: ListingRows) -> Iterator[Source]:
    for row in rows.providers:
        yield _declared(row.provider, _USE_LABELS.get(row.provider.declared_training, ""))


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


def retention_meaning(column: Column, clauses: tuple[Clause, ...]) -> str:
    """Return what the clauses of a retention cell mean in words, and what they leave open."""
    if column.covers is DataClass.ALL_CONTENT:
        clauses = effective_clauses(clauses)
    return describe_clauses(clauses)
