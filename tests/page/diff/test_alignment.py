from compliance.page.diff.alignment import AlignedItem, align
from compliance.page.matching import match_keys


def test_items_continue_each_other_by_the_first_key_and_then_by_the_next():
    old = [("1", "a"), ("2", "b"), ("3", "c")]
    new = [("9", "b"), ("3", "x"), ("8", "y")]

    assert match_keys(old, new) == [1, 2, None]


def test_a_key_that_is_none_pairs_nothing():
    assert match_keys([(None, "a")], [(None, "b")]) == [None]


def test_a_removed_item_stands_after_the_item_that_it_followed():
    old, new = [("a",), ("b",), ("c",)], [("a",), ("c",)]

    assert align(old, new) == [AlignedItem(0, 0), AlignedItem(1, None), AlignedItem(2, 1)]


def test_as_few_items_as_possible_are_moved():
    old, new = [("a",), ("b",), ("c",)], [("c",), ("a",), ("b",)]

    assert [item.is_moved for item in align(old, new)] == [True, False, False]
