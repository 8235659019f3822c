"""A page of which each part is taken from one of two pages, closed over what it needs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from compliance.page import slugs, text
from compliance.page.catalogue import catalogue, named_in
from compliance.page.parts import (
    REGISTER_TEXTS,
    Page,
    column_key,
    columns_order_key,
    listing_key,
    marks,
    note_ids,
    with_marks,
)
from compliance.page.snapshot import Footnote, Model, Provider, Snapshot
from compliance.page.table import Column, Listing, Row, Section, empty_cell
from compliance.page.vocabulary import ONCE_IN_A_TABLE, ColumnRole

_Party = TypeVar("_Party", Model, Provider)


class _Table:
    """The columns of a section by their keys, and where the cells of published columns go."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = dict(columns)
        self._restored: dict[tuple[str, ColumnRole], str] = {}

    def key_of(self, column: Column) -> str | None:
        """Return the key of the column in which the cells of a column stand, None if in none."""
        if (column.key, column.role) in self._restored:
            return self._restored[column.key, column.role]
        there = self.columns.get(column.key)
        if there and there.role is column.role:
            return column.key
        if column.role not in ONCE_IN_A_TABLE:
            return None
        return next((key for key, each in self.columns.items() if each.role is column.role), None)

    def restore(self, columns: Iterable[Column]) -> None:
        """Add the columns in which published cells would have no place."""
        for column in columns:
            if self.key_of(column) is None:
                key = slugs.free_slug(column.key, self.columns)
                self._restored[column.key, column.role] = key
                self.columns[key] = replace(column, key=key)

    def lacking(self, columns: Iterable[Column]) -> Iterator[str]:
        """Yield the keys of the columns that are not there, or do not mean the same there."""
        for column in columns:
            key = self.key_of(column)
            if key is None or (key == column.key and not _mean_the_same(self.columns[key], column)):
                yield column.key

    def namesakes(self) -> Iterator[str]:
        """Yield the keys of columns of which a table has only one."""
        for role in ONCE_IN_A_TABLE:
            keys = [key for key, column in self.columns.items() if column.role is role]
            yield from keys if len(keys) > 1 else ()

    def in_order(self, order: Iterable[str]) -> "_Table":
        """Return the table with its columns in an order; those that it lacks come last."""
        keys = dict.fromkeys([*order, *self.columns])
        table = _Table({key: self.columns[key] for key in keys})
        table._restored = self._restored
        return table

    def fitted(self, section: Section, listing: Listing) -> Listing:
        """Return a listing of a section with a cell for each column of the table."""
        cells = {self.key_of(column): listing.cells[column.key] for column in section.columns}
        return replace(
            listing,
            cells={
                key: cells.get(key) or empty_cell(column.role)
                for key, column in self.columns.items()
            },
        )


class Combination:
    """A published page in which the chosen parts (keys) stand as in a working copy."""

    def __init__(self, before: Page, working: Page, chosen: Collection[str]) -> None:
        self._before, self._working, self._chosen = before, working, chosen
        self._old, self._new = before.snapshot, working.snapshot
        self._old_notes, self._new_notes = note_ids(self._old), note_ids(self._new)
        self._old_sections = {section.id: section for section in self._old.sections}
        self._new_sections = {section.id: section for section in self._new.sections}
        self._models = self._parties("model:", self._old.models, self._new.models)
        self._providers = self._parties("provider:", self._old.providers, self._new.providers)
        self._rows: defaultdict[str, dict[str, Row]] = defaultdict(dict)
        for row in self._old.rows():
            if listing_key(row.id) not in chosen:
                self._rows[row.section.id][row.id] = row
        for row in self._new.rows():
            if listing_key(row.id) in chosen:
                self._rows[row.section.id][row.id] = row
        self._tables = {id: self._table(id) for id in [*self._old_sections, *self._new_sections]}

    def needed(self) -> Iterator[str]:
        """Yield the keys of what the chosen parts need of the working copy.

        Some of it may be chosen already, or may not differ.
        """
        old_notes = set(self._old_notes.values())
        for section in self._new.sections:
            table = self._tables[section.id]
            rows = [row for row in self._rows[section.id].values() if self._is_chosen(row)]
            if section.id not in self._old_sections and (rows or table.columns):
                yield f"prose:{section.id}"
            yield from (column_key(section.id, key) for key in table.namesakes())
            for row in rows:
                keys = table.lacking(_columns_used(row))
                yield from (column_key(section.id, key) for key in keys)
                cited = {self._new_notes[mark] for mark in marks(row.listing)}
                yield from (f"footnote:{note}" for note in cited - old_notes)
            yield from self._facts_needed(rows)
        yield from self._namesakes()

    def page(self) -> Page:
        """Return the page, if the chosen parts are closed over what they need."""
        notes = self._footnotes()
        numbers = {note.id: note.number for note in notes}
        sections = tuple(self._section(section, numbers) for section in self._sections())
        models, providers = catalogue(sections, self._models, self._providers)
        new_texts = {name: getattr(self._new.register, name) for name in REGISTER_TEXTS}
        register = replace(self._old.register, **self._chosen_of("register:", new_texts))
        frame = {**self._before.frame, **self._chosen_of("frame:", self._working.frame)}
        return Page(Snapshot(register, sections, models, providers, notes), frame)

    def _is_chosen(self, row: Row) -> bool:
        return listing_key(row.id) in self._chosen

    def _chosen_of(self, prefix: str, texts: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in texts.items() if prefix + name in self._chosen}

    def _parties(
        self, prefix: str, old: Iterable[_Party], new: Iterable[_Party]
    ) -> dict[str, _Party]:
        """Return all models or providers by id; they come and go with the rows that name them."""
        found = {party.id: party for party in new}
        for party in old:
            if party.id not in found or prefix + party.id not in self._chosen:
                found[party.id] = party
        return found

    def _facts_needed(self, rows: Iterable[Row]) -> Iterator[str]:
        """Yield the facts of which the tables print something where they name chosen rows."""
        models, providers = named_in(cell for row in rows for _, cell in row.cells)
        for model in self._new.models:
            taken = self._models[model.id]
            printed = (taken.name, taken.retention_floor)
            if model.id in models and printed != (model.name, model.retention_floor):
                yield f"model:{model.id}"
        for provider in self._new.providers:
            party = self._providers[provider.id]
            facts = (party.name, party.declared)
            if provider.id in providers and facts != (provider.name, provider.declared):
                yield f"provider:{provider.id}"

    def _namesakes(self) -> Iterator[str]:
        """Yield models and providers with one name, and the rows that keep one on the page."""
        clashing = _with_one_name(self._models.values()), _with_one_name(self._providers.values())
        if not any(clashing):
            return
        named: tuple[defaultdict[str, list[str]], ...] = (defaultdict(list), defaultdict(list))
        for rows in self._rows.values():
            for row in rows.values():
                for by_party, ids in zip(named, named_in(row.listing.cells.values()), strict=True):
                    for id in ids:
                        by_party[id].append(listing_key(row.id))
        for prefix, by_party, groups in zip(("model:", "provider:"), named, clashing, strict=True):
            for group in groups:
                on_page = [id for id in group if id in by_party]
                if len(on_page) > 1:
                    for id in on_page:
                        yield prefix + id
                        yield from by_party[id]

    def _table(self, section: str) -> "_Table":
        old = _columns_by_key(self._old_sections.get(section))
        new = _columns_by_key(self._new_sections.get(section))
        taken = {}
        for key in [*old, *new]:
            column = (new if column_key(section, key) in self._chosen else old).get(key)
            if column:
                taken[key] = column
        table = _Table(taken)
        for row in self._rows[section].values():
            if not self._is_chosen(row):
                table.restore(_columns_used(row))
        order = self._order(columns_order_key(section), list(old), list(new), table.columns)
        return table.in_order(order)

    def _sections(self) -> list[Section]:
        """Return the sections of the page, each with the prose that it has there."""
        old, new = self._old_sections, self._new_sections
        there = {}
        for id in [*old, *new]:
            section = (new if f"prose:{id}" in self._chosen else old).get(id)
            if section or self._rows[id]:
                there[id] = section or old[id]
        order = self._order("order:sections", list(old), list(new), there)
        return [there[id] for id in order]

    def _section(self, section: Section, numbers: Mapping[str, int]) -> Section:
        """Return a section with its table."""
        id = section.id
        old, new = self._old_sections.get(id), self._new_sections.get(id)
        rows, table = self._rows[id], self._tables[id]
        listings = []
        for listing in self._order(f"order:{id}", _listing_ids(old), _listing_ids(new), rows):
            row = rows[listing]
            notes = self._new_notes if self._is_chosen(row) else self._old_notes
            printed = {mark: numbers[notes[mark]] for mark in marks(row.listing)}
            listings.append(table.fitted(row.section, with_marks(row.listing, printed)))
        return Section(id, section.prose, tuple(table.columns.values()), tuple(listings))

    def _footnotes(self) -> tuple[Footnote, ...]:
        old = {note.id: note for note in self._old.footnotes}
        new = {note.id: note for note in self._new.footnotes}
        cited = set()
        for rows in self._rows.values():
            for row in rows.values():
                notes = self._new_notes if self._is_chosen(row) else self._old_notes
                cited |= {notes[mark] for mark in marks(row.listing)}
        taken = {}
        for id in [*old, *new]:
            note = (new if f"footnote:{id}" in self._chosen else old).get(id)
            if note or id in cited:
                taken[id] = note or old[id]
        order = self._order("order:footnotes", list(old), list(new), taken)
        return _numbered([taken[id] for id in order], self._numbers_wished(old, new))

    def _numbers_wished(
        self, old: Mapping[str, Footnote], new: Mapping[str, Footnote]
    ) -> dict[str, int]:
        """Return the numbers that readers know, none where both pages count from 1 on."""
        pages = (new, old) if "order:footnotes" in self._chosen else (old, new)
        if all(_counts_on(notes.values()) for notes in pages):
            return {}
        first, second = pages
        return {id: note.number for notes in (second, first) for id, note in notes.items()}

    def _order(
        self, key: str, old: Sequence[str], new: Sequence[str], there: Collection[str]
    ) -> list[str]:
        """Return the ids that are there in the order of the page that the order is taken from."""
        order = _merged(new, old) if key in self._chosen else _merged(old, new)
        return [id for id in order if id in there]


def _columns_by_key(section: Section | None) -> dict[str, Column]:
    return {column.key: column for column in section.columns} if section else {}


def _listing_ids(section: Section | None) -> list[str]:
    return [listing.id for listing in section.listings] if section else []


def _columns_used(row: Row) -> list[Column]:
    """Return the columns in which a row says something, the first one if it says nothing."""
    used = [column for column, cell in row.cells if cell.items]
    return used or list(row.section.columns[:1])


def _mean_the_same(one: Column, other: Column) -> bool:
    return replace(one, label="") == replace(other, label="")


def _with_one_name(parties: Iterable[Model | Provider]) -> list[list[str]]:
    """Return the ids of models or providers that have the same name."""
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for party in parties:
        by_name[text.composed(party.name.strip())].append(party.id)
    return [ids for ids in by_name.values() if len(ids) > 1]


def _merged(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return the ids of one order, and among them those that only another one has.

    Such an id stands after the one that it follows in its own order, and after what only the first
    order has there.
    """
    known, there = set(second), set(first)
    following: defaultdict[str | None, list[str]] = defaultdict(list)
    previous: str | None = None
    for id in second:
        if id in there:
            previous = id
        else:
            following[previous].append(id)
    merged: list[str] = []
    waiting = following[None]
    for id in first:
        if id in known:
            merged += waiting
            waiting = following[id]
        merged.append(id)
    return merged + waiting


def _counts_on(notes: Iterable[Footnote]) -> bool:
    """Return whether footnotes are numbered from 1 on, without a gap."""
    return all(note.number == number for number, note in enumerate(notes, start=1))


def _numbered(notes: Iterable[Footnote], wished: Mapping[str, int]) -> tuple[Footnote, ...]:
    """Return footnotes in their order, each with the number wished for it or the next free one."""
    numbered: list[Footnote] = []
    last = 0
    for note in notes:
        last = max(wished.get(note.id, 0), last + 1)
        numbered.append(replace(note, number=last))
    return tuple(numbered)
