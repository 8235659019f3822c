"""Sections that were added, removed or moved, their prose, and the columns of their tables."""

from collections.abc import Iterator
from dataclasses import fields, replace

from compliance.page.diff.column_contents import (
    MOST_IN_A_SENTENCE,
    column_contents,
    contents_sentence,
)
from compliance.page.diff.effects import terms_about, terms_effect, worst_terms
from compliance.page.diff.sentences import (
    capitalised,
    column_title,
    join_names,
    verb_form,
)
from compliance.page.diff.sequences import is_reordered, moved_items
from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.readings import says_its_meaning
from compliance.page.snapshot import Snapshot
from compliance.page.table import Column, Row, Section
from compliance.page.vocabulary import ColumnRole, DataClass

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
# What an attribute of a column is called in a sentence.
_ATTRIBUTES = {"asks": "question", "covers": "kind of data", "unit": "unit"}
# A column with another role is another column, and only a label is told by a change of its own.
_TOLD = ("key", "role", "label")
# Columns that neither make claims nor tell of providers.
_NO_PROMISES = (ColumnRole.MODELS, ColumnRole.TEXT)


def section_names(snapshot: Snapshot) -> dict[str, str]:
    """Return what each section is called, by id: its first heading, else its table."""
    table_count = sum(bool(section.columns) for section in snapshot.sections)
    tables_before = 0
    names = {}
    for place, section in enumerate(snapshot.sections):
        if section.heading:
            names[section.id] = f"“{section.heading}”"
        elif section.columns:
            names[section.id] = _table_name(tables_before, table_count)
        else:
            names[section.id] = _prose_name(place, len(snapshot.sections))
        tables_before += bool(section.columns)
    return names


def _table_name(place: int, count: int) -> str:
    if count == 1:
        return "the table"
    return f"the {_ORDINALS[place]} table" if place < len(_ORDINALS) else f"table {place + 1}"


def _prose_name(place: int, count: int) -> str:
    if place == 0:
        return "the introduction"
    return "the text at the end" if place == count - 1 else "the text between the tables"


def section_changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Give what changed in the sections beside their rows."""
    old_sections = {section.id: section for section in before.sections}
    old_names, names = section_names(before), section_names(after)
    for place, section in enumerate(after.sections):
        old = old_sections.get(section.id)
        if old is not None:
            yield from _prose_change(old, section, place, names[section.id])
            yield from _Columns(old, section, _whose(after, names[section.id])).changes()
        # The rows of the first page tell enough.
        elif before.sections or not section.listings:
            yield _section_added(section, names[section.id])
    kept = {section.id for section in after.sections}
    for section in before.sections:
        if section.id not in kept:
            sentence = f"{capitalised(old_names[section.id])} is no longer on the page."
            yield _change(ChangeKind.SECTION_REMOVED, _prose_effect(section), sentence, section.id)
    for id, previous in moved_items(list(old_names), list(names)):
        where = "first" if previous is None else f"after {names[previous]}"
        sentence = f"{capitalised(old_names[id])} now stands {where}."
        # Prose that a table takes along still speaks of that; other prose may speak of another.
        is_table = bool(old_sections[id].columns)
        effect = Effect.NEUTRAL if is_table else Effect.UNJUDGED
        yield _change(ChangeKind.SECTION_MOVED, effect, sentence, id)


def _prose_effect(section: Section) -> Effect:
    """Return the effect of a section that comes or goes: its rows are told by themselves."""
    return Effect.UNJUDGED if section.prose else Effect.NEUTRAL


def _section_added(section: Section, name: str) -> Change:
    labels = join_names(map(column_title, section.columns))
    nouns = verb_form(len(section.columns), "column", "columns")
    columns = f", with the {nouns} {labels}" if labels else ""
    sentence = f"New section: {name}{columns}."
    return _change(ChangeKind.SECTION_ADDED, _prose_effect(section), sentence, section.id)


def _prose_change(old: Section, new: Section, place: int, name: str) -> Iterator[Change]:
    """Give the change of a section's prose, which is too long to be quoted in the sentence."""
    if old.prose == new.prose:
        return
    if new.heading:
        subject = f"The text of {name}"
    elif place == 0:
        subject = "The introduction"
    elif new.columns:
        subject = f"The text before {name}"
    else:
        subject = capitalised(name)
    lead = f"{subject} reads differently"
    change = _change(ChangeKind.TEXT, Effect.UNJUDGED, f"{lead}.", new.id)
    yield replace(change, lead=lead, before=old.prose, after=new.prose)


def _whose(snapshot: Snapshot, name: str) -> str:
    """Return the end of "the column …" that says of which table, "" where there is only one."""
    tables = [section for section in snapshot.sections if section.columns]
    return f" of {name}" if len(tables) > 1 else ""


class _Columns:
    """The columns of a section that stands on both pages; a column is known by key and role."""

    def __init__(self, old: Section, new: Section, whose: str) -> None:
        self.old, self.new, self.whose = old, new, whose
        self.old_columns = {(column.key, column.role): column for column in old.columns}
        self.new_columns = {(column.key, column.role): column for column in new.columns}

    def changes(self) -> Iterator[Change]:
        if self.old.columns == self.new.columns:
            return
        for id, column in self.new_columns.items():
            if id in self.old_columns:
                yield from self._continued(self.old_columns[id], column)
            else:
                yield self._added(column)
        for id, column in self.old_columns.items():
            if id not in self.new_columns:
                yield self._removed(column)
        if is_reordered(list(self.old_columns), list(self.new_columns)):
            labels = join_names(map(column_title, self.new.columns))
            sentence = f"The columns{self.whose} now stand in the order {labels}."
            yield Change(
                ChangeKind.COLUMNS_REORDERED, Effect.NEUTRAL, sentence, about=(self.new.id,)
            )

    def _continued(self, old: Column, new: Column) -> Iterator[Change]:
        if old.label != new.label:
            sentence = (
                f"The column {column_title(old)}{self.whose} is now headed {column_title(new)}."
            )
            if column_title(old) == column_title(new):
                sentence = f"The label of the column {column_title(new)} is now “{new.label}”."
            kind = ChangeKind.COLUMN_RELABELLED
            yield self._change(kind, Effect.UNJUDGED, sentence, new)
        for field in fields(Column):
            old_value, new_value = getattr(old, field.name), getattr(new, field.name)
            if field.name not in _TOLD and old_value != new_value:
                name = _ATTRIBUTES.get(field.name, field.name)
                sentence = (
                    f"The {name} of the column {column_title(new)}{self.whose} is "
                    f"{_value(new_value)} instead of {_value(old_value)}."
                )
                kind = ChangeKind.COLUMN_CHANGED
                yield self._change(kind, Effect.UNJUDGED, sentence, new, field.name)

    def _added(self, column: Column) -> Change:
        effect = _effect_of_column(self.new, column, is_added=True)
        contents = column_contents(self.new, column)
        if column.role is ColumnRole.PROVIDERS:
            # Each row is told to name them now.
            contents.clear()
        lead = f"New column{self.whose}: {column_title(column)}"
        sentence = f"{lead}.{contents_sentence(contents, 'says')}"
        change = self._change(ChangeKind.COLUMN_ADDED, effect, sentence, column)
        if len(contents) > MOST_IN_A_SENTENCE:
            change = replace(change, lead=lead, after="\n".join(contents))
        return change

    def _removed(self, column: Column) -> Change:
        effect = _effect_of_column(self.old, column, is_added=False)
        contents = column_contents(self.old, column)
        lead = f"The column {column_title(column)}{self.whose} is no longer on the page"
        sentence = f"{lead}.{contents_sentence(contents, 'said')}"
        change = self._change(ChangeKind.COLUMN_REMOVED, effect, sentence, column)
        if len(contents) > MOST_IN_A_SENTENCE:
            change = replace(change, lead=lead, before="\n".join(contents))
        return change

    def _change(
        self, kind: ChangeKind, effect: Effect, sentence: str, column: Column, *fields: str
    ) -> Change:
        return Change(
            kind,
            effect,
            sentence,
            about=(self.new.id, column.key, *fields),
            touches_promise=column.role not in _NO_PROMISES,
        )


def _effect_of_column(section: Section, column: Column, *, is_added: bool) -> Effect:
    """Return weaker where a row's claims are worse with an added column, or without a removed one.

    Better claims in an added column are not called stronger: nothing was said before. Of columns
    without claims, and of claims whose words are not understood, only a person can say what they
    mean.
    """
    if not column.role.is_claim:
        return Effect.UNJUDGED
    others = tuple(other for other in section.columns if other != column)
    without = replace(section, columns=others)
    covers = column.covers or DataClass.ALL_CONTENT
    for listing in section.listings:
        # An empty cell about one kind of data takes back nothing that the other columns say.
        if covers is not DataClass.ALL_CONTENT and not listing.cells[column.key].items:
            continue
        pair = (Row(without, listing), Row(section, listing))
        old, new = pair if is_added else reversed(pair)
        if _is_weaker(old, new, covers):
            return Effect.WEAKER
    cells = [listing.cells[column.key] for listing in section.listings]
    is_understood = all(says_its_meaning(column, cell) for cell in cells if cell.items)
    return Effect.NEUTRAL if is_understood else Effect.UNJUDGED


def _is_weaker(old: Row, new: Row, covers: DataClass) -> bool:
    """Return whether the terms of a row are worse, or those for one kind of data.

    Where the column about abuse logs is gone, all content need not mean them too.
    """
    pairs = [
        (worst_terms([old]), worst_terms([new])),
        (terms_about(old, covers), terms_about(new, covers)),
    ]
    return any(terms_effect(*pair) is Effect.WEAKER for pair in pairs)


def _change(kind: ChangeKind, effect: Effect, sentence: str, section: str) -> Change:
    return Change(kind, effect, sentence, about=(section,))


def _value(value: str | None) -> str:
    return f"“{value.replace('_', ' ')}”" if value else "none"
