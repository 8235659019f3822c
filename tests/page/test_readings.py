"""compliance.page.readings: whether the words of a claim are read as what it stands for."""

import pytest

from compliance.page.readings import (
    floor_says_its_meaning,
    says_its_meaning,
    term_says_its_meaning,
)
from compliance.page.retention import read_clauses
from compliance.page.table import Cell, ClaimItem, Column, Term, empty_cell
from compliance.page.vocabulary import Asks, ColumnRole, TrainingUse, Unit

DAYS = Column("retention", "Days", ColumnRole.RETENTION, asks=Asks.HOW_LONG, unit=Unit.DAYS)
EXCLUDED = Column("training", "Excluded", ColumnRole.TRAINING, asks=Asks.DOES_NOT_TRAIN)
MONTH = read_clauses("30 days")


@pytest.mark.parametrize(("words", "clauses", "is_said"), [
    ("30", MONTH, True),
    ("30 days", MONTH, True),
    ("31", MONTH, False),
    ("30, roughly speaking", MONTH, False),
    ("Files: 7; 30 days for prompts and outputs", read_clauses("30 days; files: 7 days"), True),
    ("As the wind blows", read_clauses("As the wind blows"), False),
])  # fmt: skip
def test_a_retention_is_read_below_its_label_and_not_understood_is_no_meaning(
    words, clauses, is_said
):
    assert says_its_meaning(DAYS, Cell((ClaimItem(words),), clauses=clauses)) is is_said


@pytest.mark.parametrize(("words", "use", "is_said"), [
    ("Yes", TrainingUse.NEVER, True),
    ("No", TrainingUse.NEVER, False),
    ("As in the terms", TrainingUse.NEVER, False),
    ("As in the terms", TrainingUse.UNKNOWN, False),
])  # fmt: skip
def test_words_about_training_are_read_below_their_label(words, use, is_said):
    assert says_its_meaning(EXCLUDED, Cell((ClaimItem(words),), use=use)) is is_said


@pytest.mark.parametrize("column", [DAYS, EXCLUDED])
def test_an_empty_claim_says_that_nothing_is_stated(column):
    assert says_its_meaning(column, empty_cell(column.role))


def test_a_floor_is_a_shortest_time_whatever_its_words():
    at_least = Term("At least 30 days", MONTH)

    assert floor_says_its_meaning(at_least)
    assert not term_says_its_meaning(at_least)
    assert term_says_its_meaning(Term("30 days", MONTH))
