"""compliance.workingcopy.matching."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.workingcopy.matching import RowParties, align, match_listings, match_texts

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
