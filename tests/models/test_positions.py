"""compliance.models.positions: an order is kept with as few changes as possible."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.models.positions import arrange

positions = st.lists(st.none() | st.integers(min_value=1, max_value=40), max_size=9)


def test_new_items_stand_ten_apart():
    assert arrange([None, None, None]) == [10, 20, 30]


def test_a_removed_item_changes_no_position():
    assert arrange([10, 30, 40]) == [10, 30, 40]


def test_an_item_between_two_others_changes_neither():
    assert arrange([10, None, 20]) == [10, 15, 20]


def test_an_item_moved_to_the_front_is_the_only_one_that_changes():
    assert arrange([40, 10, 20, 30]) == [5, 10, 20, 30]


@pytest.mark.slow
@given(positions)
def test_positions_rise_from_one(current):
    arranged = arrange(current)

    assert len(arranged) == len(current)
    assert all(low < high for low, high in pairwise([0, *arranged]))


@given(positions)
def test_no_other_positions_would_keep_more_items(current):
    kept = sum(old == new for old, new in zip(current, arrange(current), strict=True))

    assert kept == most_that_can_stay(current)


def most_that_can_stay(current):
    """Return by trying every subset how many items can keep their positions."""
    held = [(index, position) for index, position in enumerate(current) if position is not None]
    for size in range(len(held), 0, -1):
        for subset in combinations(held, size):
            if all(p2 - p1 >= i2 - i1 for (i1, p1), (i2, p2) in pairwise([(-1, 0), *subset])):
                return size
    return 0
