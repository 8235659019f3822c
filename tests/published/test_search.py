"""Finding words in the publications of a register."""

from dataclasses import replace

import pytest

from compliance.page.table import Cell, ClaimItem
from compliance.page.vocabulary import Basis, TrainingUse
from compliance.published.search import read_text_index
from tests.stores import MODELS, PROVIDERS, listing, publish, snapshot

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


@pytest.mark.parametrize(
    "words",
    [
        "where prompts go",
        "Trains on prompts",
        "a link of its own",
        "https://acme.example/no",
        "deep thought ltd",
        "acme-1-latest",
        "Acme AI Incorporated",
        "acme-cloud",
        "https://acme.example/home",
        "Germany",
        "France",
    ],
)
def test_words_are_found_in_all_that_editors_publish(words):
    linked = ClaimItem("No, [a link of its own](https://acme.example/no)")
    model = replace(MODELS[0], developer="Deep Thought Ltd", aliases=("acme-1-latest",))
    provider = replace(
        PROVIDERS[0],
        legal_entity="Acme AI Incorporated",
        aliases=("acme-cloud",),
        website="https://acme.example/home",
        processing_countries=("DE",),
        storage_countries=("FR",),
    )
    page = snapshot(
        listing(training=Cell((linked,), basis=Basis.STATED, use=TrainingUse.UNKNOWN)),
        models=(model, MODELS[1]),
        providers=(provider, PROVIDERS[1]),
    )

    index = publish(page)

    assert read_text_index(index).find([words]) == [(1, 1)]


def test_words_are_found_as_a_reader_sees_them():
    escaped = ClaimItem("R\\&D \\*only\\*")
    cell = Cell((escaped,), basis=Basis.STATED, use=TrainingUse.UNKNOWN)

    index = publish(snapshot(listing(training=cell)))

    assert read_text_index(index).find(["R&D *only*"]) == [(1, 1)]


@pytest.mark.parametrize("words", ["می\u200cدهد", "میدهد"])
def test_words_are_found_with_joiners_and_without(words: str):
    index = publish(snapshot(listing(), notes=("پاسخ می\u200cدهد.", "Two.")))

    assert read_text_index(index).find([words]) == [(1, 1)]
