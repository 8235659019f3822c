"""How the columns of a page were read, told to whoever brings the page."""

from collections.abc import Sequence

from compliance.page.formats.base import Origin, ReadColumn
from compliance.page.table import COLUMN_FIELDS, Column
from compliance.page.vocabulary import ColumnRole, DataClass

_ORIGINS = {
    Origin.SET: "set",
    Origin.REGISTER: "as in the register",
    Origin.LABEL: "guessed from its label",
    Origin.TEXT: "its label is not known",
    Origin.CELLS: "its cells do not fit its label",
    Origin.SECOND: "the table has another column of that kind",
}
_LONGEST_SAMPLE = 60


def has_guessed_claims(columns: Sequence[ReadColumn]) -> bool:
    """Return whether it was guessed what a training or retention column means."""
    return any(read.origin is Origin.LABEL and read.column.role.is_claim for read in columns)


def describe_columns(columns: Sequence[ReadColumn]) -> tuple[str, ...]:
    """Return a sentence or two for each column; none if the register has all of them."""
    if all(read.origin is Origin.REGISTER for read in columns):
        return ()
    tables = list(dict.fromkeys(read.section for read in columns))
    sentences = []
    for read in columns:
        where = f"Table {tables.index(read.section) + 1}, column" if len(tables) > 1 else "Column"
        label = read.column.label
        meaning = f"{describe_column(read.column)} ({_ORIGINS[read.origin]})."
        sentences.append(f"{where} “{label}”: {meaning}{_samples(read)}")
    return tuple(sentences)


def describe_column(column: Column) -> str:
    """Return the role and the attributes of a column in the words in which they are set."""
    if column.role is ColumnRole.TEXT:
        return "text, which promises nothing"
    parts = [column.role.value]
    for name in COLUMN_FIELDS.get(column.role, ()):
        value = getattr(column, name)
        if name == "asks" and value is None:
            parts.append("asks nothing")
        elif value is not None and value is not DataClass.ALL_CONTENT:
            parts.append(f"{name} {value}")
    return ", ".join(parts)


def _samples(read: ReadColumn) -> str:
    """Return the first cells with what they mean, as the end of a line."""
    if not read.samples:
        return " All its cells are empty."
    told = []
    for words, meaning in read.samples:
        shown = f"“{_cut(words)}”"
        told.append(f"{shown}: {meaning}" if meaning else shown)
    return f" {'; '.join(told)}."


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST_SAMPLE else f"{words[: _LONGEST_SAMPLE - 1]}…"
