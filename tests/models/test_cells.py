"""Cells: they fit the role of their column, and hold inline Markdown."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from compliance.models import Cell, Citation, ListedModel
from tests.factories import (
    BLANK,
    STANDARD_COLUMNS,
    cell_of,
    make_footnote,
    make_listing,
    make_model,
    make_section,
    make_term,
    recorded,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def listing():
    columns = [*STANDARD_COLUMNS, {"role": "text", "label": "Purpose"}]
    return make_listing(make_section(columns=columns))


def save_cell(listing, key, **values):
    column = listing.section.columns.get(key=key)
    with recorded():
        cell = Cell(listing=listing, column=column, **values)
        cell.save()
    return cell


@pytest.mark.parametrize(
    ("key", "values", "sentence"),
    [
        ("models", {"text": "GPT 6"}, "lists models"),
        ("documents", {"text": "Policy"}, "Add the document to the row"),
        ("purpose", {"use": "never"}, "is not about training"),
        ("purpose", {"is_blank": True}, "needs no cell"),
        ("training", {"text": "Perhaps"}, "Say what “Perhaps” means for training"),
        ("retention", {"text": "30 days"}, "Say what “30 days” means for retention"),
        ("retention", {"is_blank": True, "text": "x"}, "nothing in it"),
        ("purpose", {}, "The cell is empty"),
        ("purpose", {"text": "[](https://example.com)"}, "link without a text"),
        ("purpose", {"text": "&#x200A;"}, "It prints nothing"),
        ("purpose", {"text": "![a](https://example.com/a.png)"}, "image"),
        ("purpose", {"text": "[a](javascript:alert(1))"}, "does not begin with https"),
    ],
)
def test_a_cell_that_does_not_fit_its_column_is_refused(listing, key, values, sentence):
    with pytest.raises(ValidationError, match=sentence):
        save_cell(listing, key, **values)


def test_a_cell_of_another_section_is_refused(listing):
    other = make_section(columns=[{"role": "text", "label": "Purpose"}])

    with pytest.raises(ValidationError, match="not a column of the row's section"), recorded():
        Cell(listing=listing, column=other.columns.get(), text="Hosting").save()


def test_a_text_of_a_retention_reads_as_its_term(listing):
    term = make_term("30 days")

    cell = save_cell(listing, "retention", term=term, text="[30 days](https://example.com)")

    assert str(cell) == "30 days"
    with (
        pytest.raises(ValidationError, match="reads otherwise than its retention term"),
        recorded(),
    ):
        cell.set(text="[60 days](https://example.com)")


def test_a_cell_is_called_by_what_it_says(listing):
    assert str(save_cell(listing, "training", use="never")) == "Never"
    assert str(save_cell(listing, "retention", term=make_term("1 day"))) == "1 day"
    assert str(save_cell(listing, "purpose", text="Chat [and more](https://a.example)")) == (
        "Chat and more"
    )


def test_emphasis_is_taken_out_of_a_text(listing):
    cell = save_cell(listing, "purpose", text="*Chat* and more")

    assert cell.text == "Chat and more"


def test_a_printed_text_of_a_model_is_inline_markdown(listing):
    with recorded():
        row = ListedModel(listing=listing, model=make_model(), text="**GPT** 6")
        row.save()

    assert row.text == "GPT 6"
    with pytest.raises(ValidationError, match="image"), recorded():
        row.set(text="![a](https://example.com/a.png)")


def test_a_listing_is_deleted_with_its_cells_and_their_marks():
    listing = make_listing(training="never", documents=BLANK)
    note = make_footnote(listing.register)
    with recorded():
        Citation(footnote=note, cell=cell_of(listing, "training")).save()

    with recorded():
        listing.delete()

    assert not Cell.objects.exists()
    assert not Citation.objects.exists()
    assert Cell.history.filter(history_type="-").count() == 2


def test_a_citation_marks_exactly_one_thing(listing):
    note = make_footnote(listing.register)
    cell = save_cell(listing, "purpose", text="Chat")

    with pytest.raises(IntegrityError, match="exactly_one_target"), recorded():
        Citation(footnote=note, cell=cell, listed_model=listing.listed_models.get()).save()
    with pytest.raises((IntegrityError, ValidationError), match="exactly"), recorded():
        Citation(footnote=note).save()
