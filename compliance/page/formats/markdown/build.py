"""The snapshot of a page that was read: ids, the catalogue, and what wordings mean."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from compliance.page import slugs
from compliance.page.documents import document_kind, document_provider, is_placeholder
from compliance.page.formats.markdown.cells import CellItem
from compliance.page.formats.markdown.parts import ReadRow, ReadSection
from compliance.page.retention import read_clauses
from compliance.page.snapshot import Footnote, Model, Provider, Register, Snapshot
from compliance.page.table import (
    Cell,
    ClaimItem,
    Clause,
    Column,
    DocumentItem,
    Listing,
    ModelItem,
    ProviderItem,
    Section,
    TextItem,
)
from compliance.page.training import training_use
from compliance.page.vocabulary import Basis, ColumnRole, DataClass


def snapshot_of(
    title: str, parts: Sequence[ReadSection], footnotes: tuple[Footnote, ...]
) -> Snapshot:
    """Return the snapshot of the parts of a page."""
    builder = _Builder(_provider_names(parts))
    # A part that held only footnotes is no section.
    filled = [part for part in parts if part.prose or part.columns]
    sections = tuple(builder.section(part, place) for place, part in enumerate(filled, 1))
    return Snapshot(
        register=Register(slugs.free_slug(title, slugs.RESERVED_SLUGS), title),
        sections=sections,
        models=tuple(Model(id, name) for name, id in builder.models.by_name.items()),
        providers=tuple(Provider(id, name) for name, id in builder.providers.by_name.items()),
        footnotes=footnotes,
    )


@dataclass(slots=True)
class _Ids:
    """Slugs, one for each name."""

    by_name: dict[str, str] = field(default_factory=dict)
    _free: slugs.FreeSlugs = field(default_factory=slugs.FreeSlugs)

    def of(self, name: str) -> str:
        """Return the id of a name, the same for the same name."""
        if name not in self.by_name:
            self.by_name[name] = self.new(name)
        return self.by_name[name]

    def new(self, name: str) -> str:
        """Return an id that no other name has."""
        return self._free.take(name)


def _provider_names(parts: Sequence[ReadSection]) -> tuple[str, ...]:
    """Return the names in the providers' columns, once each."""
    names: dict[str, None] = {}
    for part in parts:
        for row in part.rows:
            names.update(dict.fromkeys(_names(part, row, ColumnRole.PROVIDERS)))
    return tuple(names)


def _names(part: ReadSection, row: ReadRow, role: ColumnRole) -> list[str]:
    return [
        item.plain
        for column in part.columns
        if column.role is role
        for item in row[column.key].items
    ]


class _Builder:
    """Makes sections of what was read, with ids by name and by position."""

    def __init__(self, provider_names: Sequence[str]) -> None:
        self.models, self.providers = _Ids(), _Ids()
        self._listings = _Ids()
        self._documents: dict[tuple[str | None, str, str | None], str] = {}
        self._provider_names = provider_names

    def section(self, part: ReadSection, place: int) -> Section:
        """Return a section, given its place from 1."""
        listings = tuple(self._listing(part, row) for row in part.rows)
        return Section(f"section-{place}", part.prose, part.columns, listings)

    def _listing(self, part: ReadSection, row: ReadRow) -> Listing:
        providers = _names(part, row, ColumnRole.PROVIDERS)
        built = {
            column.key: self._cell(column, row[column.key].items, providers)
            for column in part.columns
        }
        header = [item.plain for item in row[part.columns[0].key].items]
        named = [*_names(part, row, ColumnRole.MODELS), *providers, *header, "listing"]
        # A page states no ids, so a row is called by the first name in it.
        return Listing(self._listings.new(named[0]), built)

    def _cell(self, column: Column, items: Sequence[CellItem], providers: Sequence[str]) -> Cell:
        words = items[0].plain if items else ""
        match column.role:
            case ColumnRole.MODELS:
                return Cell(tuple(self._model(item) for item in items))
            case ColumnRole.PROVIDERS:
                return Cell(tuple(self._provider(item) for item in items))
            case ColumnRole.DOCUMENTS:
                documents = tuple(self._document(item, providers) for item in items)
                return Cell(documents, Basis.STATED)
            case ColumnRole.TRAINING:
                use = training_use(words, asks=column.asks)
                return Cell(_claim(items), Basis.STATED, use=use)
            case ColumnRole.RETENTION:
                return Cell(_claim(items), Basis.STATED, clauses=clauses_of(column, words))
        return Cell(tuple(TextItem(item.text, footnotes=item.footnotes) for item in items))

    def _model(self, item: CellItem) -> ModelItem:
        return ModelItem(self.models.of(item.plain), item.text, item.footnotes)

    def _provider(self, item: CellItem) -> ProviderItem:
        return ProviderItem(self.providers.of(item.plain), item.text, item.footnotes)

    def _document(self, item: CellItem, providers: Sequence[str]) -> DocumentItem:
        # "See above" is nobody's: else a provider would show it wherever its documents are shown.
        is_nobodys = is_placeholder(item.plain, item.url)
        name = None
        if not is_nobodys:
            name = document_provider(item.plain, providers, self._provider_names)
        provider = self.providers.of(name) if name else None
        place = len(self._documents) + 1
        id = self._documents.setdefault((provider, item.text, item.url), f"document-{place}")
        kind = document_kind(item.plain, item.url)
        return DocumentItem(id, provider, kind, item.text, item.url, footnotes=item.footnotes)


def _claim(items: Sequence[CellItem]) -> tuple[ClaimItem, ...]:
    return tuple(ClaimItem(item.text, item.footnotes) for item in items)


def clauses_of(column: Column, words: str) -> tuple[Clause, ...]:
    """Return the clauses of the words of a cell in a retention column."""
    covers = column.covers or DataClass.ALL_CONTENT
    return read_clauses(words, asks=column.asks, covers=covers, unit=column.unit)
