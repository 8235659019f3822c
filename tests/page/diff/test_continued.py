"""compliance.page.diff.continued: models that a later page lists under another id."""

from dataclasses import replace

from compliance.page.diff import (
    ChangeKind,
    affected_changes,
    compare,
    earlier_models,
    with_earlier_names,
)
from compliance.page.snapshot import Model, Provider
from tests.stores import listing, models_cell, providers_cell, snapshot

ACME = Provider("acme", "Acme")
SLIP, MENDED = Model("devsral", "Devsral"), Model("devstral", "Devstral")
CONTINUING = replace(MENDED, continues=("devsral",))


def paged(*models):
    row = listing("row", models=models_cell(*models), providers=providers_cell(ACME))
    return snapshot(row, models=models, providers=(ACME,))


def told(before, after):
    return [(change.kind, change.sentence) for change in compare(before, after)]


def test_a_model_that_continues_another_has_only_another_name():
    assert told(paged(SLIP), paged(CONTINUING)) == [
        (ChangeKind.MODEL_RENAMED, "Devsral is now called Devstral.")
    ]


def test_a_model_that_continues_none_takes_the_place_of_the_other():
    assert told(paged(SLIP), paged(MENDED)) == [
        (ChangeKind.MODEL_REPLACED, "Devstral takes the place of Devsral.")
    ]


def test_another_id_for_the_same_name_is_told():
    renumbered = Model("devsral-2", "Devsral", continues=("devsral",))

    assert told(paged(SLIP), paged(renumbered)) == [
        (ChangeKind.MODEL_RENAMED, "Devsral is the same model under another id, “devsral-2”.")
    ]


def test_a_history_that_is_joined_later_is_told():
    assert told(paged(MENDED), paged(CONTINUING)) == [
        (
            ChangeKind.MODEL_FACT,
            "Devstral is the same model as “devsral”, which was listed before.",
        )
    ]
    assert told(paged(CONTINUING), paged(MENDED)) == [
        (
            ChangeKind.MODEL_FACT,
            "Devstral is not the same model as “devsral”, which was listed before.",
        )
    ]


def test_a_model_that_one_of_the_pages_lists_is_called_by_its_name():
    changes = compare(paged(SLIP, MENDED), paged(CONTINUING))

    assert "Devstral is the same model as “Devsral”, which was listed before." in [
        change.sentence for change in changes
    ]


def test_a_model_that_neither_page_lists_is_called_by_a_name_that_is_known_elsewhere():
    [change] = compare(paged(MENDED), paged(CONTINUING))

    named = with_earlier_names(change, {"devsral": "Devsral", "devstral": "Another"})

    assert earlier_models(change) == ("devsral",)
    assert named.sentence == "Devstral is the same model as “Devsral”, which was listed before."
    assert with_earlier_names(change, {}) == change


def test_a_model_that_is_still_listed_is_continued_by_none():
    before, after = paged(SLIP), paged(SLIP, CONTINUING)

    assert [kind for kind, _ in told(before, after)] == [ChangeKind.MODEL_ADDED]


def test_a_change_concerns_the_model_under_its_later_id():
    [change] = affected_changes(paged(SLIP), paged(CONTINUING))

    assert (change.models, change.providers) == ({"devstral"}, {"acme"})
