"""compliance.workingcopy.matching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page.table import Column, Section
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.matching import (
    FormerColumns,
    RowParties,
    align,
    former_columns,
    match_columns,
    match_listings,
    match_texts,
)

words = st.lists(st.sampled_from("abcdefg"), max_size=8)


def rows(*pairs):
    return [
        RowParties(tuple(models.split()), tuple(providers.split())) for models, providers in pairs
    ]


def test_an_item_that_moved_continues_itself():
    assert align("abc", "cab") == [2, 0, 1]


def test_an_item_in_anothers_place_continues_it():
    assert align("abc", "axc") == [0, 1, 2]


def test_an_item_that_came_behind_a_replaced_one_is_new():
    assert align("abc", "axyc") == [0, 1, None, 2]


def test_an_item_elsewhere_than_the_one_that_left_is_new():
    assert align("abc", "bcx") == [1, 2, None]


def test_the_second_of_two_equal_items_is_new():
    assert align("a", "aa", in_place=False) == [0, None]


@pytest.mark.slow
@given(words, words)
def test_no_item_is_continued_twice(old, new):
    partners = [partner for partner in align(old, new) if partner is not None]

    assert len(partners) == len(set(partners))


def test_a_row_whose_models_were_all_replaced_keeps_its_listing_between_the_same_neighbours():
    old = rows(("gpt", "openai"), ("glm-4", "fireworks"), ("kimi", "groq"))
    new = rows(("gpt", "openai"), ("glm-5", "cerebras fireworks"), ("kimi", "groq"))

    assert match_listings(old, new) == [0, 1, 2]


def test_a_row_that_shares_neither_model_nor_provider_is_new():
    old = rows(("gpt", "openai"), ("nova", "amazon"))
    new = rows(("gpt", "openai"), ("kimi", "groq"))

    assert match_listings(old, new) == [0, None]


def test_of_a_split_row_the_larger_part_stays_the_listing():
    old = rows(("llama deepseek qwen", "fireworks together"))
    new = rows(("qwen", "groq fireworks"), ("llama deepseek", "fireworks together"))

    assert match_listings(old, new) == [None, 0]


def test_of_equal_parts_the_one_with_the_same_providers_stays_the_listing():
    old = rows(("llama qwen", "fireworks together"))
    new = rows(("qwen", "groq"), ("llama", "fireworks together"))

    assert match_listings(old, new) == [None, 0]


def test_rows_in_another_order_continue_themselves():
    old = rows(("a", "x"), ("b", "x"), ("c", "x"))

    assert match_listings(old, rows(("c", "x"), ("a", "x"), ("b", "x"))) == [2, 0, 1]


def test_a_note_that_got_another_number_continues_itself():
    note = "Requests fall back to the provider's own API when the quota is used up."

    assert match_texts(
        [(1, note)], [(1, "Another matter altogether: no identifier."), (2, note)]
    ) == [None, 0]


def test_a_note_renumbered_and_mended_continues_itself():
    old = [
        (
            1,
            "Requests fall back to the provider's own API when the quota is used up; we minimise that.",
        )
    ]
    new = [
        (1, "No identifier."),
        (
            2,
            "Requests fall back to the provider's own API when the quota is used up; we minimize that.",
        ),
    ]

    assert match_texts(old, new) == [None, 0]


def test_a_note_rewritten_under_its_number_continues_itself():
    assert match_texts([(2, "Logs must be kept.")], [(2, "That obligation has ended.")]) == [0]


def test_of_several_that_were_replaced_the_likest_continues():
    names = ["o4 mini", "GPT 4.1"], ["GPT 4.2"]

    assert align(*names, names=names) == [1]


def column(label: str, role: ColumnRole = ColumnRole.TEXT) -> Column:
    return Column(label.lower(), label, role)


SEAT, NOTES = column("Seat"), column("Notes")


def test_the_only_column_left_of_a_role_is_relabelled():
    assert match_columns([SEAT, NOTES], [NOTES, column("Place")], by_key=False) == [1, 0]


def test_a_person_tells_that_a_column_is_new():
    assert match_columns([SEAT], [column("Place")], by_key=False, told={0: None}) == [None]


def test_a_person_tells_which_of_two_columns_one_is():
    new = [column("Place"), column("Remarks")]

    assert match_columns([SEAT, NOTES], new, by_key=False) == [None, None]
    assert match_columns([SEAT, NOTES], new, by_key=False, told={0: "notes"}) == [1, 0]


def test_a_column_cannot_be_told_to_be_one_of_another_role_or_one_that_is_there():
    new = [SEAT, column("Place", ColumnRole.PLACES)]

    assert match_columns([SEAT, NOTES], new, by_key=False, told={1: "notes"}) == [0, None]
    assert match_columns([SEAT, NOTES], new, by_key=False, told={1: "seat"}) == [0, None]


def test_a_column_with_a_new_label_may_be_any_that_the_page_lacks():
    place = column("Place", ColumnRole.PLACES)
    old = [Section("a", "# A", (SEAT, NOTES, place)), Section("b", "# B", (SEAT,))]
    new = [
        Section("", "# B", (SEAT, column("More"))),
        Section("", "# A", (column("Where"), NOTES)),
        Section("", "# C", (column("New"),)),
    ]

    assert former_columns(old, new) == {
        (1, 1): FormerColumns(),
        (2, 0): FormerColumns((SEAT, place), SEAT),
        (3, 0): FormerColumns(),
    }
