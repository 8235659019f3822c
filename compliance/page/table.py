"""The table of a section: its columns, and the listings with a cell for each column.

Every `text` is inline Markdown: words, escapes and links.
"""

import datetime
import re
from collections.abc import Container
from dataclasses import dataclass, field, replace
from typing import Any, Self

from compliance.page import inline, slugs, values
from compliance.page.values import MalformedSnapshot
from compliance.page.vocabulary import (
    ASKS_BY_ROLE,
    DURATION,
    ONCE_IN_A_TABLE,
    Asks,
    Basis,
    Bound,
    ClauseKind,
    ColumnRole,
    DataClass,
    DocumentKind,
    TrainingUse,
    Trigger,
    Unit,
)

# A line such as "## Models for chat".
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Clause:
    """One structured part of a retention term.

    `duration` is ISO 8601 (`P30D`), and null unless the kind is `duration`.
    """

    data_class: DataClass
    kind: ClauseKind
    duration: str | None
    bound: Bound
    trigger: Trigger

    def fault(self) -> str | None:
        """Return a sentence on a duration that does not fit the kind, else None."""
        if self.kind is not ClauseKind.DURATION and self.duration is not None:
            return f"duration is {self.duration!r}; for the kind {self.kind} it must be null."
        if self.kind is ClauseKind.DURATION and not DURATION.match(self.duration or ""):
            return f"duration is {self.duration!r}; write for example P30D, PT24H, P6M or P2Y."
        return None


class InlineText:
    """What has a `text` of inline Markdown."""

    __slots__ = ()
    text: str

    @property
    def plain(self) -> str:
        """The words that a reader sees."""
        return inline.plain(self.text)


@dataclass(frozen=True, slots=True)
class Term(InlineText):
    """A retention term: the printed wording and its clauses."""

    text: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class ModelItem(InlineText):
    """A model in a cell; `model` is its id."""

    model: str
    text: str
    footnotes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderItem(InlineText):
    """A provider in a cell; `provider` is its id."""

    provider: str
    text: str
    footnotes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentItem(InlineText):
    """A policy document in a cell.

    `document` is its id, `provider` a provider's id; that and `url` may be null. `text` has no
    link, because the whole of it leads to `url`.
    """

    document: str
    provider: str | None
    kind: DocumentKind
    text: str
    url: str | None
    valid_from: datetime.date | None = None
    valid_until: datetime.date | None = None
    footnotes: tuple[int, ...] = ()

    def fault(self) -> str | None:
        """Return a sentence on an address that is there and empty, else None."""
        return "url is empty; where there is none it must be null." if self.url == "" else None


@dataclass(frozen=True, slots=True)
class ClaimItem(InlineText):
    """The wording of a claim."""

    text: str
    footnotes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TextItem(InlineText):
    """An entry of a text or place column; `country` (ISO 3166) only where a place is a country."""

    text: str
    country: str | None = None
    footnotes: tuple[int, ...] = ()


Item = ModelItem | ProviderItem | DocumentItem | ClaimItem | TextItem
ITEM_OF_ROLE: dict[ColumnRole, type[Any]] = {
    ColumnRole.MODELS: ModelItem,
    ColumnRole.PROVIDERS: ProviderItem,
    ColumnRole.DOCUMENTS: DocumentItem,
    ColumnRole.TRAINING: ClaimItem,
    ColumnRole.RETENTION: ClaimItem,
    ColumnRole.PLACES: TextItem,
    ColumnRole.TEXT: TextItem,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its key, which stays, its printed label (words) and what it means.

    `asks` is for training and retention columns: null where the label asks nothing. `covers` and
    `unit` are for retention columns: what clauses are about that name no kind of data (all content
    by default), and what a bare number counts.
    """

    key: str
    label: str
    role: ColumnRole
    asks: Asks | None = None
    covers: DataClass | None = None
    unit: Unit | None = None

    def __post_init__(self) -> None:
        if self.role is ColumnRole.RETENTION and self.covers is None:
            object.__setattr__(self, "covers", DataClass.ALL_CONTENT)

    def fault(self) -> str | None:
        """Return a sentence on a key or an attribute that no column can have, else None."""
        if fault := key_fault(self.key):
            return fault
        if self.asks is not None and self.asks not in ASKS_BY_ROLE.get(self.role, ()):
            return f"A {self.role} column cannot ask {self.asks}."
        if self.role is not ColumnRole.RETENTION and (self.covers or self.unit):
            return f"A {self.role} column has neither covers nor unit."
        return None

    def to_values(self) -> dict[str, Any]:
        """Return the column as JSON values: only the attributes of its role."""
        found: dict[str, Any] = {"key": self.key, "label": self.label, "role": self.role.value}
        for name in COLUMN_FIELDS.get(self.role, ()):
            found[name] = values.plain(getattr(self, name))
        return found


def key_fault(key: str) -> str | None:
    """Return a sentence on a key that cannot be part of an address or of a name, else None."""
    if slugs.slug(key) == key:
        return None
    return f"The key “{key}” is not one. Use letters, digits and hyphens."


def column_key(role: ColumnRole, label: str, taken: Container[str]) -> str:
    """Return the key of a new column: its role, or for text the slug of its label.

    `taken` are the keys of the section: "retention" is followed by "retention-2". A label without a
    letter or digit gives "column".
    """
    return slugs.free_slug(key_words(role, label), taken)


def key_words(role: ColumnRole, label: str) -> str:
    """Return the words whose slug is the key of a new column, if no other column has it."""
    if role is not ColumnRole.TEXT:
        return role.value
    return label if any(character.isalnum() for character in label) else "column"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a listing says in one column.

    `basis` is for claims and documents, `use` for training, `clauses` for retention; other cells
    have none of these. A claim has one item, or none where it is empty.
    """

    items: tuple[Item, ...] = ()
    basis: Basis | None = None
    use: TrainingUse | None = None
    clauses: tuple[Clause, ...] | None = None

    def to_values(self) -> dict[str, Any]:
        """Return the cell as JSON values: only what belongs to its column's role."""
        found = {"items": values.plain(self.items)}
        for name in ("basis", "use", "clauses"):
            if (value := getattr(self, name)) is not None:
                found[name] = values.plain(value)
        return found

    @property
    def plain(self) -> str:
        """The words that a reader sees, items apart by commas."""
        return ", ".join(item.plain for item in self.items)


# The fields of a column and of a cell that belong to each role; no other role has them.
COLUMN_FIELDS: dict[ColumnRole, tuple[str, ...]] = {
    ColumnRole.TRAINING: ("asks",),
    ColumnRole.RETENTION: ("asks", "covers", "unit"),
}
CELL_FIELDS: dict[ColumnRole, tuple[str, ...]] = {
    ColumnRole.TRAINING: ("basis", "use"),
    ColumnRole.RETENTION: ("basis", "clauses"),
    ColumnRole.DOCUMENTS: ("basis",),
}


def empty_cell(role: ColumnRole) -> Cell:
    """Return a cell that says nothing: an empty claim is stated and counts as not stated."""
    cell = Cell()
    if "basis" in CELL_FIELDS.get(role, ()):
        cell = replace(cell, basis=Basis.STATED)
    if role is ColumnRole.TRAINING:
        cell = replace(cell, use=TrainingUse.NOT_STATED)
    if role is ColumnRole.RETENTION:
        cell = replace(cell, clauses=())
    return cell


@dataclass(frozen=True, slots=True)
class Listing:
    """What stands in one row of a table; `cells` has the key of every column of its section."""

    id: str
    cells: dict[str, Cell] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of prose (Markdown blocks), and the table after it if it has columns."""

    id: str
    prose: str = ""
    columns: tuple[Column, ...] = ()
    listings: tuple[Listing, ...] = ()

    @property
    def heading(self) -> str:
        """The words of the first heading in the prose, "" where there is none."""
        match = _HEADING.search(self.prose)
        return inline.plain(inline.heading_words(match[1])) if match else ""

    def column(self, role: ColumnRole) -> Column | None:
        """Return the first column with a role."""
        # Asked for many times for each row; a generator takes twice as long.
        for column in self.columns:
            if column.role is role:
                return column
        return None

    @classmethod
    def from_values(cls, value: Any, place: str) -> Self:
        """Return the section of a JSON object; see `values.built`.

        The roles of the columns tell which cells and items the listings have.
        """
        columns = values.built(tuple[Column, ...], value.get("columns", []), f"{place}.columns")
        if len({column.key for column in columns}) < len(columns):
            raise MalformedSnapshot(f"{place}.columns has two columns with one key. Rename one.")
        for role in ONCE_IN_A_TABLE:
            if sum(column.role is role for column in columns) > 1:
                raise MalformedSnapshot(
                    f"{place}.columns has two columns of the role {role}. Leave one."
                )
        listings = value.get("listings", [])
        if not isinstance(listings, list):
            raise MalformedSnapshot(f"{place}.listings must be a list.")
        if listings and not columns:
            raise MalformedSnapshot(f"{place} has listings, and no columns for them.")
        return cls(
            id=values.built(str, values.member(value, "id", place), f"{place}.id"),
            prose=values.built(str, value.get("prose", ""), f"{place}.prose"),
            columns=columns,
            listings=tuple(
                _listing(listing, columns, f"{place}.listings[{index}]")
                for index, listing in enumerate(listings)
            ),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A listing with the section that it stands in."""

    section: Section
    listing: Listing

    @property
    def id(self) -> str:
        """The id of the listing."""
        return self.listing.id

    @property
    def cells(self) -> tuple[tuple[Column, Cell], ...]:
        """The columns of the table, each with the row's cell."""
        cells = self.listing.cells
        return tuple([(column, cells[column.key]) for column in self.section.columns])

    @property
    def header(self) -> Cell:
        """The cell of the first column, which names the row whatever its role."""
        return self.listing.cells[self.section.columns[0].key]

    @property
    def models(self) -> tuple[ModelItem, ...]:
        """The items of the models column, none where the table has no such column."""
        items: tuple[ModelItem, ...] = self._items(ColumnRole.MODELS)
        return items

    @property
    def providers(self) -> tuple[ProviderItem, ...]:
        """The items of the providers column, none where the table has no such column."""
        items: tuple[ProviderItem, ...] = self._items(ColumnRole.PROVIDERS)
        return items

    @property
    def documents(self) -> tuple[DocumentItem, ...]:
        """The items of the documents column, none where the table has no such column."""
        items: tuple[DocumentItem, ...] = self._items(ColumnRole.DOCUMENTS)
        return items

    def claims(self, role: ColumnRole) -> tuple[tuple[Column, Cell], ...]:
        """Return each column of a claim role with the row's cell."""
        cells = self.listing.cells
        columns = [column for column in self.section.columns if column.role is role]
        return tuple([(column, cells[column.key]) for column in columns])

    def _items(self, role: ColumnRole) -> Any:
        column = self.section.column(role)
        return self.listing.cells[column.key].items if column else ()


def _listing(value: Any, columns: tuple[Column, ...], place: str) -> Listing:
    id = values.built(str, values.member(value, "id", place), f"{place}.id")
    cells = values.member(value, "cells", place)
    if not isinstance(cells, dict):
        raise MalformedSnapshot(f"{place}.cells must be an object.")
    if strays := sorted(set(cells) - {column.key for column in columns}):
        raise MalformedSnapshot(f"{place}.cells.{strays[0]} is in no column.")
    return Listing(
        id,
        {
            column.key: _cell(
                values.member(cells, column.key, f"{place}.cells"),
                column.role,
                f"{place}.cells.{column.key}",
            )
            for column in columns
        },
    )


def _cell(value: Any, role: ColumnRole, place: str) -> Cell:
    # To mypy a type that is looked up is a value, and no type.
    hint: Any = tuple[ITEM_OF_ROLE[role], ...]  # type: ignore[valid-type]
    items = values.built(
        hint,
        values.member(value, "items", place),
        f"{place}.items",
    )
    if role.is_claim and len(items) > 1:
        raise MalformedSnapshot(f"{place}.items has {len(items)} items; a claim has one.")
    cell = Cell(items)
    if "basis" in CELL_FIELDS.get(role, ()):
        basis = values.built(Basis, value.get("basis", Basis.STATED.value), f"{place}.basis")
        cell = replace(cell, basis=basis)
    if role is ColumnRole.TRAINING:
        use = values.built(TrainingUse, values.member(value, "use", place), f"{place}.use")
        cell = replace(cell, use=use)
    if role is ColumnRole.RETENTION:
        clauses = values.member(value, "clauses", place)
        built = values.built(tuple[Clause, ...], clauses, f"{place}.clauses")
        cell = replace(cell, clauses=built)
    _check_empty_claim(cell, place)
    return cell


def _check_empty_claim(cell: Cell, place: str) -> None:
    """Refuse an empty claim that means something: it counts as not stated."""
    if cell.items:
        return
    if cell.use not in (None, TrainingUse.NOT_STATED):
        raise MalformedSnapshot(
            f"{place}.use is {cell.use}, and the cell is empty. Write not_stated, or add an item."
        )
    if cell.clauses:
        raise MalformedSnapshot(
            f"{place}.clauses says something, and the cell is empty. Write [], or add an item."
        )
