"""Read the snapshot of a hand-written or canonical Markdown page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compliance.page import slugs
from compliance.page.documents import document_kind, document_provider
from compliance.page.formats.base import Reading, Unreadable
from compliance.page.formats.markdown import cells, completeness
from compliance.page.formats.markdown.cells import CellItem
from compliance.page.formats.markdown.columns import read_columns
from compliance.page.formats.markdown.notes import PageNotes
from compliance.page.formats.markdown.prose import canonical_prose, find_fault, marks
from compliance.page.formats.markdown.source import (
    Notes,
    SourceCell,
    SourceLine,
    SourcePage,
    SourceSection,
    take_apart,
)
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
from compliance.page.vocabulary import Basis, ClauseKind, ColumnRole, DataClass, TrainingUse

# So many rows are looked at to tell what a column is about.
_SAMPLE = 50


def read(source: str | bytes, *, columns: Sequence[Column] = ()) -> Reading:
    """Return the snapshot of a page, with notes on what was normalised.

    A label of one of the `columns`, which are those of an existing register, is that column. What
    the page does not say is derived: roles from labels, ids from names, training use and clauses
    from wordings, a document's provider from its label and row. Raises Unreadable with line and
    column, also for a page of which something would be lost.
    """
    notes = Notes()
    page = take_apart(source, notes)
    footnotes = PageNotes(notes)
    parts = [
        _read_section(section, index, columns, notes, footnotes)
        for index, section in enumerate(page.sections)
    ]
    snapshot = _snapshot(_title(page, notes), parts, footnotes)
    _check_marks(snapshot.footnotes, parts)
    completeness.check(page.lines, snapshot)
    return Reading(snapshot, notes.sentences())


def parse(source: str | bytes, *, columns: Sequence[Column] = ()) -> Snapshot:
    """Return the snapshot of a page; raises Unreadable as `read` does."""
    return read(source, columns=columns).snapshot


def _title(page: SourcePage, notes: Notes) -> str:
    title = cells.label(page.title, notes)
    if not title:
        raise page.title.refusal("the title is empty. Write it after the `#`.")
    return title


@dataclass(frozen=True, slots=True)
class _ReadCell:
    """A cell as written, and the items that were read from it."""

    source: SourceCell
    items: tuple[CellItem, ...]


_ReadRow = dict[str, _ReadCell]


@dataclass(frozen=True, slots=True)
class _ReadSection:
    """A section with the items of its cells, by the keys of its columns."""

    prose: str
    lines: tuple[SourceLine, ...]
    header: tuple[SourceCell, ...]
    columns: tuple[Column, ...]
    rows: tuple[_ReadRow, ...]


def _read_section(
    section: SourceSection,
    index: int,
    known: Sequence[Column],
    notes: Notes,
    footnotes: PageNotes,
) -> _ReadSection:
    # Before the first table, a line that begins with a number is a text's.
    has_notes = index > 0 or not section.header
    lines = tuple(footnotes.taken_from(section.prose)) if has_notes else section.prose
    labels = [cells.label(cell, notes) for cell in section.header]
    columns = read_columns(labels, lambda place: _contents(section, place), known)
    rows = tuple(_read_row(row, columns, notes) for row in section.rows)
    return _ReadSection(_prose(lines, notes), lines, section.header, columns, rows)


def _contents(section: SourceSection, place: int) -> Iterator[str]:
    """Yield the words of a column's first cells, which tell what it is about."""
    return (cells.words(row[place]) for row in section.rows[:_SAMPLE])


def _prose(lines: Sequence[SourceLine], notes: Notes) -> str:
    prose = "\n".join(line.text for line in lines)
    if found := find_fault(prose):
        index, problem = found
        raise Unreadable(f"the text cannot be read: {problem}", lines[index].number, 1)
    canonical = canonical_prose(prose)
    if canonical != prose.strip("\n"):
        first = next(line.number for line in lines if line.text)
        notes.add(first, "The text was brought into the form in which it is written.")
    return canonical


def _read_row(row: Sequence[SourceCell], columns: Sequence[Column], notes: Notes) -> _ReadRow:
    read_row = {
        column.key: _ReadCell(cell, _items(cell, column.role, notes))
        for column, cell in zip(columns, row, strict=True)
    }
    for column in columns:
        for item in read_row[column.key].items:
            _note_unknown(column, item, row[0].line, notes)
    return read_row


def _items(cell: SourceCell, role: ColumnRole, notes: Notes) -> tuple[CellItem, ...]:
    if role.is_claim:
        return cells.claim(cell, notes)
    if role is ColumnRole.DOCUMENTS:
        return cells.documents(cell, notes)
    return cells.entries(cell, notes, slashes=role is ColumnRole.PROVIDERS)


def _note_unknown(column: Column, item: CellItem, line: int, notes: Notes) -> None:
    if column.role is ColumnRole.TRAINING:
        if training_use(item.plain, asks=column.asks) is TrainingUse.UNKNOWN:
            notes.add(
                line, f"The training use {item.plain!r} is not understood; it is kept as written."
            )
    elif column.role is ColumnRole.RETENTION:
        clauses = _clauses(column, item.plain)
        if any(clause.kind is ClauseKind.UNKNOWN for clause in clauses):
            notes.add(
                line, f"The retention {item.plain!r} is not understood; it is kept as written."
            )


def _clauses(column: Column, words: str) -> tuple[Clause, ...]:
    covers = column.covers or DataClass.ALL_CONTENT
    return read_clauses(words, asks=column.asks, covers=covers, unit=column.unit)


@dataclass(slots=True)
class _Ids:
    """Slugs, one for each name; the next free number is kept, so that many equal ones stay fast."""

    by_name: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _next: dict[str, int] = field(default_factory=dict)

    def of(self, name: str) -> str:
        """Return the id of a name, the same for the same name."""
        if name not in self.by_name:
            self.by_name[name] = self.new(name)
        return self.by_name[name]

    def new(self, name: str) -> str:
        """Return an id that no other name has."""
        slug = candidate = slugs.slug(name)
        number = self._next.get(slug, 2)
        while candidate in self._taken:
            candidate, number = f"{slug}-{number}", number + 1
        self._next[slug] = number
        self._taken.add(candidate)
        return candidate


def _snapshot(title: str, parts: Sequence[_ReadSection], footnotes: PageNotes) -> Snapshot:
    builder = _Builder(_provider_names(parts))
    # A part that held only footnotes is no section.
    filled = [part for part in parts if part.prose or part.columns]
    sections = tuple(builder.section(part, place) for place, part in enumerate(filled, 1))
    return Snapshot(
        register=Register(slugs.slug(title), title),
        sections=sections,
        models=tuple(Model(id, name) for name, id in builder.models.by_name.items()),
        providers=tuple(Provider(id, name) for name, id in builder.providers.by_name.items()),
        footnotes=footnotes.sorted(),
    )


def _provider_names(parts: Sequence[_ReadSection]) -> tuple[str, ...]:
    """Return the names in the providers' columns, once each."""
    names: dict[str, None] = {}
    for part in parts:
        for row in part.rows:
            names.update(dict.fromkeys(_names(part, row, ColumnRole.PROVIDERS)))
    return tuple(names)


def _names(part: _ReadSection, row: _ReadRow, role: ColumnRole) -> list[str]:
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

    def section(self, part: _ReadSection, place: int) -> Section:
        """Return a section, given its place from 1."""
        listings = tuple(self._listing(part, row) for row in part.rows)
        return Section(f"section-{place}", part.prose, part.columns, listings)

    def _listing(self, part: _ReadSection, row: _ReadRow) -> Listing:
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
                return Cell(_claim(items), Basis.STATED, clauses=_clauses(column, words))
        return Cell(tuple(TextItem(item.text, footnotes=item.footnotes) for item in items))

    def _model(self, item: CellItem) -> ModelItem:
        return ModelItem(self.models.of(item.plain), item.text, item.footnotes)

    def _provider(self, item: CellItem) -> ProviderItem:
        return ProviderItem(self.providers.of(item.plain), item.text, item.footnotes)

    def _document(self, item: CellItem, providers: Sequence[str]) -> DocumentItem:
        name = document_provider(item.plain, providers, self._provider_names)
        provider = self.providers.of(name) if name else None
        place = len(self._documents) + 1
        id = self._documents.setdefault((provider, item.text, item.url), f"document-{place}")
        kind = document_kind(item.plain, item.url)
        return DocumentItem(id, provider, kind, item.text, item.url, footnotes=item.footnotes)


def _claim(items: Sequence[CellItem]) -> tuple[ClaimItem, ...]:
    return tuple(ClaimItem(item.text, item.footnotes) for item in items)


def _check_marks(footnotes: Sequence[Footnote], parts: Sequence[_ReadSection]) -> None:
    """Refuse a mark in a cell without its footnote, and one in prose with it."""
    numbers = {note.number for note in footnotes}
    for part in parts:
        for line in part.lines:
            _check_uncited(numbers.intersection(marks(line.text)), SourceCell("", line.number, 1))
        for label in part.header:
            _check_uncited(numbers.intersection(cells.label_marks(label, Notes())), label)
        for row in part.rows:
            for cell in row.values():
                _check_cell(cell, numbers)


def _check_uncited(found: set[int], place: SourceCell) -> None:
    if found:
        raise place.refusal(
            f"the text cites footnote {min(found)}, and only a cell can. Remove the mark; "
            "a superscript that is no mark is written `&sup2;`."
        )


def _check_cell(cell: _ReadCell, numbers: set[int]) -> None:
    cited = {number for item in cell.items for number in item.footnotes}
    if strays := cited - numbers:
        raise cell.source.refusal(
            f"there is no footnote {min(strays)} below the table. Add it, or remove the mark; "
            "a superscript that is no mark is written `&sup2;`."
        )
