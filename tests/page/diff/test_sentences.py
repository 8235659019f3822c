import pytest

from compliance.page.diff.sentences import join_names, row_label
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
    [listing] = page(row("GPT 6, GPT 7, GPT 6, GPT 8, GPT 9", "Acme")).listings

    assert row_label(listing) == "GPT 6, GPT 7 and 2 more"
    assert row_label(listing, ["GPT 9"]) == "GPT 9"
