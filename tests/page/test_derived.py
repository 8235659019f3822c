"""compliance.page.derived: what a row that states no claim prints."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compliance.page.claims import floor_clauses
from compliance.page.derived import derived_cell
from compliance.page.retention import read_clauses
from compliance.page.severity import Standing
from compliance.page.snapshot import Declared
from compliance.page.table import Column, Term
from compliance.page.vocabulary import (
    Asks,
    Basis,
    ClauseKind,
    ColumnRole,
    DataClass,
    TrainingUse,
    Trigger,
)
from tests.page.test_claims import CLAUSES

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


@pytest.mark.parametrize(
    ("declared", "floors", "words"),
    [
        (["Zero data retention (opt-in)"], [], "Zero data retention (opt-in)"),
        (["30 days", "Zero data retention (opt-in)"], [], "Not specified"),
        (["30 days", "Flagged prompts: 2 years"], [], "Not specified"),
        (["30 days", "Not stored (flagged prompts: 2 years)"], [], "30 days; flagged content: 2 years"),
        (["60 days", "30 days (prompts: 2 years if flagged)"], [], "60 days; prompts: 2 years if flagged"),
        (["30 days", "7 days; files: 1 year"], [], "30 days; files: 1 year"),
        (["Zero data retention (opt-in)", "Not stored with opt-in"], [], "Zero data retention (opt-in)"),
        (["Flagged prompts: 2 years"], ["Flagged prompts: 1 year"], "Flagged prompts: 2 years"),
        (["Flagged prompts: 2 years"], ["30 days"], "Flagged prompts: 2 years"),
        (["60 days"], ["At least 30 days"], "60 days"),
        (["60 days", "At least 1 day"], [], "At least 1 day"),
        (["Not stored"], ["At least 30 days"], "At least 30 days"),
        (["Not stored", "Not stored; 30 days with opt-in"], [], "Not stored; 30 days with opt-in"),
        (["30 days; not stored with opt-in", "7 days"], [], "30 days"),
        (["Not stored"], ["Flagged prompts: 2 years"], "Not stored; flagged content: 2 years"),
        (["30 days (flagged prompts: 2 years)"], ["Flagged prompts: 1 year"], "30 days (flagged prompts: 2 years)"),
        (["Prompts: 7 days; outputs: 30 days", "Not stored"], [], "Prompts: 7 days; outputs: 30 days"),
    ],
)  # fmt: skip
def test_a_retention_cell_promises_no_more_than_all_of_its_sources(declared, floors, words):
    providers = [declares(retention=wording) for wording in declared]

    cell = derived_cell(RETENTION, providers, [term(floor) for floor in floors])

    assert cell.plain == words
    assert cell.clauses == read_clauses(words)


@pytest.mark.parametrize(
    ("covers", "declared", "words"),
    [
        (DataClass.ABUSE_LOG, ["30 days; abuse logs: 1 year", "abuse logs: 7 days"], "1 year"),
        (DataClass.ABUSE_LOG, ["30 days", "abuse logs: 7 days"], "Not specified"),
        (DataClass.PROMPT, ["30 days", "Prompts: 7 days; outputs: 1 year"], "30 days"),
        (DataClass.PROMPT, ["Outputs: 1 year"], "Not specified"),
        (DataClass.FLAGGED_CONTENT, ["30 days (flagged prompts: 2 years)", "Flagged content: 1 year"], "2 years"),
    ],
)  # fmt: skip
def test_a_column_about_one_kind_of_data_prints_what_is_declared_of_that(covers, declared, words):
    column = replace(RETENTION, covers=covers)

    cell = derived_cell(column, [declares(retention=wording) for wording in declared], [])

    assert cell.plain == words
    assert cell.clauses == read_clauses(words, covers=covers)


def test_a_term_without_clauses_is_printed_and_counts_as_not_stated():
    unjudged = Declared(None, Term("90 days", ()))

    alone = derived_cell(RETENTION, [unjudged], [])
    beside = derived_cell(RETENTION, [unjudged, declares(retention="30 days")], [])

    assert (alone.plain, alone.clauses) == ("90 days", ())
    assert beside.plain == "Not specified"


DECLARED = st.lists(CLAUSES, min_size=1, max_size=3).map(lambda clauses: Term("…", tuple(clauses)))


@given(st.lists(DECLARED, min_size=1, max_size=3), st.lists(DECLARED, max_size=2))
def test_a_derived_cell_is_as_bad_in_each_case_as_what_it_follows_from(declared, floors):
    providers = [Declared(None, found) for found in declared]

    cell = derived_cell(RETENTION, providers, floors)

    found = Standing.of(cell.clauses)
    for source in declared:
        assert not Standing.of(source.clauses).is_worse_than(found)
    for floor in floors:
        assert not Standing.of(floor_clauses(floor.clauses)).is_worse_than(found)


def can_be_worded(clause):
    """Return whether a wording can say what a clause does: none has two conditions."""
    is_flagged = clause.data_class is DataClass.FLAGGED_CONTENT
    has_two = is_flagged and clause.trigger is Trigger.OPT_IN
    return not has_two and clause.kind is not ClauseKind.UNKNOWN


@pytest.mark.slow
@settings(max_examples=300)
@given(CLAUSES)
def test_a_made_wording_is_read_as_it_is_meant(clause):
    assume(can_be_worded(clause))
    floor = Term("…", (clause,))

    cell = derived_cell(RETENTION, [declares(retention="Not stored")], [floor])

    assume(cell.plain != "…")
    assert Standing.of(read_clauses(cell.plain)).ranks == Standing.of(cell.clauses).ranks


@given(st.lists(DECLARED, min_size=2, max_size=3))
def test_a_wording_made_of_several_terms_is_read_as_no_better(declared):
    assume(all(can_be_worded(clause) for term in declared for clause in term.clauses))

    cell = derived_cell(RETENTION, [Declared(None, found) for found in declared], [])

    assume(cell.plain != "…")
    assert not Standing.of(cell.clauses).is_worse_than(Standing.of(read_clauses(cell.plain)))
