"""compliance.page.diff.successors: which new model takes the place of which retired one."""

import pytest

from compliance.page.diff.successors import successions


def by_name(*names):
    return {name: name for name in names}


def test_the_nearest_earlier_version_is_replaced():
    pairs = successions(by_name("GPT 3", "GPT 4", "GPT 6"), by_name("GPT 5"))

    assert pairs == [("GPT 4", "GPT 5")]


def test_each_model_is_in_one_pair_at_most():
    pairs = successions(by_name("GPT 4"), by_name("GPT 4.5", "GPT 5"))

    assert pairs == [("GPT 4", "GPT 4.5")]


def test_other_words_make_another_family():
    assert successions(by_name("GPT 4 mini"), by_name("GPT 5")) == []


@pytest.mark.slow
def test_thousands_of_one_family_each_follow_their_nearest():
    numbers = range(1, 2_001)

    pairs = successions(
        by_name(*(f"GPT {n}.0" for n in numbers)), by_name(*(f"GPT {n}.1" for n in numbers))
    )

    assert pairs == [(f"GPT {n}.0", f"GPT {n}.1") for n in numbers]
