"""compliance.page.derived: what a row that states no claim prints."""

import pytest

from compliance.page.derived import derived_cell
from compliance.page.retention import read_clauses
from compliance.page.snapshot import Declared
from compliance.page.table import Column, Term
from compliance.page.vocabulary import Asks, Basis, ColumnRole, DataClass, TrainingUse

TRAINING = Column("training", "Trains", ColumnRole.TRAINING, asks=Asks.TRAINS)
PRIVATE = Column("training", "Private", ColumnRole.TRAINING, asks=Asks.DOES_NOT_TRAIN)
RETENTION = Column(
    "retention",
    "Retention",
    ColumnRole.RETENTION,
    asks=Asks.HOW_LONG,
    covers=DataClass.ALL_CONTENT,
)


def declares(training=None, retention=None):
    return Declared(training, term(retention) if retention else None)


def term(words):
    return Term(words, read_clauses(words))


@pytest.mark.parametrize(
    ("column", "uses", "words"),
    [
        (TRAINING, [TrainingUse.NEVER, TrainingUse.NEVER], "No"),
        (TRAINING, [TrainingUse.NEVER, TrainingUse.BY_DEFAULT], "Yes"),
        (PRIVATE, [TrainingUse.NEVER, TrainingUse.BY_DEFAULT], "No"),
        (TRAINING, [TrainingUse.NEVER, None], "Not specified"),
        (TRAINING, [], "Not specified"),
    ],
)
def test_a_training_cell_is_the_worst_that_a_provider_declares(column, uses, words):
    cell = derived_cell(column, [declares(use) if use else None for use in uses], [])

    assert (cell.plain, cell.basis) == (words, Basis.DERIVED)


@pytest.mark.parametrize(
    ("declared", "floors", "words"),
    [
        (["30 days", "24 hours"], [], "30 days"),
        (["24 hours"], ["30 days"], "30 days"),
        (["24 hours"], ["1 hour"], "24 hours"),
        (["24 hours", None], ["30 days"], "Not specified"),
        ([], [], "Not specified"),
    ],
)
def test_a_retention_cell_is_the_worst_of_declarations_and_floors(declared, floors, words):
    providers = [declares(retention=wording) for wording in declared]

    cell = derived_cell(RETENTION, providers, [term(floor) for floor in floors])

    assert (cell.plain, cell.basis) == (words, Basis.DERIVED)
    assert cell.clauses == read_clauses(words)
