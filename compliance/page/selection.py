"""Which listings differ from the published page, and the snapshot that a choice of them makes."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from compliance.page import slugs
from compliance.page.catalogue import catalogue
from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import Cell, Column, Listing, Row, Section, empty_cell
from compliance.page.vocabulary import ONCE_IN_A_TABLE

Marks = tuple[int, ...]


def changed_listings(before: Snapshot | None, working: Snapshot) -> list[str]:
    """Return the ids of the listings that differ in the order of the page, removed ones last.

    A listing differs if one of its cells does, or if it stands in another section. A cell that says
    nothing is like none, so a new column alone changes no listing. Facts of the models and
    providers that it names stand beside the tables, and are no part of it.
    """
    published, current = _by_id(before), _by_id(working)
    published_notes, current_notes = _note_ids(before), _note_ids(working)
    changed = []
    for id, row in current.items():
        old = published.get(id)
        if old is None or old.section.id != row.section.id:
            is_changed = True
        elif published_notes == current_notes:
            is_changed = _differ(old.listing, row.listing)
        else:
            is_changed = _differ(
                _with_note_ids(old, published_notes), _with_note_ids(row, current_notes)
            )
        if is_changed:
            changed.append(id)
    removed = [id for id in published if id not in current]
    return changed + removed


def select(before: Snapshot | None, working: Snapshot, held_back: Collection[str]) -> Snapshot:
    """Return the working copy in which the listings held back (ids) stand as they were published.

    Title, prose, columns, footnotes and the facts of models and providers are always the working
    copy's. A listing held back stands in the section in which it was published. For that

    - a section that the working copy has no more comes back as it was published, with no other
      listings;
    - a column in which such a listing says something, and which its section has no more, comes back
      as the last one, empty in the other rows;
    - a mark in a listing held back gets the number that its footnote has now, and a footnote that
      only such listings cite is kept.
    """
    if not held_back:
        return working
    held_back = frozenset(held_back)
    held = [row for row in before.rows() if row.id in held_back] if before else []
    notes = _with_cited_notes(before, working, held) if before else list(working.footnotes)
    restored = _restored(before, notes, held) if before else {}
    published_sections = {section.id: section for section in before.sections} if before else {}
    sections = []
    for section in _all_sections(published_sections, working, {row.section.id for row in held}):
        published = published_sections.get(section.id, replace(section, listings=()))
        sections.append(_with_restored(section, published, restored, held_back))
    models = {model.id: model for page in (before, working) if page for model in page.models}
    providers = {party.id: party for page in (before, working) if page for party in page.providers}
    named_models, named_providers = catalogue(sections, models, providers)
    return replace(
        working,
        sections=tuple(sections),
        models=named_models,
        providers=named_providers,
        footnotes=tuple(sorted(notes, key=lambda note: note.number)),
    )


def _by_id(snapshot: Snapshot | None) -> dict[str, Row]:
    return {row.id: row for row in snapshot.rows()} if snapshot else {}


def _note_ids(snapshot: Snapshot | None) -> dict[int, str]:
    return {note.number: note.id for note in snapshot.footnotes} if snapshot else {}


def _differ(old: Listing, new: Listing) -> bool:
    if old.cells.keys() == new.cells.keys():
        return old.cells != new.cells
    return _filled(old, new) != _filled(new, old)


def _filled(listing: Listing, other: Listing) -> dict[str, Cell]:
    """Return the cells of a listing without the empty ones that another listing lacks."""
    return {key: cell for key, cell in listing.cells.items() if cell.items or key in other.cells}


def _with_note_ids(row: Row, notes: dict[int, str]) -> Listing:
    """Return a listing marked with the ids of footnotes, which stay when numbers change."""

    def note_ids(marks: Marks) -> tuple[str, ...]:
        return tuple(sorted(str(notes.get(number, number)) for number in marks))

    return _with_marks(row.listing, note_ids)


def _with_marks(listing: Listing, change: Callable[[Marks], tuple[Any, ...]]) -> Listing:
    """Return a listing with the marks of every item replaced by `change` of them."""
    cells = {}
    for key, cell in listing.cells.items():
        items = tuple(
            replace(item, footnotes=change(item.footnotes)) if item.footnotes else item
            for item in cell.items
        )
        cells[key] = replace(cell, items=items)
    return replace(listing, cells=cells)


def _with_cited_notes(before: Snapshot, working: Snapshot, held: Sequence[Row]) -> list[Footnote]:
    """Return the working copy's footnotes, then those that only the listings held back cite."""
    notes = list(working.footnotes)
    known = {note.id for note in notes}
    taken = {note.number for note in notes}
    cited = {number for row in held for number in _marks(row)}
    for note in before.footnotes:
        if note.number in cited and note.id not in known:
            # It keeps the number that readers know, unless another note has that number now.
            number = note.number if note.number not in taken else max(taken) + 1
            taken.add(number)
            notes.append(replace(note, number=number))
    return notes


def _marks(row: Row) -> Iterator[int]:
    for _, cell in row.cells:
        for item in cell.items:
            yield from item.footnotes


def _restored(
    before: Snapshot, notes: Sequence[Footnote], held: Sequence[Row]
) -> dict[str, Listing]:
    """Return the listings held back, by id, with the numbers that their footnotes have now."""
    current_numbers = {note.id: note.number for note in notes}
    numbers = {
        note.number: current_numbers[note.id]
        for note in before.footnotes
        if note.id in current_numbers
    }
    return {
        row.id: _with_marks(
            row.listing, lambda marks: tuple(sorted(map(numbers.__getitem__, marks)))
        )
        for row in held
    }


def _all_sections(
    published: Mapping[str, Section], working: Snapshot, needed: Collection[str]
) -> Iterator[Section]:
    """Give the working copy's sections, and those that it has no more but that are needed."""
    current = {section.id: section for section in working.sections}
    returning = [id for id in needed if id not in current]
    for id in _merged(list(current), list(published), returning):
        yield current[id] if id in current else replace(published[id], listings=())


def _with_restored(
    section: Section,
    published: Section,
    restored: Mapping[str, Listing],
    held_back: Collection[str],
) -> Section:
    """Return a section in which the listings held back stand as in the published one."""
    current = {listing.id: listing for listing in section.listings if listing.id not in held_back}
    returning = {
        listing.id: restored[listing.id] for listing in published.listings if listing.id in restored
    }
    added, keys = _needed_columns(section, published, returning.values())
    columns = (*section.columns, *added)
    order = _merged(
        [listing.id for listing in section.listings],
        [listing.id for listing in published.listings],
        returning,
    )
    listings = []
    for id in order:
        if id in returning:
            listings.append(_fitted(returning[id], columns, keys))
        elif id in current:
            listings.append(_fitted(current[id], columns, {}) if added else current[id])
    return replace(section, columns=columns, listings=tuple(listings))


def _needed_columns(
    section: Section, published: Section, listings: Collection[Listing]
) -> tuple[list[Column], dict[str, str]]:
    """Return the published columns that have to come back, and where the cells of each go.

    A cell goes from the key of its published column to the key of the section's.
    """
    by_key = {(column.key, column.role): column.key for column in section.columns}
    by_role = {
        column.role: column.key for column in section.columns if column.role in ONCE_IN_A_TABLE
    }
    taken = {column.key for column in section.columns}
    added: list[Column] = []
    keys: dict[str, str] = {}
    for column in published.columns:
        key = by_key.get((column.key, column.role)) or by_role.get(column.role)
        if key is None and any(listing.cells[column.key].items for listing in listings):
            key = slugs.free_slug(column.key, taken)
            taken.add(key)
            added.append(replace(column, key=key))
        if key is not None:
            keys[column.key] = key
    return added, keys


def _fitted(listing: Listing, columns: Sequence[Column], keys: Mapping[str, str]) -> Listing:
    """Return a listing with a cell for each column; `keys` renames the keys of its cells."""
    cells = {keys.get(key, key): cell for key, cell in listing.cells.items()}
    return replace(
        listing,
        cells={column.key: cells.get(column.key) or empty_cell(column.role) for column in columns},
    )


def _merged(
    current: Sequence[str], published: Sequence[str], returning: Collection[str]
) -> list[str]:
    """Return ids in their current order, and among them those that return.

    One that is not there now stands after the one that it followed when it was published.
    """
    there = set(current)
    returning_after: dict[str | None, list[str]] = {}
    previous: str | None = None
    for id in published:
        if id in there:
            previous = id
        elif id in returning:
            returning_after.setdefault(previous, []).append(id)
    merged = [*returning_after.get(None, [])]
    for id in current:
        merged += [id, *returning_after.get(id, [])]
    return merged
