"""compliance.page.diff.successors: which new model takes the place of which retired one."""

import pytest

from compliance.page.diff.successors import successions, successions_in_row


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


def in_row(old, new):
    """The successions in a row of models, of which those in one order only left or came."""
    old, new = by_name(*old.split(", ")), by_name(*new.split(", "))
    return successions_in_row(
        old,
        new,
        retired={name: name for name in old if name not in new},
        added={name: name for name in new if name not in old},
    )


@pytest.mark.parametrize(("old", "new", "pairs"), [
    # In its place, the only change of the row: whatever it is called.
    ("Nova, Atlas", "Nova, Kimi K3", [("Atlas", "Kimi K3")]),
    # The same variant, which is called otherwise now.
    ("Claude 4 Opus with extended thinking", "Claude 4.1 Opus (reasoning), Claude 4.5 Haiku", [("Claude 4 Opus with extended thinking", "Claude 4.1 Opus (reasoning)")]),
    # Several changed in their places, and one of the names is related.
    ("Kimi K2, Nova, DeepSeek Chat V3", "Yi, Nova, DeepSeek Chat V4 Terminus", [("DeepSeek Chat V3", "DeepSeek Chat V4 Terminus")]),
    # Another place.
    ("Nova, Atlas", "Kimi K3, Nova", []),
    # More came than went.
    ("Nova, Atlas", "Nova, Kimi K3, Yi", []),
    # Several changed, and their names have little in common.
    ("Grok, Atlas", "Kimi, Yi", []),
])  # fmt: skip
def test_a_model_follows_the_one_in_whose_place_it_stands(old, new, pairs):
    assert in_row(old, new) == pairs


@pytest.mark.slow
def test_thousands_of_one_family_each_follow_their_nearest():
    numbers = range(1, 2_001)

    pairs = successions(
        by_name(*(f"GPT {n}.0" for n in numbers)), by_name(*(f"GPT {n}.1" for n in numbers))
    )

    assert pairs == [(f"GPT {n}.0", f"GPT {n}.1") for n in numbers]
