"""What the columns of a table mean, as a person, a register, their labels and their cells say."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Self

from compliance.page import slugs
from compliance.page.descriptions import describe_clauses, describe_training
from compliance.page.formats.base import FormatFault, Origin, ReadColumn
from compliance.page.formats.column_content import CellContent, asks_how_long, is_contradicted
from compliance.page.formats.labels import LabelMeaning, label_meaning
from compliance.page.retention import read_clauses
from compliance.page.table import Column, key_words
from compliance.page.training import training_use
from compliance.page.vocabulary import (
    ASKS_BY_ROLE,
    ONCE_IN_A_TABLE,
    Asks,
    ColumnRole,
    DataClass,
    Unit,
)

_ROLES = tuple(role.value for role in ColumnRole)
_ATTRIBUTES: dict[str, dict[str, tuple[StrEnum, ...]]] = {
    ColumnRole.TRAINING: {"asks": ASKS_BY_ROLE[ColumnRole.TRAINING]},
    ColumnRole.RETENTION: {
        "asks": ASKS_BY_ROLE[ColumnRole.RETENTION],
        "covers": tuple(DataClass),
        "unit": tuple(Unit),
    },
}
_SAMPLES = 3


class InvalidColumn(FormatFault):
    """A setting of a column that the page or the role does not allow; the message says why."""


@dataclass(frozen=True, slots=True)
class ColumnSetting:
    """What a person says that the columns with a label mean.

    What is left out is null, whatever the label says. With a `section` and a `place` in its table,
    which is from 0, the setting is for that column alone.
    """

    label: str
    role: ColumnRole
    asks: Asks | None = None
    covers: DataClass | None = None
    unit: Unit | None = None
    section: int | None = None
    place: int | None = None

    @classmethod
    def parse(cls, source: str) -> Self:
        """Return the setting of a text such as "Logs=retention:asks=is_kept:covers=abuse_log".

        A label may hold colons and equals signs: it ends at the last equals sign that a role comes
        after. Raises InvalidColumn.
        """
        parts = source.split("=")
        for end in range(len(parts) - 1, 0, -1):
            role, *attributes = "=".join(parts[end:]).split(":")
            if role.strip() in _ROLES and (label := "=".join(parts[:end]).strip()):
                return cls(label, ColumnRole(role.strip()), **_attributes(role.strip(), attributes))
        label, _, role = source.partition("=")
        problem = f"“{role.split(':')[0].strip()}” is no role"
        if not label.strip() or not role.strip():
            problem = f"“{source}” gives no column a role"
        raise InvalidColumn(
            f"{problem}. Write a label, an equals sign and a role, for example "
            f"“Hosted by=providers”. The roles are {', '.join(_ROLES)}."
        )

    def is_for(self, label: str, section: int, place: int) -> bool:
        """Return whether a column is meant; blanks and capitals make no difference."""
        stands_there = self.section in (None, section) and self.place in (None, place)
        return stands_there and _folded(self.label) == _folded(label)

    def column(self, label: str) -> Column:
        """Return the column that is set, with the label as it is printed, without a key."""
        return Column("", label, self.role, self.asks, self.covers, self.unit)

    def agrees_with(self, column: Column) -> bool:
        """Return whether a column means what is set; what is left out is no contradiction."""
        return self.role is column.role and all(
            wanted in (None, present)
            for wanted, present in (
                (self.asks, column.asks),
                (self.covers, column.covers),
                (self.unit, column.unit),
            )
        )


def check_settings(settings: Sequence[ColumnSetting], tables: Sequence[Sequence[str]]) -> None:
    """Raise InvalidColumn for a setting of a label that no table has, or for two of one label.

    `tables` holds the labels of each table.
    """
    for index, setting in enumerate(settings):
        for earlier in settings[:index]:
            is_other = earlier != setting and setting.place is None
            if is_other and _folded(earlier.label) == _folded(setting.label):
                raise InvalidColumn(f"The column “{setting.label}” is set twice. Set it once.")
        if any(_folded(setting.label) == _folded(label) for labels in tables for label in labels):
            continue
        present = dict.fromkeys(f"“{label}”" for labels in tables for label in labels)
        raise InvalidColumn(
            f"The page has no column “{setting.label}”. "
            + (f"Its columns are {', '.join(present)}." if present else "It has no table.")
        )


def read_columns(
    labels: Sequence[str],
    contents: Callable[[int], Iterable[CellContent]],
    known: Sequence[Column] = (),
    settings: Sequence[ColumnSetting] = (),
    *,
    elsewhere: Sequence[Column] = (),
    section: int = 1,
) -> tuple[ReadColumn, ...]:
    """Return the columns of a table from their labels, and the cells of a column by its place.

    The columns of the table that are `known` stay what they are. Then comes what a person set, and
    then what the label means `elsewhere` in the register, if it means one thing there. Else the
    whole label tells the role, if the cells do not contradict it; all that is not understood is
    text. Raises InvalidColumn for a setting that the table does not allow.
    """
    certain = list(_certain_columns(labels, known, settings, section))
    _check_once(found[0] for found in certain if found)
    roles = {found[0].role for found in certain if found}
    guesses = {
        place: _known_elsewhere(label, elsewhere) or _guess(label, partial(contents, place))
        for place, label in enumerate(labels)
        if not certain[place]
    }
    best = _best_places(guesses)
    free_keys = slugs.FreeSlugs(found[0].key for found in certain if found)
    columns: list[ReadColumn] = []
    for place, label in enumerate(labels):
        found = certain[place] or _guessed(label, place, guesses[place], roles, best)
        column, origin = found
        if not column.key:
            column = replace(column, key=free_keys.take(key_words(column.role, label)))
        samples = tuple(_samples(column, contents(place)))
        columns.append(ReadColumn(section, column, origin, samples))
    return tuple(columns)


def _attributes(role: str, sources: Sequence[str]) -> dict[str, Any]:
    """Return the attributes of a setting; raises InvalidColumn for one that the role lacks."""
    allowed = _ATTRIBUTES.get(role, {})
    found: dict[str, Any] = {}
    for source in sources:
        name, _, value = (part.strip() for part in source.partition("="))
        if name not in allowed:
            has = f"It has {', '.join(allowed)}." if allowed else "Leave it out."
            raise InvalidColumn(f"A {role} column has no attribute “{name}”. {has}")
        values = allowed[name]
        if value not in values:
            raise InvalidColumn(
                f"{name} of a {role} column cannot be “{value}”. It is {_alternatives(values)}."
            )
        if name in found:
            raise InvalidColumn(f"{name} is given twice. Give it once.")
        found[name] = values[values.index(value)]
    return found


def _alternatives(values: Sequence[str]) -> str:
    """Return values as they stand in a sentence: "a, b or c"."""
    *others, last = values
    return f"{', '.join(others)} or {last}" if others else last


def _folded(label: str) -> str:
    return " ".join(label.casefold().split())


_Found = tuple[Column, Origin]
# What a label means, None where it means nothing or its cells something else.
_Guess = tuple[LabelMeaning | None, Origin]


def _certain_columns(
    labels: Sequence[str],
    known: Sequence[Column],
    settings: Sequence[ColumnSetting],
    section: int,
) -> Iterator[_Found | None]:
    """Yield for each label the column that is set or known, None where it must be guessed."""
    taken: set[str] = set()
    for place, label in enumerate(labels):
        same = (column for column in known if column.label == label and column.key not in taken)
        column = next(same, None)
        setting = next((each for each in settings if each.is_for(label, section, place)), None)
        if column:
            _check_known(setting, column)
            taken.add(column.key)
            yield column, Origin.REGISTER
        else:
            yield (setting.column(label), Origin.SET) if setting else None


def _check_known(setting: ColumnSetting | None, column: Column) -> None:
    if setting is None or setting.agrees_with(column):
        return
    if setting.role is not column.role:
        raise InvalidColumn(
            f"The register has “{column.label}” as a {column.role} column, and a column keeps its "
            f"role. Give the column of the page another label, or do not set it."
        )
    raise InvalidColumn(
        f"What “{column.label}” means stands in the register already. Change it on the register's "
        "form in the admin, or do not set it."
    )


def _check_once(columns: Iterable[Column]) -> None:
    """Refuse two columns of a role that a table has once, where no guess can give way."""
    first: dict[ColumnRole, Column] = {}
    for column in columns:
        earlier = first.setdefault(column.role, column)
        if earlier is not column and column.role in ONCE_IN_A_TABLE:
            raise InvalidColumn(
                f"A table has one {column.role} column, and both “{earlier.label}” and "
                f"“{column.label}” would be it. Set one of them to text."
            )


def _known_elsewhere(label: str, elsewhere: Sequence[Column]) -> _Guess | None:
    """Return what a label means in other tables, None where they lack it or do not agree."""
    meanings = {
        LabelMeaning(column.role, column.asks, column.covers, column.unit)
        for column in elsewhere
        if column.label == label
    }
    return (meanings.pop(), Origin.REGISTER) if len(meanings) == 1 else None


def _guess(label: str, cells: Callable[[], Iterable[CellContent]]) -> _Guess:
    meaning = label_meaning(label)
    if meaning is None:
        return None, Origin.TEXT
    if meaning.may_ask_how_long and asks_how_long(cells()):
        meaning = replace(meaning, asks=Asks.HOW_LONG)
    if is_contradicted(meaning, cells()):
        return None, Origin.CELLS
    return meaning, Origin.LABEL


def _best_places(guesses: Mapping[int, _Guess]) -> dict[ColumnRole, int]:
    """Return for each role the place of the first guessed column whose label names it best."""
    best: dict[ColumnRole, tuple[bool, int]] = {}
    for place, (meaning, _) in guesses.items():
        if meaning:
            found = (meaning.is_broad, place)
            best[meaning.role] = min(found, best.get(meaning.role, found))
    return {role: place for role, (_, place) in best.items()}


def _guessed(
    label: str,
    place: int,
    guess: _Guess,
    roles: set[ColumnRole],
    best: Mapping[ColumnRole, int],
) -> _Found:
    """Return a guessed column: text, if another one has the role that a table has once.

    `roles` are those already given, `best` has the places of the guessed columns for each role.
    """
    meaning, origin = guess
    if meaning is None:
        return Column("", label, ColumnRole.TEXT), origin
    is_second = meaning.role in roles or best[meaning.role] != place
    if meaning.role in ONCE_IN_A_TABLE and is_second:
        return Column("", label, ColumnRole.TEXT), Origin.SECOND
    return Column("", label, meaning.role, meaning.asks, meaning.covers, meaning.unit), origin


def _samples(column: Column, cells: Iterable[CellContent]) -> Iterator[tuple[str, str]]:
    """Yield the first distinct words of a column's cells, each with what it means."""
    shown: set[str] = set()
    for cell in cells:
        if len(shown) == _SAMPLES:
            return
        if cell.words and cell.words not in shown:
            shown.add(cell.words)
            yield cell.words, _meaning_of(column, cell.words)


def _meaning_of(column: Column, words: str) -> str:
    """Return what the words of a claim mean, "" in other columns."""
    if column.role is ColumnRole.TRAINING:
        return describe_training(training_use(words, asks=column.asks))
    if column.role is ColumnRole.RETENTION:
        covers = column.covers or DataClass.ALL_CONTENT
        return describe_clauses(
            read_clauses(words, asks=column.asks, covers=covers, unit=column.unit)
        )
    return ""
