"""Read the snapshot of a hand-written or canonical Markdown page."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.page import lengths
from compliance.page.formats.base import Reading, Unreadable
from compliance.page.formats.column_content import CellContent
from compliance.page.formats.columns import ColumnSetting, check_settings, read_columns
from compliance.page.formats.markdown import cells, completeness
from compliance.page.formats.markdown.build import clauses_of, snapshot_of
from compliance.page.formats.markdown.cells import CellItem
from compliance.page.formats.markdown.marks import (
    carried_symbols,
    check_marks,
    note_text_symbols,
    with_new_numbers,
    with_symbols,
)
from compliance.page.formats.markdown.notes import PageNotes
from compliance.page.formats.markdown.parts import ReadCell, ReadRow, ReadSection
from compliance.page.formats.markdown.prose import canonical_prose, find_fault
from compliance.page.formats.markdown.source import (
    Notes,
    SourceCell,
    SourceLine,
    SourcePage,
    SourceSection,
    take_apart,
)
from compliance.page.matching import match_sections
from compliance.page.names import names_joined, spelling_key
from compliance.page.snapshot import Snapshot
from compliance.page.table import Column, Section
from compliance.page.training import training_use
from compliance.page.vocabulary import ClauseKind, ColumnRole, TrainingUse

# So many rows are looked at to tell what a column is about.
_SAMPLE = 50


def read(
    source: str | bytes,
    *,
    title: str = "",
    sections: Sequence[Section] = (),
    settings: Sequence[ColumnSetting] = (),
) -> Reading:
    """Return the snapshot of a page, with notes on what was normalised.

    A column of the `sections`, which are those of an existing register and need no listings, is
    known by its label. The `settings` say what other columns mean. A `title` is that of a page
    without one. What the page does not say is
    derived: roles from labels, ids from names, training use and clauses from wordings, a
    document's provider from its label and row. Raises Unreadable with line and column, also for a
    page of which something would be lost, and InvalidColumn for a setting.
    """
    notes = Notes()
    page = take_apart(source, notes, given_title=title)
    return read_parts(page, notes, sections=sections, settings=settings)


def read_parts(
    page: SourcePage,
    notes: Notes,
    *,
    sections: Sequence[Section] = (),
    settings: Sequence[ColumnSetting] = (),
) -> Reading:
    """Return the snapshot of the parts of a page as `read` does, in whatever format they stood.

    The notes that were made so far stand before those of the reading.
    """
    _check_lengths(page)
    carried = [carried_symbols(section) for section in page.sections]
    footnotes = PageNotes(notes, frozenset().union(*carried))
    proses = [
        _lines_of_prose(section, index, footnotes) for index, section in enumerate(page.sections)
    ]
    known = _known_columns(page, proses, sections)
    parts = []
    for index, (section, lines) in enumerate(zip(page.sections, proses, strict=True)):
        symbols = footnotes.symbols_below(index)
        note_text_symbols(carried[index], symbols, notes)
        cited = with_symbols(section, symbols)
        parts.append(_read_section(cited, lines, index, known, settings, notes))
    check_settings(settings, [[column.label for column in part.columns] for part in parts])
    if not any(part.prose or part.columns for part in parts) and footnotes.is_empty():
        last = page.lines[-1].number
        raise Unreadable("the page ends after its title. Add a text or a table.", last, 1)
    check_marks(page, parts, footnotes)
    for role in (ColumnRole.MODELS, ColumnRole.PROVIDERS):
        _note_names_joined(parts, role, notes)
    title = _title(page, notes)
    snapshot = snapshot_of(title, parts, footnotes.as_written())
    completeness.check(
        page.lines, snapshot, title_is_apart=page.title_is_apart, symbols=footnotes.symbols
    )
    if footnotes.has_new_numbers:
        footnotes.note_new_numbers()
        renumbered = with_new_numbers(parts, footnotes)
        snapshot = snapshot_of(title, renumbered, footnotes.with_new_numbers())
    footnotes.note_ends()
    told = tuple(column for part in parts for column in part.columns_read)
    return Reading(snapshot, notes.sentences(), columns=told)


def _check_lengths(page: SourcePage) -> None:
    """Refuse a text that is too long, before any of them is parsed."""
    for section in page.sections:
        for line in section.prose:
            if problem := lengths.PROSE.fault(line.text):
                raise Unreadable(problem, line.number, 1)
        for cell in itertools.chain(*section.rows):
            if problem := lengths.CELL.fault(cell.source):
                raise cell.refusal(problem)
    for cell in (page.title, *(label for section in page.sections for label in section.header)):
        if problem := lengths.ITEM.fault(cell.source):
            raise cell.refusal(problem)


def parse(source: str | bytes, *, sections: Sequence[Section] = ()) -> Snapshot:
    """Return the snapshot of a page; raises Unreadable as `read` does."""
    return read(source, sections=sections).snapshot


def _title(page: SourcePage, notes: Notes) -> str:
    title = cells.label(page.title, notes)
    if not title:
        raise page.title.refusal("the title is empty. Write it after the `#`.")
    return title


def _lines_of_prose(
    section: SourceSection, index: int, footnotes: PageNotes
) -> tuple[SourceLine, ...]:
    # Before the first table, a line that begins with a number is a text's.
    if index == 0 and section.header:
        footnotes.without_any()
        lines = section.prose
    else:
        lines = tuple(footnotes.taken_from(section.prose))
    if problem := lengths.PROSE.fault("\n".join(line.text for line in lines).strip("\n")):
        first = next(line.number for line in lines if line.text)
        raise Unreadable(problem, first, 1)
    return lines


@dataclass(frozen=True, slots=True)
class _KnownColumns:
    """The columns that a register has in the section that each of the page continues, and all."""

    of_sections: tuple[Sequence[Column], ...]
    all: tuple[Column, ...] = ()


def _known_columns(
    page: SourcePage, proses: Sequence[Sequence[SourceLine]], sections: Sequence[Section]
) -> _KnownColumns:
    """Find the sections of a register that those of the page continue, as an import does."""
    if not sections:
        return _KnownColumns(((),) * len(page.sections))
    outline = []
    for section, lines in zip(page.sections, proses, strict=True):
        labels = [cells.label(cell, Notes()) for cell in section.header]
        columns = tuple(Column("", label, ColumnRole.TEXT) for label in labels)
        prose = canonical_prose("\n".join(line.text for line in lines))
        outline.append(Section("", prose, columns))
    partners = match_sections(sections, outline)
    return _KnownColumns(
        tuple(() if partner is None else sections[partner].columns for partner in partners),
        tuple(column for section in sections for column in section.columns),
    )


def _read_section(
    section: SourceSection,
    lines: tuple[SourceLine, ...],
    index: int,
    known: _KnownColumns,
    settings: Sequence[ColumnSetting],
    notes: Notes,
) -> ReadSection:
    labels = [cells.label(cell, notes) for cell in section.header]
    read_as = read_columns(
        labels,
        lambda place: _contents(section, place),
        known.of_sections[index],
        settings,
        elsewhere=known.all,
        section=index + 1,
    )
    columns = tuple(read.column for read in read_as)
    rows = tuple(_read_row(row, columns, notes) for row in section.rows)
    return ReadSection(_prose(lines, notes), lines, section.header, read_as, rows)


def _contents(section: SourceSection, place: int) -> Iterator[CellContent]:
    """Yield a column's first cells, which tell what it is about."""
    return (cells.content(row[place]) for row in section.rows[:_SAMPLE])


def _prose(lines: Sequence[SourceLine], notes: Notes) -> str:
    prose = "\n".join(line.as_written for line in lines)
    if fault := find_fault(prose):
        line = lines[fault.index].number
        raise Unreadable(f"the text cannot be read: {fault.sentence}", line, fault.column)
    canonical = canonical_prose(prose)
    if canonical != "\n".join(line.text for line in lines).strip("\n"):
        first = next(line.number for line in lines if line.text)
        notes.add(first, "The text was brought into the form in which it is written.")
    return canonical


def _read_row(row: Sequence[SourceCell], columns: Sequence[Column], notes: Notes) -> ReadRow:
    read_row = {
        column.key: ReadCell(cell, _items(cell, column.role, notes))
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


def _note_names_joined(parts: Sequence[ReadSection], role: ColumnRole, notes: Notes) -> None:
    """Note each name in which others of the page stand, with its first line."""
    lines: dict[str, int] = {}
    for part in parts:
        for column in part.columns:
            if column.role is role:
                for row in part.rows:
                    for item in row[column.key].items:
                        lines.setdefault(item.plain, row[column.key].source.line)
    known = {spelling_key(name) for name in lines}
    for name, line in lines.items():
        if names := names_joined(name, known):
            notes.add(
                line,
                f"{name!r} was kept as one name, although {len(names)} others of the page stand in "
                f"it. If they are meant, divide them with `<br>`: {' <br> '.join(names)}.",
            )


def _note_unknown(column: Column, item: CellItem, line: int, notes: Notes) -> None:
    if column.role is ColumnRole.TRAINING:
        if training_use(item.plain, asks=column.asks) is TrainingUse.UNKNOWN:
            notes.add(
                line, f"The training use {item.plain!r} is not understood; it is kept as written."
            )
    elif column.role is ColumnRole.RETENTION:
        clauses = clauses_of(column, item.plain)
        if any(clause.kind is ClauseKind.UNKNOWN for clause in clauses):
            notes.add(
                line, f"The retention {item.plain!r} is not understood; it is kept as written."
            )
