"""A register at one moment as frozen plain data: what is printed and what it means.

A register is sections. A section is prose and perhaps a table (`table`). Footnotes are the
register's, and stand below the last section.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from compliance.page import canonical, inline, slugs, text, values
from compliance.page.continued import predecessors
from compliance.page.remembered import by_identity
from compliance.page.table import Cell, DocumentItem, Item, ModelItem, Row, Section, Term
from compliance.page.values import MalformedSnapshot
from compliance.page.vocabulary import TrainingUse

SCHEMA = "register/1"


@dataclass(frozen=True, slots=True)
class Register:
    """A register's own texts; `link_base` is an https URL or empty."""

    slug: str
    title: str
    link_base: str = ""
    language: str = "en"

    def fault(self) -> str | None:
        """Return a sentence on a slug that no register can have, else None."""
        return slugs.register_slug_fault(self.slug)


@dataclass(frozen=True, slots=True)
class Model:
    """A model that the sections name."""

    id: str
    name: str
    developer: str = ""
    aliases: tuple[str, ...] = ()
    retention_floor: Term | None = None
    continues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a provider declares for everything it is sent; null where it declares nothing."""

    training: TrainingUse | None
    retention: Term | None


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that the sections name, as a recipient or as the author of a document."""

    id: str
    name: str
    legal_entity: str = ""
    website: str = ""
    processing_countries: tuple[str, ...] = ()
    storage_countries: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    declared: Declared | None = None


@dataclass(frozen=True, slots=True)
class Footnote:
    """A numbered note; `text` is inline Markdown and may hold line breaks."""

    id: str
    number: int
    text: str
    valid_until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A register at one moment, as it is printed.

    `models` and `providers` hold what the sections name, once each, in order of first appearance.
    Footnotes stand in the order of their numbers.
    """

    register: Register
    sections: tuple[Section, ...]
    models: tuple[Model, ...] = ()
    providers: tuple[Provider, ...] = ()
    footnotes: tuple[Footnote, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the snapshot as JSON values, in the one public shape (docs/formats.md)."""
        return {"schema": SCHEMA, **values.plain(self)}

    @classmethod
    def from_dict(cls, value: Any) -> Self:
        """Return the snapshot that `to_dict` gave.

        Raises MalformedSnapshot, naming the place, for anything else. Within `register/1` keys are
        only ever added, each with a default. So unknown keys are ignored, and a key with a default
        may be missing: what was published before the key was added can still be read.
        """
        if not isinstance(value, dict) or value.get("schema") != SCHEMA:
            raise MalformedSnapshot(f'The data is not a snapshot: its "schema" is not "{SCHEMA}".')
        snapshot: Self = values.built(cls, value, "$")
        _check_references(snapshot)
        return snapshot

    def canonical_bytes(self) -> bytes:
        """Return the RFC 8785 bytes: the public JSON, of which `content_sha256` is the hash."""
        # Not `to_dict` at once: a large page would keep a million objects for Python to look after.
        return canonical.encode(self.to_dict())

    def content_sha256(self) -> str:
        """Return the SHA-256 of the canonical bytes as 64 hex digits."""
        return canonical.sha256(self.canonical_bytes())

    def rows(self) -> Iterator[Row]:
        """Yield the rows of every table in the order of the page."""
        return iter(self.all_rows)

    @property
    def all_rows(self) -> tuple[Row, ...]:
        """The rows of every table in the order of the page; the same object each time."""
        return _rows(self)

    def printed(self) -> dict[str, Any]:
        """Return what the Markdown page shows: texts, addresses and numbers of footnotes."""
        return {
            "title": self.register.title,
            "sections": list(_printed_sections(self.sections)),
            "footnotes": [(note.number, note.text) for note in self.footnotes],
        }

    def marks(self) -> Iterator[int]:
        """Yield the footnote number of every citation in the order of the page."""
        for row in self.rows():
            for _, cell in row.cells:
                for item in cell.items:
                    yield from item.footnotes


@by_identity(16)
def _rows(snapshot: Snapshot) -> tuple[Row, ...]:
    return tuple(
        [Row(section, listing) for section in snapshot.sections for listing in section.listings]
    )


def _printed_sections(sections: Iterable[Section]) -> Iterator[dict[str, Any]]:
    """Yield the sections as a page shows them: prose without a table belongs to the next one."""
    prose: list[str] = []
    for section in sections:
        prose += [section.prose] if section.prose else []
        if section.columns:
            yield {"prose": "\n\n".join(prose), **_printed_table(section)}
            prose = []
    if prose:
        yield {"prose": "\n\n".join(prose), "columns": [], "listings": []}


def _printed_table(section: Section) -> dict[str, Any]:
    return {
        "columns": [column.label for column in section.columns],
        "listings": [
            [printed_cell(listing.cells[column.key]) for column in section.columns]
            for listing in section.listings
        ],
    }


def printed_cell(cell: Cell) -> list[tuple[str, tuple[int, ...]]]:
    """Return the texts of a cell as the Markdown page has them, each with its marks."""
    return [(_printed_text(item), item.footnotes) for item in cell.items]


def _printed_text(item: Item) -> str:
    """Return what stands in the page as inline Markdown, a document with its address."""
    if isinstance(item, DocumentItem) and item.url is not None:
        return inline.written([inline.Run(item.plain, item.url)])
    return item.text


def _check_references(snapshot: Snapshot) -> None:
    """Refuse numbers that no page can have, and references to what is not there."""
    numbers: set[int] = set()
    for index, note in enumerate(snapshot.footnotes):
        if note.number < 1 or note.number in numbers:
            problem = "below 1" if note.number < 1 else "there twice"
            raise MalformedSnapshot(
                f"$.footnotes[{index}].number is {note.number}, which is {problem}."
            )
        numbers.add(note.number)
    models = _unique_ids(snapshot.models, "$.models")
    providers = _unique_ids(snapshot.providers, "$.providers")
    _refuse_namesakes(snapshot.models, "$.models")
    _refuse_namesakes(snapshot.providers, "$.providers")
    _refuse_circles(snapshot.models)
    listings: set[str] = set()
    _unique_ids(snapshot.sections, "$.sections")
    for number, section in enumerate(snapshot.sections):
        for index, listing in enumerate(section.listings):
            place = f"$.sections[{number}].listings[{index}]"
            if listing.id in listings:
                raise MalformedSnapshot(f"{place}.id, {listing.id!r}, is there twice.")
            listings.add(listing.id)
            for column, cell in Row(section, listing).cells:
                for item in cell.items:
                    fault = _reference_fault(item, models, providers, numbers)
                    if fault:
                        raise MalformedSnapshot(f"{place}.cells.{column.key} {fault}")


def _unique_ids(parts: tuple[Any, ...], place: str) -> set[str]:
    ids: set[str] = set()
    for index, part in enumerate(parts):
        if part.id in ids:
            raise MalformedSnapshot(f"{place}[{index}].id, {part.id!r}, is there twice.")
        ids.add(part.id)
    return ids


def _refuse_namesakes(parts: Iterable[Model | Provider], place: str) -> None:
    names: set[str] = set()
    for index, part in enumerate(parts):
        # A name is kept without blanks at its edges and in normal form C: see `text.fault`.
        name = text.composed(part.name.strip())
        if name in names:
            raise MalformedSnapshot(
                f"{place}[{index}].name, {part.name!r}, is there twice. Give each its own name."
            )
        names.add(name)


def _refuse_circles(models: Iterable[Model]) -> None:
    """Refuse a model that continues itself, also by way of others."""
    continues = {model.id: model.continues for model in models if model.continues}
    for index, model in enumerate(models):
        if model.id in predecessors(model.id, continues):
            raise MalformedSnapshot(
                f"$.models[{index}].continues leads back to {model.id!r}. "
                "A model cannot continue itself."
            )


def _reference_fault(
    item: Item, models: set[str], providers: set[str], numbers: set[int]
) -> str | None:
    for number in item.footnotes:
        if number not in numbers:
            return f"cites footnote {number}, which is not there. Add it."
    if isinstance(item, ModelItem) and item.model not in models:
        return f"names the model {item.model!r}, which is not in $.models. Add it."
    provider = getattr(item, "provider", None)
    if provider is not None and provider not in providers:
        return f"names the provider {provider!r}, which is not in $.providers. Add it."
    return None
