import pytest

from compliance.page.diff.sentences import join_names, row_label
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
