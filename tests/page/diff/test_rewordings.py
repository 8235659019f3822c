"""compliance.page.diff: other words of a claim that stand for what the claim stood for before."""

from dataclasses import replace

import pytest

from compliance.page.diff import Effect, compare
from compliance.page.retention import read_clauses
from compliance.page.snapshot import Declared
from compliance.page.table import Cell, ClaimItem, Column, Listing, ModelItem, Term
from compliance.page.vocabulary import Asks, Basis, ColumnRole, DataClass, TrainingUse
from tests.page.diff.shapes import ATLAS, PAGE, with_cells, with_section

NEUTRAL, STRONGER, UNJUDGED = Effect.NEUTRAL, Effect.STRONGER, Effect.UNJUDGED
NONE, MONTH = read_clauses("Not stored"), read_clauses("30 days")
FILES_LAST = read_clauses("30 days; files: 1 day")
COURT = "Not stored, except where a court orders all prompts to be kept"
NEVER, BY_DEFAULT = TrainingUse.NEVER, TrainingUse.BY_DEFAULT
RATED = "No, except prompts that users rate"


def retention(text, clauses):
    return Cell((ClaimItem(text),), basis=Basis.STATED, clauses=clauses)


def training(text, use):
    return Cell((ClaimItem(text),), basis=Basis.STATED, use=use)


def effect_of(before, after):
    [change] = compare(before, after)
    assert change.touches_promise
    return change.effect


@pytest.mark.parametrize(("old", "new", "effect"), [
    (("Not stored", NONE), (COURT, NONE), UNJUDGED),
    ((COURT, NONE), ("Not stored", NONE), UNJUDGED),
    ((COURT, NONE), (COURT.upper(), NONE), NEUTRAL),
    (("Not stored", NONE), ("Zero data retention", NONE), NEUTRAL),
    (("30 days", MONTH), ("30 days, but audited at random", MONTH), UNJUDGED),
    (("30 days; files: 1 day", FILES_LAST), ("Files: 1 day; prompts and outputs: 30 days", FILES_LAST[::-1]), NEUTRAL),
    (("30 days", MONTH), (COURT, NONE), UNJUDGED),
    (("30 days", MONTH), ("30 days", NONE), UNJUDGED),
    (("30 days", MONTH), ("Not stored", NONE), STRONGER),
    (("Kept as the law says", read_clauses("Kept")), ("Not stored", NONE), STRONGER),
    (("Not stored", NONE), ("30 days, but audited at random", MONTH), Effect.WEAKER),
])  # fmt: skip
def test_other_words_of_a_retention_are_judged_only_where_they_are_read_as_its_clauses(
    old, new, effect
):
    before = with_cells(PAGE, "nova", retention=retention(*old))

    assert effect_of(before, with_cells(PAGE, "nova", retention=retention(*new))) is effect


@pytest.mark.parametrize(("old", "new", "effect"), [
    (("Never", NEVER), (RATED, NEVER), UNJUDGED),
    (("Never", NEVER), ("Not used for training", NEVER), NEUTRAL),
    (("No", NEVER), ("NO.", NEVER), NEUTRAL),
    (("Yes", BY_DEFAULT), (RATED, NEVER), UNJUDGED),
    (("Yes", BY_DEFAULT), ("No", NEVER), STRONGER),
    (("As in the terms", NEVER), ("As in the Terms", NEVER), NEUTRAL),
    (("As in the terms", NEVER), ("No", NEVER), UNJUDGED),
])  # fmt: skip
def test_other_words_about_training_are_judged_only_where_they_are_read_as_its_use(
    old, new, effect
):
    before = with_cells(PAGE, "nova", training=training(*old))

    assert effect_of(before, with_cells(PAGE, "nova", training=training(*new))) is effect


def test_words_are_read_below_the_label_that_they_had():
    def asking(asks, words):
        columns = tuple(
            replace(column, asks=asks) if column.role is ColumnRole.TRAINING else column
            for column in PAGE.sections[0].columns
        )
        page = with_section(PAGE, "models", columns=columns)
        return with_cells(page, "nova", training=training(words, NEVER))

    changes = compare(asking(Asks.TRAINS, "No"), asking(Asks.DOES_NOT_TRAIN, "Yes"))

    assert [change.effect for change in changes if change.listing == "nova"] == [NEUTRAL]


@pytest.mark.parametrize(("old", "new", "effect"), [
    (Term("Not stored", NONE), Term(COURT, NONE), UNJUDGED),
    (Term("Not stored", NONE), Term("Zero data retention", NONE), NEUTRAL),
    (Term("30 days", MONTH), Term(COURT, NONE), UNJUDGED),
    (None, Term(COURT, NONE), UNJUDGED),
    (None, Term("30 days", MONTH), NEUTRAL),
])  # fmt: skip
def test_other_words_that_a_provider_declares_are_judged_only_where_they_are_read(old, new, effect):
    def declaring(term):
        acme, *others = PAGE.providers
        return replace(PAGE, providers=(replace(acme, declared=Declared(NEVER, term)), *others))

    assert effect_of(declaring(old), declaring(new)) is effect


@pytest.mark.parametrize(("old", "new", "effect"), [
    (Term("30 days", MONTH), Term("30 days, or what a court says", MONTH), UNJUDGED),
    (Term("30 days", MONTH), Term("At least 30 days", MONTH), NEUTRAL),
    (Term("30 days", MONTH), Term(COURT, NONE), UNJUDGED),
    (Term("30 days", MONTH), None, STRONGER),
])  # fmt: skip
def test_other_words_of_a_floor_are_judged_only_where_they_are_read(old, new, effect):
    def requiring(term):
        nova, *others = PAGE.models
        return replace(PAGE, models=(replace(nova, retention_floor=term), *others))

    assert effect_of(requiring(old), requiring(new)) is effect


@pytest.mark.parametrize(("words", "effect"), [("Zero data retention", NEUTRAL), (COURT, UNJUDGED)])
def test_a_model_that_moves_to_words_that_nobody_understands_is_left_to_a_person(words, effect):
    twin = Listing("twin", {**ATLAS.cells, "models": Cell((ModelItem("nova-mini", "Nova Mini"),))})
    before = with_section(PAGE, "models", listings=(ATLAS, twin))
    both = (ModelItem("nova-mini", "Nova Mini"), ModelItem("atlas", "Atlas"))
    cells = {"models": Cell(both), "retention": retention(words, NONE)}
    joined = Listing("twin", {**ATLAS.cells, **cells})
    before = with_cells(before, "twin", retention=retention(words, NONE))

    changes = compare(before, with_section(before, "models", listings=(joined,)))

    [moved] = [change for change in changes if change.about == ("atlas",)]
    assert moved.effect is effect


@pytest.mark.parametrize(("words", "effect"), [("No", NEUTRAL), (RATED, UNJUDGED)])
@pytest.mark.parametrize("is_added", [True, False])
def test_a_column_of_words_that_nobody_understands_is_left_to_a_person(is_added, words, effect):
    extra = Column("training-2", "Trains the host", ColumnRole.TRAINING, asks=Asks.TRAINS)
    section = PAGE.sections[0]
    listings = tuple(
        Listing(listing.id, {**listing.cells, extra.key: training(words, NEVER)})
        for listing in section.listings
    )
    wider = with_section(PAGE, "models", columns=(*section.columns, extra), listings=listings)

    pages = (PAGE, wider) if is_added else (wider, PAGE)

    assert effect_of(*pages) is effect


def test_a_wording_in_a_column_about_other_data_is_read_as_that_column_asks():
    days = Cell((ClaimItem("7"),), clauses=read_clauses("7 days", covers=DataClass.METADATA))
    spelled = replace(days, items=(ClaimItem("7 days"),))

    before = with_cells(PAGE, "nova", **{"retention-2": days})

    assert effect_of(before, with_cells(PAGE, "nova", **{"retention-2": spelled})) is NEUTRAL
