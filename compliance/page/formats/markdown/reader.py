"""Read the snapshot of a hand-written or canonical Markdown page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from compliance.page import slugs
from compliance.page.documents import document_kind, document_provider
from compliance.page.formats.base import Reading, Unreadable
from compliance.page.formats.markdown import cells, completeness
from compliance.page.formats.markdown.cells import CellItem
from compliance.page.formats.markdown.source import (
    Notes,
    SourceCell,
    SourceLine,
    SourcePage,
    take_apart,
)
from compliance.page.formats.markdown.syntax import (
    LINK_DEFINITION,
    NOTE_START,
    THEMATIC_BREAK,
    UNDERLINE,
    UNNUMBERED_NOTE,
    note_number,
)
from compliance.page.formats.markdown.writer import footnote_fault, intro_fault
from compliance.page.retention import read_clauses
from compliance.page.snapshot import (
    Columns,
    Document,
    Footnote,
    Model,
    Provider,
    Register,
    Retention,
    Snapshot,
    Training,
)
from compliance.page.table import Listing
from compliance.page.training import training_use
from compliance.page.vocabulary import Basis, ClauseKind, TrainingUse

_HEADING = re.compile(r"#{1,6}(?:\s|\Z)")
_LIST = re.compile(r"(?:[-*+•]|[0-9]{1,9}[.)])(?:\s|\Z)")
_TOUCHING = re.compile(r"[:.]\s+")


def read(source: str | bytes) -> Reading:
    """Return the snapshot of a page, with notes on what was normalised.

    Raises Unreadable with line and column. What the page does not say is derived: ids from names,
    training use and clauses from wordings, a document's provider from its label and row. A page of
    which something would be lost is refused.
    """
    notes = Notes()
    page = take_apart(source, notes)
    snapshot = Snapshot(
        register=_register(page, notes),
        listings=_listings([_read_row(row, notes) for row in page.rows]),
        footnotes=_footnotes(page.rest, notes),
    )
    _check_marks(snapshot, page)
    completeness.check(page.lines, snapshot)
    return Reading(snapshot, notes.sentences())


def parse(source: str | bytes) -> Snapshot:
    """Return the snapshot of a page; raises Unreadable as `read` does."""
    return read(source).snapshot


def _register(page: SourcePage, notes: Notes) -> Register:
    title = cells.label(page.title, notes)
    if not title:
        raise page.title.refusal("the title is empty. Write it after the `#`.")
    labels = [cells.label(cell, notes) for cell in page.header]
    return Register(slugs.slug(title), title, _intro(page.intro, notes), "", "en", Columns(*labels))


def _intro(lines: Sequence[SourceLine], notes: Notes) -> str:
    for line in lines:
        if line.text != line.text.strip():
            notes.add(line.number, "The blanks at the edges of a line were removed.")
    intro = "\n".join(line.text.strip() for line in lines).strip()
    if problem := intro_fault(intro):
        first = next(line.number for line in lines if line.text.strip())
        culprit = next(
            (line.number for line in lines if line.text and repr(line.text.strip()) in problem),
            first,
        )
        raise Unreadable(f"the introduction cannot be read: {problem}", culprit, 1)
    return intro


@dataclass(frozen=True, slots=True)
class _Row:
    """A row's cells, read."""

    cell: SourceCell
    models: tuple[CellItem, ...]
    providers: tuple[CellItem, ...]
    training: CellItem
    retention: CellItem
    documents: tuple[CellItem, ...]


def _read_row(row: Sequence[SourceCell], notes: Notes) -> _Row:
    models, providers, training, retention, documents = row
    read_row = _Row(
        models,
        cells.names(models, notes),
        cells.names(providers, notes, slashes=True),
        cells.wording(training, notes),
        cells.wording(retention, notes),
        cells.documents(documents, notes),
    )
    _note_unknown(read_row, notes)
    return read_row


def _note_unknown(row: _Row, notes: Notes) -> None:
    if row.training.text and training_use(row.training.text) is TrainingUse.UNKNOWN:
        notes.add(
            row.cell.line,
            f"The training use {row.training.text!r} is not understood; it is kept as written.",
        )
    clauses = read_clauses(row.retention.text)
    if row.retention.text and any(clause.kind is ClauseKind.UNKNOWN for clause in clauses):
        notes.add(
            row.cell.line,
            f"The retention {row.retention.text!r} is not understood; it is kept as written.",
        )


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


def _listings(rows: Sequence[_Row]) -> tuple[Listing, ...]:
    model_ids, provider_ids, listing_ids = _Ids(), _Ids(), _Ids()
    names_on_page = tuple(
        dict.fromkeys(provider.text for row in rows for provider in row.providers)
    )
    listings = []
    for row in rows:
        # A page states no ids, so a row is called by the first name in it.
        first_name = next((item.text for item in (*row.models, *row.providers)), "listing")
        models = [Model(model_ids.of(item.text), item.text, item.footnotes) for item in row.models]
        providers = [
            Provider(provider_ids.of(item.text), item.text, item.footnotes, None)
            for item in row.providers
        ]
        documents = [_document(item, row, names_on_page, provider_ids) for item in row.documents]
        listing = Listing(
            listing_ids.new(first_name),
            tuple(models),
            tuple(providers),
            _training(row.training),
            _retention(row.retention),
            tuple(documents),
        )
        listings.append(listing)
    return tuple(listings)


def _training(item: CellItem) -> Training:
    return Training(training_use(item.text), item.text, Basis.STATED, item.footnotes)


def _retention(item: CellItem) -> Retention:
    return Retention(item.text, Basis.STATED, item.footnotes, read_clauses(item.text))


def _document(item: CellItem, row: _Row, names_on_page: Sequence[str], ids: _Ids) -> Document:
    provider = document_provider(
        item.text, [provider.text for provider in row.providers], names_on_page
    )
    kind = document_kind(item.text, item.url)
    return Document(
        ids.of(provider) if provider else None, kind, item.text, item.url, item.footnotes
    )


def _footnotes(lines: Sequence[SourceLine], reading_notes: Notes) -> tuple[Footnote, ...]:
    """Return the notes after the table in number order."""
    notes: dict[int, tuple[int, list[str]]] = {}
    current: list[str] | None = None
    for line in lines:
        content = line.text.strip()
        if not content or _is_break(line, current):
            current = None
            if content:
                reading_notes.add(line.number, "A dividing line was dropped.")
        elif start := NOTE_START.match(content):
            current = [_after_number(content, start, line, reading_notes)]
            if (number := note_number(start)) in notes:
                raise Unreadable(
                    f"footnote {number} is there twice. Give one another number.", line.number, 1
                )
            if number < 1:
                raise Unreadable(
                    "footnote 0 cannot be. Number the footnotes from 1.", line.number, 1
                )
            notes[number] = line.number, current
        elif current is None or UNNUMBERED_NOTE.match(content):
            raise Unreadable(_stray(content), line.number, 1)
        else:
            current.append(content)
    return tuple(_footnote(number, *notes[number]) for number in sorted(notes))


def _is_break(line: SourceLine, current: list[str] | None) -> bool:
    # Directly below a text, Markdown takes `---` for the underline of a heading.
    return bool(THEMATIC_BREAK.match(line.text)) and (
        current is None or not UNDERLINE.match(line.text.strip())
    )


def _after_number(
    content: str, start: re.Match[str], line: SourceLine, reading_notes: Notes
) -> str:
    """Return a footnote's first line without its number and a `:` or `.` that touches it."""
    rest = content[start.end() :]
    # `[^1]:` holds its colon already; behind a blank the punctuation begins the note: `¹ : One.`
    touching = (
        None
        if start["labelled"] or start.group() != start.group().rstrip()
        else _TOUCHING.match(rest)
    )
    if not touching:
        return rest
    reading_notes.add(line.number, f"The {rest[0]!r} behind a footnote's number was dropped.")
    return rest[touching.end() :]


def _stray(content: str) -> str:
    """Return a sentence on a line after the table that is no footnote, and where it belongs."""
    if unnumbered := UNNUMBERED_NOTE.match(content):
        return (
            f"the footnote {unnumbered[1]} has no number. "
            "Number the footnote, and its marks: `[^1]`."
        )
    if _HEADING.match(content):
        problem = f"the heading {content!r} stands after the table, where only footnotes stand."
        return f"{problem} Remove it."
    if LINK_DEFINITION.match(content):
        return f"{content!r} defines a link for elsewhere. Write the address where the link is."
    if _LIST.match(content):
        return (
            f"the list item {content!r} stands after the table. "
            "Begin it with a footnote's number like ¹, or move the list before the table."
        )
    if "|" in content:
        return "a row of the table stands behind a blank line. Remove the blank line."
    return (
        "text after the table is no footnote. "
        "Begin it with a number like ¹, or move it before the table."
    )


def _footnote(number: int, line: int, parts: Sequence[str]) -> Footnote:
    note = "\n".join(parts).strip()
    if problem := footnote_fault(note):
        raise Unreadable(f"footnote {number} cannot be read: {problem}", line, 1)
    return Footnote(f"note-{number}", number, note)


def _check_marks(snapshot: Snapshot, page: SourcePage) -> None:
    """Refuse a mark without a footnote, with the place of the cell."""
    numbers = {note.number for note in snapshot.footnotes}
    for listing, row in zip(snapshot.listings, page.rows, strict=True):
        cited: tuple[tuple[int, ...], ...] = (
            tuple(number for model in listing.models for number in model.footnotes),
            tuple(number for provider in listing.providers for number in provider.footnotes),
            listing.training.footnotes,
            listing.retention.footnotes,
            tuple(number for document in listing.documents for number in document.footnotes),
        )
        for cell, marks in zip(row, cited, strict=True):
            if strays := set(marks) - numbers:
                raise cell.refusal(
                    f"there is no footnote {min(strays)} below the table. "
                    "Add it, or remove the mark; a superscript that is no mark is written `&sup2;`."
                )
