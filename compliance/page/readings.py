"""How the words of a claim are read, compared with what the claim stands for."""

import re
from collections.abc import Iterator

from compliance.page.claims import floor_clauses
from compliance.page.retention import read_clauses
from compliance.page.table import Cell, ClaimItem, Clause, Column, Term
from compliance.page.training import training_use
from compliance.page.vocabulary import Asks, ClauseKind, ColumnRole, DataClass, TrainingUse
from compliance.page.wording import MAX_WORDING_LENGTH

# What may stand between words and others that limit them or take them back.
_SEPARATOR = re.compile(
    r"\s*(?:[,;:(]|\.\s|\s[-–—])\s*(?:and |but )?|\s(?=(?:except|unless|but|if|when|where)\b)",
    re.IGNORECASE,
)
# A term by itself reads as in a column of all content.
_TERMS = Column("retention", "", ColumnRole.RETENTION, asks=Asks.HOW_LONG)
_LIMITED_USES = {TrainingUse.OPT_IN, TrainingUse.CONDITIONAL, TrainingUse.OPT_OUT}
_ENDING_KINDS = {ClauseKind.NONE, ClauseKind.DURATION, ClauseKind.UNTIL_EVENT}


def read_retention(column: Column, words: str) -> tuple[Clause, ...]:
    """Return the clauses of plain words in a retention column."""
    covers = column.covers or DataClass.ALL_CONTENT
    return read_clauses(words, asks=column.asks, covers=covers, unit=column.unit)


def says_its_meaning(column: Column, cell: Cell) -> bool:
    """Return whether the words of a claim are understood, and mean exactly what it stands for."""
    return _means(column, cell.plain, cell)


def term_says_its_meaning(term: Term) -> bool:
    """Return whether the words of a declared retention mean exactly its clauses."""
    return says_its_meaning(_TERMS, _cell(term))


def floor_says_its_meaning(floor: Term) -> bool:
    """Return whether the words of a floor mean exactly its clauses, each a shortest time."""
    return _are_read(floor_clauses(read_clauses(floor.plain)), floor_clauses(floor.clauses))


def is_unproven(column: Column, cell: Cell) -> bool:
    """Return whether a claim promises what its words are not understood to say.

    They are not understood as a whole. The claim says that nothing is kept, or that nobody trains;
    or it promises what some of the words say, such as "30 days" of "30 days, except under a court
    order", and the others do not count.
    """
    kinds = {clause.kind for clause in cell.clauses or ()}
    if _is_read(column, cell.plain):
        return False
    if cell.use is TrainingUse.NEVER or kinds == {ClauseKind.NONE}:
        return True
    is_promise = cell.use in _LIMITED_USES or not kinds.isdisjoint(_ENDING_KINDS)
    return is_promise and _is_understood_in_part(column, cell)


def is_unproven_term(term: Term) -> bool:
    """Return whether a declared retention promises what its words are not understood to say."""
    return is_unproven(_TERMS, _cell(term))


def _cell(term: Term) -> Cell:
    return Cell((ClaimItem(term.text),), clauses=term.clauses)


def _is_read(column: Column, words: str) -> bool:
    """Return whether words are understood as a whole, whatever they mean."""
    if column.role is ColumnRole.TRAINING:
        return training_use(words, asks=column.asks) is not TrainingUse.UNKNOWN
    return _are_understood(read_retention(column, words))


def _is_understood_in_part(column: Column, cell: Cell) -> bool:
    """Return whether some words of a claim, before or behind others, mean what it stands for."""
    if len(cell.plain) > MAX_WORDING_LENGTH:
        return False
    return any(_means(column, words, cell) for words in _parts(cell.plain) if words)


def _parts(words: str) -> Iterator[str]:
    """Give what stands before each separator of a wording, and what stands behind it."""
    for match in _SEPARATOR.finditer(words):
        yield words[: match.start()]
        yield words[match.end() :]


def _means(column: Column, words: str, cell: Cell) -> bool:
    """Return whether words are understood as exactly what a claim stands for."""
    if column.role is ColumnRole.TRAINING:
        use = cell.use or TrainingUse.NOT_STATED
        return use is not TrainingUse.UNKNOWN and use is training_use(words, asks=column.asks)
    return _are_read(read_retention(column, words), cell.clauses or ())


def _are_read(read: tuple[Clause, ...], clauses: tuple[Clause, ...]) -> bool:
    return _are_understood(read) and set(read) == set(clauses)


def _are_understood(read: tuple[Clause, ...]) -> bool:
    return all(clause.kind is not ClauseKind.UNKNOWN for clause in read)
