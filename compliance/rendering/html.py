"""The HTML body of a page, and all the files that a publication freezes.

The body is a `<main>` element. It does not mention the publication: its number, dates, hashes and
navigation stand around it in the public template, and may change while the body is frozen. The
templates escape every text; only HTML of `rendering.markdown` passes unescaped.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from compliance.page import inline, slugs, urls
from compliance.page.claims import effective, is_partial
from compliance.page.descriptions import describe_clauses
from compliance.page.formats import FORMATS
from compliance.page.snapshot import Register, Snapshot
from compliance.page.table import (
    Column,
    DocumentItem,
    Item,
    Listing,
    ModelItem,
    ProviderItem,
    Row,
    Section,
)
from compliance.page.vocabulary import ColumnRole
from compliance.rendering.markdown import Headings, note_html, prose_html, runs_html

# From so many columns on, a table is given more room (public.css).
MANY_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class FootnoteMark:
    """A footnote's number where it is cited; `anchor` is its HTML id, `place` says where it is."""

    number: int
    anchor: str
    place: str


@dataclass(frozen=True, slots=True)
class RenderedItem:
    """One line of a cell, as words and as HTML with its links (without links: the same words).

    `url` is where the whole of it leads, and `links` are the addresses of links within it. `anchor`
    is its HTML id, empty if no link leads to it.
    """

    words: str
    html: str
    marks: tuple[FootnoteMark, ...]
    url: str | None = None
    links: tuple[str, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell with its column's label; `clauses` are its retention clauses in words, if wanted."""

    label: str
    items: tuple[RenderedItem, ...]
    clauses: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        """Whether the items are printed as a list; a list of one would only be noise."""
        return len(self.items) > 1


@dataclass(frozen=True, slots=True)
class TableRow:
    """A listing as printed; `number` counts the rows of the page, `anchor` is its HTML id."""

    id: str
    number: int
    anchor: str
    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """Prose and the table after it; without a table it has no columns.

    `title` is the words of the nearest heading above the table, and `heading` its HTML id; without
    a heading they are the title of the register and empty.
    """

    prose: SafeString
    title: str
    heading: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]

    @property
    def has_many_columns(self) -> bool:
        """Whether the table needs more room than others."""
        return len(self.columns) >= MANY_COLUMNS


@dataclass(frozen=True, slots=True)
class PrintedNote:
    """A footnote as printed, with every place that cites it."""

    number: int
    html: SafeString
    marks: tuple[FootnoteMark, ...]


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the templates print: the sections with their rows, and each footnote, in order."""

    register: Register
    sections: tuple[PrintedSection, ...]
    notes: tuple[PrintedNote, ...]

    @property
    def is_rtl(self) -> bool:
        """Whether the register's language is written from right to left."""
        # Without the region, which Django's list hardly ever has: ar-EG is written like ar.
        return self.register.language.partition("-")[0] in settings.LANGUAGES_BIDI

    @property
    def rows(self) -> tuple[TableRow, ...]:
        """The rows of all tables."""
        return tuple(row for section in self.sections for row in section.rows)


def html_body(snapshot: Snapshot) -> str:
    """Return the `<main>` fragment of a register's page."""
    return render_to_string("rendering/body.html", {"printed": make_page_context(snapshot)})


def make_page_context(
    snapshot: Snapshot,
    *,
    clauses: bool = False,
    title_level: int = 1,
    only: Collection[str] | None = None,
) -> PageContext:
    """Return what the templates print of a page.

    `clauses` adds each retention clause by clause. `title_level` is the level of the heading with
    the page's title, below which the headings of the prose stand. With `only`, ids of listings, the
    other rows are counted and left out.
    """
    sections = _Sections(snapshot, clauses, title_level, only).sections()
    return PageContext(snapshot.register, sections, _notes(snapshot, sections))


def anchor(kind: str, id: str) -> str:
    """Return the HTML id of the first mention of a model or provider; `kind` is one of the two."""
    return slugs.whole_slug(f"{kind} {id}")


def artefacts(snapshot: Snapshot) -> dict[str, bytes]:
    """Return the files that a publication freezes, by format; raises Unwritable."""
    files = {name: syntax.render(snapshot) for name, syntax in FORMATS.items()}
    return {**files, "html": html_body(snapshot).encode()}


def _clause_words(row: Row) -> dict[str, tuple[str, ...]]:
    """Return the clauses of each retention cell of a row in words, by the key of its column.

    What the row leaves open stands in its first cell that says something.
    """
    words = {}
    counted = effective(row)
    unsaid = counted[-1:] if is_partial(row) else ()
    for column, cell in row.claims(ColumnRole.RETENTION):
        if cell.clauses:
            clauses = (*cell.clauses, *unsaid)
            words[column.key] = tuple(describe_clauses([clause]) for clause in clauses)
            unsaid = ()
    return words


class _Sections:
    """Prints sections, and gives every heading, row and mark an HTML id of its own.

    The HTML id of a row or mark is made of the ids of the listing, model or provider, so it stays
    the same when other rows are added or removed. Where a listing names a model twice, the second
    gets `-2`.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        clauses: bool,
        title_level: int,
        only: Collection[str] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._only = only
        self._register = snapshot.register
        self._clauses = clauses
        self._row_count = 0
        # The ids that stand in the templates.
        notes = (f"note-{note.number}" for note in snapshot.footnotes)
        self._taken = slugs.FreeSlugs(["main", "title", "notes", *notes])
        self._headings = Headings(self._free_anchor, title_level)

    def sections(self) -> tuple[PrintedSection, ...]:
        return tuple(self._section(section) for section in self._snapshot.sections)

    def _section(self, section: Section) -> PrintedSection:
        headings = self._headings
        prose = prose_html(section.prose, headings, self._register.link_base)
        columns = section.columns
        return PrintedSection(
            prose,
            headings.words or self._register.title,
            headings.id,
            columns,
            tuple(self._rows(section)),
        )

    def _rows(self, section: Section) -> Iterator[TableRow]:
        for listing in section.listings:
            self._row_count += 1
            if self._only is None or listing.id in self._only:
                yield self._row(section, listing)

    def _row(self, section: Section, listing: Listing) -> TableRow:
        # The order matters for the ids: the first that asks for an id gets it without a suffix.
        anchor = self._free_anchor(f"listing {listing.id}")
        clauses = _clause_words(Row(section, listing)) if self._clauses else {}
        cells = tuple(self._cell(listing, column, clauses) for column in section.columns)
        return TableRow(listing.id, self._row_count, anchor, cells)

    def _cell(
        self, listing: Listing, column: Column, clauses: dict[str, tuple[str, ...]]
    ) -> TableCell:
        cell = listing.cells[column.key]
        items = tuple(self._item(listing.id, column.key, item) for item in cell.items)
        return TableCell(column.label, items, clauses.get(column.key, ()))

    def _item(self, listing: str, key: str, item: Item) -> RenderedItem:
        if isinstance(item, DocumentItem):
            return self._document(listing, item)
        runs = inline.runs(item.text)
        words = "".join(run.words for run in runs)
        named = ""
        if isinstance(item, ModelItem):
            key, named = item.model, self._first_anchor("model", item.model)
        elif isinstance(item, ProviderItem):
            key, named = item.provider, self._first_anchor("provider", item.provider)
        return RenderedItem(
            words,
            runs_html(runs, self._register.link_base),
            self._marks(listing, words, item.footnotes, key),
            links=tuple(run.url for run in runs if run.url),
            anchor=named,
        )

    def _document(self, listing: str, item: DocumentItem) -> RenderedItem:
        words = item.plain
        marks = self._marks(listing, words, item.footnotes, words)
        # The frozen page is safe whatever a form or an import let through: such an address is text.
        if item.url and urls.url_fault(item.url) is not None:
            words = f"{words} ({item.url})"
            return RenderedItem(words, words, marks)
        return RenderedItem(words, words, marks, item.url)

    def _marks(
        self, listing: str, words: str, footnotes: tuple[int, ...], id: str
    ) -> tuple[FootnoteMark, ...]:
        return tuple(
            FootnoteMark(
                number,
                self._free_anchor(f"ref {number} {listing} {id}"),
                f"{words}, row {self._row_count}",
            )
            for number in footnotes
        )

    def _first_anchor(self, kind: str, id: str) -> str:
        """Return the HTML id of the first mention of a model or provider, empty for later ones."""
        first = anchor(kind, id)
        if first in self._taken:
            return ""
        self._taken.add(first)
        return first

    def _free_anchor(self, words: str) -> str:
        return self._taken.take(words)


def _notes(snapshot: Snapshot, sections: tuple[PrintedSection, ...]) -> tuple[PrintedNote, ...]:
    marks: defaultdict[int, list[FootnoteMark]] = defaultdict(list)
    for mark in _marks(sections):
        marks[mark.number].append(mark)
    return tuple(
        PrintedNote(
            note.number,
            note_html(note.text, snapshot.register.link_base),
            tuple(marks[note.number]),
        )
        for note in snapshot.footnotes
    )


def _marks(sections: tuple[PrintedSection, ...]) -> Iterator[FootnoteMark]:
    for section in sections:
        for row in section.rows:
            for cell in row.cells:
                for item in cell.items:
                    yield from item.marks
