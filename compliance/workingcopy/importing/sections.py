"""The sections of a page and the columns of their tables."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.models import Column, Register, Section
from compliance.models.positions import arrange
from compliance.models.tracked import Tracked
from compliance.page import snapshot, table
from compliance.page.matching import match_sections
from compliance.workingcopy.importing.identity import given_id
from compliance.workingcopy.matching import ColumnPlace, match_columns
from compliance.workingcopy.sections import read_training_anew
from compliance.workingcopy.writes import Writes


@dataclass(frozen=True)
class Table:
    """A section of the page, its record, and the records of its columns by the page's keys."""

    wanted: table.Section
    section: Section
    columns: dict[str, Column]


@dataclass(frozen=True)
class Tables:
    """The sections of a page, what each column of the register was, and what the page has dropped.

    `dropped` can be deleted when no listing and no cell stands there any more.
    """

    present: tuple[Table, ...]
    columns: dict[Any, Column]
    dropped: tuple[Tracked, ...]


def write_sections(
    page: snapshot.Snapshot,
    register: Register,
    before: snapshot.Snapshot | None,
    *,
    with_facts: bool,
    continued: Mapping[ColumnPlace, str | None],
) -> Tables:
    """Make the sections and columns of a register those of the page.

    `before` is the working copy as it was, `with_facts` whether the page says what its columns
    mean, as JSON does. `continued` has what a person told: the key of the register's column that a
    column of the page is, or None for a new one.
    """
    existing = list(register.sections.all())
    former = before.sections if before else ()
    partners = match_sections(former, page.sections)
    columns: defaultdict[Any, list[Column]] = defaultdict(list)
    for column in Column.objects.filter(section__register=register):
        columns[column.section_id].append(column)
    by_key = {column.pk: column for of_section in columns.values() for column in of_section}
    asked = {column: column.asks for column in by_key.values()}
    writes = Writes()
    sections = _sections(writes, register, page, existing, partners)
    dropped: list[Tracked] = []
    tables = []
    for number, (wanted, section) in enumerate(zip(page.sections, sections, strict=True), 1):
        present = columns[section.pk]
        told = {place: key for (other, place), key in continued.items() if other == number}
        kept = _columns(writes, section, present, wanted.columns, told, with_facts=with_facts)
        dropped += [column for column in present if column not in kept]
        keys = [column.key for column in wanted.columns]
        tables.append(Table(wanted, section, dict(zip(keys, kept, strict=True))))
    writes.write()
    read_training_anew(asked)
    dropped += [existing[i] for i in range(len(existing)) if i not in partners]
    return Tables(tuple(tables), by_key, tuple(dropped))


def _sections(
    writes: Writes,
    register: Register,
    page: snapshot.Snapshot,
    existing: Sequence[Section],
    partners: Sequence[int | None],
) -> list[Section]:
    sections = []
    for wanted, partner in zip(page.sections, partners, strict=True):
        if partner is not None:
            sections.append(existing[partner])
            continue
        section = Section(register=register)
        section.id = given_id(wanted.id) or section.id
        sections.append(section)
    positions = arrange(
        [None if section._state.adding else section.position for section in sections]
    )
    for wanted, section, position in zip(page.sections, sections, positions, strict=True):
        writes.set(section, position=position, prose=wanted.prose)
    return sections


def _columns(
    writes: Writes,
    section: Section,
    present: Sequence[Column],
    wanted: Sequence[table.Column],
    told: Mapping[int, str | None],
    *,
    with_facts: bool,
) -> list[Column]:
    """Return the columns of a section in the order of the page."""
    former = [column.to_snapshot() for column in present]
    partners = match_columns(former, wanted, by_key=with_facts, told=told)
    columns = [
        Column(section=section) if partner is None else present[partner] for partner in partners
    ]
    positions = arrange([None if column._state.adding else column.position for column in columns])
    taken = {column.key for column in present}
    for column, shown, position in zip(columns, wanted, positions, strict=True):
        if column._state.adding:
            values = Column.values_of(shown)
            if shown.key in taken:
                values["key"] = table.column_key(shown.role, shown.label, taken)
            taken.add(values["key"])
        else:
            values = _changed_values(column, shown, with_facts=with_facts)
        writes.set(column, position=position, **values)
    return columns


def _changed_values(column: Column, shown: table.Column, *, with_facts: bool) -> dict[str, Any]:
    """Return what the page says of a column that is there already.

    A page without facts says what a column means by its label only, so a label that stays tells
    nothing new.
    """
    values = Column.values_of(shown)
    if not with_facts and column.label == shown.label:
        return {}
    return {name: values[name] for name in ("label", "asks", "covers", "unit")}
