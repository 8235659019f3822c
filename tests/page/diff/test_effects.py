"""compliance.page.diff: what changes mean for readers, and which only a person can judge."""

from dataclasses import replace

import pytest

from compliance.page.diff import ChangeKind, Effect, apply_grades, compare
from compliance.page.diff.types import combined
from compliance.page.table import Cell, ProviderItem
from tests.page.diff.shapes import NOVA, PAGE, with_cells
from tests.page.diff.test_compare import keyed
from tests.pages import ACME, page, row

WEAKER, MIXED, UNJUDGED = Effect.WEAKER, Effect.MIXED, Effect.UNJUDGED
STRONGER, NEUTRAL = Effect.STRONGER, Effect.NEUTRAL


@pytest.mark.parametrize(("parts", "whole"), [
    ([], NEUTRAL), ([NEUTRAL, STRONGER], STRONGER), ([NEUTRAL, WEAKER], WEAKER),
    ([WEAKER, STRONGER], MIXED), ([UNJUDGED, STRONGER], MIXED), ([MIXED, STRONGER], MIXED),
    ([UNJUDGED, WEAKER], WEAKER), ([UNJUDGED, NEUTRAL], UNJUDGED),
])  # fmt: skip
def test_a_gain_beside_something_worse_or_unjudged_is_mixed(parts, whole):
    assert combined(*parts) is whole


def effect_of(before, after):
    [change] = compare(keyed(before), keyed(after))
    return change.effect


@pytest.mark.parametrize(("old", "new", "effect"), [
    ("30 days", "30 days.", NEUTRAL),
    ("30 days", "24 hours (flagged prompts: 2 years)", MIXED),
    ("30 days", "As the wind blows", WEAKER),
    ("As the wind blows", "As the rain falls", UNJUDGED),
    ("As the wind blows", "30 days", UNJUDGED),
    ("Not stated", "30 days", STRONGER),
    ("[30 days](https://acme.example/a)", "[30 days](https://acme.example/b)", UNJUDGED),
])  # fmt: skip
def test_words_that_nobody_understands_and_other_links_are_left_to_a_person(old, new, effect):
    before, after = (page(row("GPT 6", "Acme", retention=words)) for words in (old, new))

    assert effect_of(before, after) is effect


@pytest.mark.parametrize(("documents", "effect"), [
    ("[Acme Privacy](https://acme.example/privacy)", NEUTRAL),
    ("[Acme Privacy Policy](https://acme.example/other)", UNJUDGED),
    ("Acme Privacy Policy", UNJUDGED),
    ("", UNJUDGED),
])  # fmt: skip
def test_another_label_of_a_document_is_harmless_and_another_document_is_not(documents, effect):
    before, after = (page(row("GPT 6", "Acme", documents=shown)) for shown in (ACME, documents))

    assert effect_of(before, after) is effect


@pytest.mark.parametrize(("name", "effect"), [
    ("ACME", NEUTRAL), ("Acme AI", UNJUDGED), ("Acme (EU)", UNJUDGED),
])  # fmt: skip
def test_another_spelling_of_a_name_is_neutral_and_other_words_are_unjudged(name, effect):
    provider, *others = PAGE.providers
    renamed = replace(PAGE, providers=(replace(provider, name=name), *others))
    rewritten = with_cells(
        PAGE, "nova", providers=Cell((ProviderItem("acme", name), NOVA.cells["providers"].items[1]))
    )

    for after in (renamed, rewritten):
        [change] = compare(PAGE, after)

        assert change.kind is ChangeKind.PROVIDER_RENAMED
        assert change.effect is effect
        assert change.needs_grade == (effect is UNJUDGED)


LOST = "No longer said: “Acme Privacy Policy” at https://acme.example/privacy."


@pytest.mark.parametrize(("after", "kind"), [
    (page(row("GLM", "Acme"), row("GPT 6", "Acme", documents=ACME), row("o3", "Acme")), ChangeKind.LISTING_SPLIT),
    (page(row("GLM, o3", "Acme"), row("GPT 6", "Acme", documents=ACME)), ChangeKind.MODEL_MOVED),
])  # fmt: skip
def test_a_document_that_a_model_leaves_behind_in_its_old_row_is_named(after, kind):
    before = page(row("GLM", "Acme"), row("GPT 6, o3", "Acme", documents=ACME))

    [change] = compare(keyed(before), keyed(after))

    assert (change.kind, change.effect) == (kind, UNJUDGED)
    assert change.sentence.endswith(LOST)
    assert change.needs_grade


def test_a_document_of_a_row_that_was_merged_is_named_once():
    before = page(row("GLM", "Acme"), row("GPT 6, o3", "Acme", documents=ACME))

    changes = compare(keyed(before), keyed(page(row("GLM, GPT 6, o3", "Acme"))))

    assert [(change.kind, change.sentence.endswith(LOST)) for change in changes] == [
        (ChangeKind.MODEL_MOVED, False),
        (ChangeKind.LISTING_MERGED, True),
    ]


def test_on_a_first_page_nothing_is_better_or_worse():
    changes = compare(None, PAGE)

    assert changes
    assert {change.effect for change in changes} == {NEUTRAL}


def test_documents_that_are_printed_alike_make_changes_with_keys_of_their_own():
    policy = "[Policy](https://acme.example/a)"
    before = page(row("GPT 6", "Acme", documents=f"{policy}<br>{policy}"))
    after = page(
        row(
            "GPT 6",
            "Acme",
            documents="[First](https://acme.example/a)<br>[Second](https://acme.example/a)",
        )
    )

    changes = compare(keyed(before), keyed(after))

    assert [change.kind for change in changes] == [ChangeKind.DOCUMENT_CHANGED] * 2
    assert len({change.key for change in changes}) == 2


@pytest.fixture
def better_without_a_mark():
    """The changes of a row that keeps prompts shorter and lost the mark on that claim."""
    before = page(row("GPT 6", "Acme", retention="30 days¹"), row("GLM", "Bolt¹"), notes="¹ One.")
    after = page(row("GPT 6", "Acme", retention="24 hours"), row("GLM", "Bolt¹"), notes="¹ One.")
    return compare(keyed(before), keyed(after))


@pytest.mark.parametrize(("grade", "effect"), [
    (NEUTRAL, STRONGER), (STRONGER, STRONGER), (WEAKER, MIXED), (MIXED, MIXED),
])  # fmt: skip
def test_a_gain_is_one_once_a_person_judged_what_stands_beside_it(
    better_without_a_mark, grade, effect
):
    gain, mark = better_without_a_mark
    assert (gain.effect, mark.effect) == (MIXED, UNJUDGED)

    graded_gain, graded_mark = apply_grades(better_without_a_mark, {mark.key: grade})

    assert (graded_gain.effect, graded_gain.is_graded) == (effect, True)
    assert (graded_mark.effect, graded_mark.is_graded) == (grade, True)


def test_grades_of_other_changes_change_nothing(better_without_a_mark):
    gain, _ = better_without_a_mark
    grades = {gain.key: STRONGER, "text::other": WEAKER}

    assert apply_grades(better_without_a_mark, grades) == better_without_a_mark
