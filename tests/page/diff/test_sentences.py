import pytest

from compliance.page.diff.sentences import join_names, row_label, with_single_stops
from compliance.page.table import Cell, Column, Listing, Row, Section, TextItem
from compliance.page.vocabulary import ColumnRole
from tests.pages import page, row


@pytest.mark.parametrize(
    ("names", "limit", "sentence"),
    [
        ([], None, ""),
        (["A"], None, "A"),
        (["A", "B"], None, "A and B"),
        (["A", "B", "C", "D"], None, "A, B, C and D"),
        (["A", "B", "C"], 3, "A, B and C"),
        (["A", "B", "C", "D"], 3, "A, B and 2 more"),
    ],
)
def test_names_are_joined_and_only_cut_beyond_a_limit(names, limit, sentence):
    assert join_names(iter(names), limit) == sentence


def test_a_row_is_called_by_its_first_models():
    [found] = page(row("GPT 6, GPT 7, GPT 6, GPT 8, GPT 9", "Acme")).rows()

    assert row_label(found) == "GPT 6, GPT 7 and 2 more"
    assert row_label(found, ["GPT 9"]) == "GPT 9"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("[Acme](https://acme.example) Cloud", "Acme Cloud"),
        ("", "a row without a name"),
        ("x" * 99, f"{'x' * 80}…"),
    ],
)
def test_a_row_without_models_is_called_by_its_first_cell(text, label):
    purpose = Column("purpose", "Purpose", ColumnRole.TEXT)
    cell = Cell((TextItem(text),)) if text else Cell()

    assert row_label(Row(Section("1", "", (purpose,)), Listing("a", {"purpose": cell}))) == label


@pytest.mark.parametrize(
    ("sentence", "punctuated"),
    [
        ("New row: Acme Inc..", "New row: Acme Inc."),
        ("Of Acme Inc.. Add its policy..", "Of Acme Inc. Add its policy."),
        ("It says “and so on...”.", "It says “and so on...”."),
        ("Wait... “..5” and a..b stay", "Wait... “..5” and a..b stay"),
    ],
)
def test_a_name_that_ends_with_a_full_stop_ends_its_sentence(sentence, punctuated):
    assert with_single_stops(sentence) == punctuated
