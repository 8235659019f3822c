"""compliance.page.filters: the rows that a reader asks for, in their order."""

from dataclasses import replace

import pytest

from compliance.page.diff.sentences import row_label
from compliance.page.filters import Filter, Order, with_cited_footnotes
from compliance.page.policy import Policy
from compliance.page.table import Cell, Column, Listing, Section, TextItem
from compliance.page.vocabulary import ColumnRole
from tests.pages import page, row

PAGE = page(
    row("Nova 2¹, Nova 2 Mini", "Acme, Bolt", training="No", retention="30 days"),
    row("GPT-4.1", "Cold²", training="Yes", retention="Not stored"),
    row("atlas", "Bolt", training="Opt-in", retention="2 years"),
    notes="\n¹ One.\n\n² Two.\n",
)


def shown(**wanted):
    """Return the first model of each row that is left."""
    return [found.models[0].plain for found in Filter(**wanted).rows(PAGE)]


def test_an_empty_filter_keeps_the_page_as_it_is():
    assert with_cited_footnotes(PAGE, Filter().rows(PAGE)) == PAGE


@pytest.mark.parametrize(("wanted", "rows"), [
    ({"model": "nova"}, ["Nova 2"]), ({"model": "mini"}, ["Nova 2"]), ({"model": "gpt 4.1"}, ["GPT-4.1"]),
    ({"model": "GPT41"}, []), ({"model": "ATLAS"}, ["atlas"]), ({"model": "!!"}, []), ({"model": "nobody"}, []),
    ({"provider": "bolt"}, ["Nova 2", "atlas"]), ({"provider": "bol"}, []),
    ({"policy": Policy.of("never", "")}, ["Nova 2"]), ({"policy": Policy.of("", "P30D")}, ["Nova 2", "GPT-4.1"]),
    ({"policy": Policy.of("opt_in", ""), "provider": "bolt", "model": "a"}, ["Nova 2", "atlas"]),
])  # fmt: skip
def test_a_row_that_fits_the_whole_filter_is_shown_whole(wanted, rows):
    assert shown(**wanted) == rows


@pytest.mark.parametrize(("order", "rows"), [
    (Order.MODEL, ["atlas", "GPT-4.1", "Nova 2"]), (Order.PROVIDER, ["Nova 2", "atlas", "GPT-4.1"]),
    (Order.TRAINING, ["Nova 2", "atlas", "GPT-4.1"]), (Order.TRAINING_WORST, ["GPT-4.1", "atlas", "Nova 2"]),
    (Order.RETENTION, ["GPT-4.1", "Nova 2", "atlas"]), (Order.RETENTION_WORST, ["atlas", "Nova 2", "GPT-4.1"]),
])  # fmt: skip
def test_rows_stand_in_the_order_asked_for(order, rows):
    assert shown(order=order) == rows


def test_a_row_that_leaves_open_how_long_all_is_kept_is_no_better_than_one_that_does_not_say():
    wordings = ["Zero data retention (opt-in)", "Not stored", "Not specified", "2 years"]
    rows = [row(f"Model {n}", "Acme", retention=text) for n, text in enumerate(wordings)]

    found = Filter(order=Order.RETENTION).rows(page(*rows))

    assert [row_label(each) for each in found] == ["Model 1", "Model 3", "Model 0", "Model 2"]


@pytest.mark.parametrize("order", [Order.TRAINING, Order.TRAINING_WORST])
def test_equal_rows_stay_in_the_order_of_the_page(order):
    equal = page(row("B", "Acme"), row("A", "Acme"))

    assert Filter(order=order).rows(equal) == tuple(equal.rows())


@pytest.mark.parametrize(
    ("model", "numbers"), [("nova", [1]), ("gpt", [2]), ("atlas", []), ("a", [1])]
)
def test_only_the_notes_that_are_cited_stay_and_keep_their_numbers(model, numbers):
    some = with_cited_footnotes(PAGE, Filter(model=model).rows(PAGE))

    assert [note.number for note in some.footnotes] == numbers


PURPOSE = Column("purpose", "Purpose", ColumnRole.TEXT)
SEARCH = Listing("search", {"purpose": Cell((TextItem("Search", footnotes=(2,)),))})
TOOLS = Section("tools", "## Tools", (PURPOSE,), (SEARCH,))
SECTIONS = replace(PAGE, sections=(PAGE.sections[0], TOOLS, Section("end", "End.")))


def test_an_empty_filter_keeps_every_section():
    assert with_cited_footnotes(SECTIONS, Filter().rows(SECTIONS)) == SECTIONS


def test_a_section_of_which_no_row_is_left_goes_with_its_prose():
    some = with_cited_footnotes(SECTIONS, Filter(model="nova").rows(SECTIONS))

    assert [section.prose for section in some.sections] == ["Who gets your prompts.", "End."]
    assert [model.id for model in some.models] == ["nova-2", "nova-2-mini"]
    assert [provider.id for provider in some.providers] == ["acme", "bolt"]


def test_a_row_that_claims_nothing_is_sorted_as_not_stated():
    rows = Filter(order=Order.TRAINING_WORST).rows(SECTIONS)

    assert [row_label(found) for found in rows][:2] == ["Search", "GPT-4.1"]


@pytest.mark.parametrize("wanted", [{"model": "search"}, {"provider": "search"}])
def test_a_row_of_a_table_without_models_and_providers_names_none(wanted):
    assert Filter(**wanted).rows(SECTIONS) == ()
