"""Finding words in the publications of a register."""

import pytest

from compliance.published.search import read_text_index
from tests.stores import listing, publish, snapshot

FIRST, SECOND, THIRD = (
    snapshot(listing(), notes=("First note.", note))
    for note in ("A quokka.", "A wombat.", "A quokka again.")
)


@pytest.mark.parametrize(
    ("words", "ranges"),
    [
        (["QUOKKA"], [(1, 1), (3, 3)]),
        (["note"], [(1, 3)]),
        (["quokka", "again"], [(3, 3)]),
        (["privacy_policy"], []),
    ],
)
def test_words_are_found_in_ranges_of_publications_that_follow_each_other(words, ranges):
    index = publish(FIRST, SECOND, THIRD)

    assert read_text_index(index).find(words) == ranges


def test_a_text_index_is_continued_with_the_new_publication():
    earlier = read_text_index(publish(FIRST, SECOND))

    continued = read_text_index(publish(FIRST, SECOND, THIRD))

    assert earlier.find(["quokka"]) == [(1, 1)]
    assert continued.find(["quokka"]) == [(1, 1), (3, 3)]


def test_a_text_index_starts_anew_if_the_publications_begin_differently():
    read_text_index(publish(FIRST, SECOND))

    other = read_text_index(publish(THIRD, SECOND))

    assert other.find(["quokka"]) == [(1, 1)]
