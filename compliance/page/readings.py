"""How the words of a claim are read, compared with what the claim stands for."""

from compliance.page.claims import floor_clauses
from compliance.page.retention import read_clauses
from compliance.page.table import Cell, Clause, Column, Term
from compliance.page.training import training_use
from compliance.page.vocabulary import ClauseKind, ColumnRole, DataClass, TrainingUse


def read_retention(column: Column, words: str) -> tuple[Clause, ...]:
    """Return the clauses of plain words in a retention column."""
    covers = column.covers or DataClass.ALL_CONTENT
    return read_clauses(words, asks=column.asks, covers=covers, unit=column.unit)


def says_its_meaning(column: Column, cell: Cell) -> bool:
    """Return whether the words of a claim are understood, and mean exactly what it stands for."""
    if column.role is ColumnRole.TRAINING:
        use = cell.use or TrainingUse.NOT_STATED
        return use is not TrainingUse.UNKNOWN and use is training_use(cell.plain, asks=column.asks)
    return _are_read(read_retention(column, cell.plain), cell.clauses or ())


def term_says_its_meaning(term: Term) -> bool:
    """Return whether the words of a declared retention mean exactly its clauses."""
    return _are_read(read_clauses(term.plain), term.clauses)


def floor_says_its_meaning(floor: Term) -> bool:
    """Return whether the words of a floor mean exactly its clauses, each a shortest time."""
    return _are_read(floor_clauses(read_clauses(floor.plain)), floor_clauses(floor.clauses))


def _are_read(read: tuple[Clause, ...], clauses: tuple[Clause, ...]) -> bool:
    is_understood = all(clause.kind is not ClauseKind.UNKNOWN for clause in read)
    return is_understood and set(read) == set(clauses)
