"""What the columns of a table mean, as their labels and cells say."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Self

from compliance.page.formats.base import FormatFault, Origin, ReadColumn
from compliance.page.retention import read_clauses
from compliance.page.table import Column, column_key
from compliance.page.training import training_use
from compliance.page.vocabulary import (
    ASKS_BY_ROLE,
    ONCE_IN_A_TABLE,
    Asks,
    ClauseKind,
    ColumnRole,
    DataClass,
    TrainingUse,
    Unit,
)

# Whole labels only: "Trains (free plan)" promises less than "Trains", and must stay text.
_USERS = r"(?:(?:user|users|customer|your|our|api)(?:'s|s')? )?"
_DATA = rf"{_USERS}(?:data|prompts|inputs|content|inputs and outputs|prompts and outputs)"
_BY_API = r"(?: (?:via|for|by|through) (?:the )?api)?"
_MODEL = r"(?:ai |language |underlying )?models?|llms?"
_PROVIDER = (
    r"(?:(?:ai |api |model |llm |inference |hosting |third party |service )?"
    r"(?:providers?|hosts?|vendors?|sub ?processors?|processors?))|hosted by|served by|recipients?"
)
_TRAINS = (
    rf"trains?(?: on {_DATA})?{_BY_API}|training(?: use| on {_DATA})?{_BY_API}"
    rf"|(?:{_DATA} )?used (?:for training|to train)"
)
_DOES_NOT_TRAIN = (
    rf"(?:does not|doesn't|never|no) train(?:ing|s)?(?: on {_DATA})?{_BY_API}"
    rf"|(?:{_DATA} )?not used (?:for training|to train)"
)
_KEPT = "kept|stored|retained|logged|saved"
_HOW_LONG = (
    rf"(?:{_DATA} )?retention(?: (?:period|policy|time|duration))?{_BY_API}"
    rf"|how long (?:{_DATA} )?(?:is |are )?(?:{_KEPT})|(?:{_KEPT}) for"
)
_IS_KEPT = rf"(?:keeps|stores|retains|logs|saves) {_DATA}|(?:{_DATA} )?(?:{_KEPT})"
_IS_NOT_KEPT = (
    rf"(?:zero|no) (?:data )?retention|zdr|(?:{_DATA} )?not (?:{_KEPT})"
    rf"|does not (?:keep|store|retain|log|save) {_DATA}"
)
_DOCUMENT = (
    r"(?:privacy )?(?:policy|policies|faqs?|notices?)|terms(?: of (?:service|use))?|documents?"
    r"|policy documents?|dpas?|agreements?|contracts?"
)
_PLACE = (
    r"(?:(?:data |hosting |processing |server |storage )?(?:location|country|countries|region)s?)"
    r"|(?:country|location|place) of (?:processing|storage|hosting)"
)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a label says that its column is about."""

    role: ColumnRole
    asks: Asks | None = None
    unit: Unit | None = None


_MEANINGS = (
    (_MODEL + r"|model names?", _Meaning(ColumnRole.MODELS)),
    (_PROVIDER, _Meaning(ColumnRole.PROVIDERS)),
    (_TRAINS, _Meaning(ColumnRole.TRAINING, Asks.TRAINS)),
    (_DOES_NOT_TRAIN, _Meaning(ColumnRole.TRAINING, Asks.DOES_NOT_TRAIN)),
    (_HOW_LONG, _Meaning(ColumnRole.RETENTION, Asks.HOW_LONG)),
    (_IS_NOT_KEPT, _Meaning(ColumnRole.RETENTION, Asks.IS_NOT_KEPT)),
    (_IS_KEPT, _Meaning(ColumnRole.RETENTION, Asks.IS_KEPT)),
    (rf"(?:{_DOCUMENT})(?: (?:{_DOCUMENT}))*", _Meaning(ColumnRole.DOCUMENTS)),
    (_PLACE, _Meaning(ColumnRole.PLACES)),
)
_PATTERNS = tuple((re.compile(rf"(?:{label})\Z"), meaning) for label, meaning in _MEANINGS)
_IN_DAYS = re.compile(r" (?:in )?days\Z")
_BARE = {"yes", "no", "✓", "✗", "✔", "✘", "✅", "❌"}
# So many cells that say something else show that a label means something else.
_ENOUGH = 3

_ROLES = tuple(role.value for role in ColumnRole)
_ATTRIBUTES: dict[ColumnRole, dict[str, tuple[StrEnum, ...]]] = {
    ColumnRole.TRAINING: {"asks": ASKS_BY_ROLE[ColumnRole.TRAINING]},
    ColumnRole.RETENTION: {
        "asks": ASKS_BY_ROLE[ColumnRole.RETENTION],
        "covers": tuple(DataClass),
        "unit": tuple(Unit),
    },
}


class InvalidColumn(FormatFault):
    """A setting of a column that the page or the role does not allow; the message says why."""


@dataclass(frozen=True, slots=True)
class ColumnSetting:
    """What a person says that the columns with a label mean."""

    label: str
    role: ColumnRole
    asks: Asks | None = None
    covers: DataClass | None = None
    unit: Unit | None = None

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
        raise InvalidColumn(
            f"“{source}” gives no column a role. Write a label, an equals sign and a role, for "
            f"example “Hosted by=providers”. The roles are {', '.join(_ROLES)}."
        )

    def column(self, label: str) -> Column:
        """Return the column that is set, with the label as it is printed, without a key."""
        return Column("", label, self.role, self.asks, self.covers, self.unit)


def read_columns(
    labels: Sequence[str],
    contents: Callable[[int], Iterable[str]],
    known: Sequence[Column] = (),
    settings: Sequence[ColumnSetting] = (),
    *,
    section: int = 1,
) -> tuple[ReadColumn, ...]:
    """Return the columns of a table from their labels, and the words of a column's cells by place.

    What a person set comes first, then a known column with the label. Else the whole label tells
    the role, if the cells do not contradict it; all that is not understood is text.
    """
    columns: list[ReadColumn] = []
    for place, label in enumerate(labels):
        taken = {read.column.key for read in columns}
        found, origin = _found(label, partial(contents, place), known, settings, taken)
        roles = {read.column.role for read in columns}
        if found.role in ONCE_IN_A_TABLE and found.role in roles:
            found, origin = Column("", label, ColumnRole.TEXT), Origin.TEXT
        key = found.key or column_key(found.role, label, taken)
        columns.append(ReadColumn(section, replace(found, key=key), origin))
    return tuple(columns)


def _attributes(role: str, sources: Sequence[str]) -> dict[str, Any]:
    """Return the attributes of a setting; raises InvalidColumn for one that the role lacks."""
    found: dict[str, Any] = {}
    for source in sources:
        name, _, value = (part.strip() for part in source.partition("="))
        allowed = _ATTRIBUTES.get(ColumnRole(role), {}).get(name)
        if allowed is None:
            raise InvalidColumn(f"A {role} column has no attribute “{name}”.")
        if value not in allowed:
            raise InvalidColumn(
                f"“{value}” is no value of {name} in a {role} column: {', '.join(allowed)}."
            )
        found[name] = allowed[allowed.index(value)]
    return found


def _found(
    label: str,
    cells: Callable[[], Iterable[str]],
    known: Sequence[Column],
    settings: Sequence[ColumnSetting],
    taken: set[str],
) -> tuple[Column, Origin]:
    for setting in settings:
        if setting.label == label:
            return setting.column(label), Origin.SET
    for column in known:
        if column.label == label and column.key not in taken:
            return column, Origin.REGISTER
    column = _guessed(label, cells)
    return column, Origin.TEXT if column.role is ColumnRole.TEXT else Origin.LABEL


def _guessed(label: str, cells: Callable[[], Iterable[str]]) -> Column:
    """Return a column without a key."""
    meaning = _meaning(label)
    if meaning is None or _is_contradicted(meaning, filter(None, cells())):
        return Column("", label, ColumnRole.TEXT)
    return Column("", label, meaning.role, asks=meaning.asks, unit=meaning.unit)


def _meaning(label: str) -> _Meaning | None:
    words = " ".join(re.sub(r"[^\w']+", " ", label.casefold().replace("’", "'")).split())
    whole = _IN_DAYS.sub("", words)
    for pattern, meaning in _PATTERNS:
        if pattern.match(words):
            return meaning
        if meaning.role is ColumnRole.RETENTION and pattern.match(whole):
            return replace(meaning, unit=Unit.DAYS)
    return None


def _is_contradicted(meaning: _Meaning, filled: Iterable[str]) -> bool:
    """Return whether the filled cells show that a column is about something else.

    It looks at no more cells than it must.
    """
    count = 0
    for cell in filled:
        if _is_confirmed(meaning, cell):
            return False
        count += 1
    return count >= (1 if meaning.role in ONCE_IN_A_TABLE else _ENOUGH)


def _is_confirmed(meaning: _Meaning, cell: str) -> bool:
    if meaning.role in ONCE_IN_A_TABLE:
        return cell.casefold() not in _BARE
    if meaning.role is ColumnRole.TRAINING:
        return training_use(cell, asks=meaning.asks) is not TrainingUse.UNKNOWN
    return meaning.role is not ColumnRole.RETENTION or _is_read(cell, meaning)


def _is_read(cell: str, meaning: _Meaning) -> bool:
    clauses = read_clauses(cell, asks=meaning.asks, unit=meaning.unit)
    return any(clause.kind is not ClauseKind.UNKNOWN for clause in clauses)
