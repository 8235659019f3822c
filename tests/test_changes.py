"""compliance.changes: what differs between two snapshots."""

from dataclasses import replace

import pytest

from compliance.changes import Effect, Kind, between
from tests.pages import ACME, BOLT, page, row

ONE = page(row("GPT 6, GPT 7", "Acme", documents=ACME))


def told(before, after):
    return [(change.kind, change.effect, change.sentence) for change in between(keyed(before), keyed(after))]


def keyed(snapshot):
    """Give listings ids by place: a page does not say which row continues which."""
    return replace(snapshot, listings=tuple(replace(each, id=str(i)) for i, each in enumerate(snapshot.listings)))


def test_nothing_differs_from_itself():
    assert told(ONE, ONE) == []


def test_without_a_snapshot_before_everything_is_new():
    assert [change.kind for change in between(None, ONE)] == [Kind.LISTING_ADDED]


@pytest.mark.parametrize(("after", "kind", "effect", "sentence"), [
    (page(row("GPT 6, GPT 7, GPT 8", "Acme", documents=ACME)), Kind.MODEL_ADDED, Effect.NEUTRAL, "GPT 8 is added; it goes to Acme."),
    (page(row("GPT 6", "Acme", documents=ACME)), Kind.MODEL_RETIRED, Effect.NEUTRAL, "GPT 7 is no longer listed."),
    (page(row("GPT 7, GPT 6", "Acme", documents=ACME)), Kind.MODELS_REORDERED, Effect.NEUTRAL, "The models of the row of GPT 7 and GPT 6 are reordered."),
    (page(row("GPT 6, GPT 7", "Acme, Bolt", documents=ACME)), Kind.PROVIDER_ADDED, Effect.WEAKER, "GPT 6 and GPT 7 now also go to Bolt."),
    (page(row("GPT 6, GPT 7", "Acme", training="Yes", documents=ACME)), Kind.TRAINING, Effect.WEAKER, "Training on the prompts of GPT 6 and GPT 7: “Yes” instead of “No”."),
    (page(row("GPT 6, GPT 7", "Acme", retention="24 hours", documents=ACME)), Kind.RETENTION, Effect.STRONGER, "Retention for GPT 6 and GPT 7: “24 hours” instead of “30 days”."),
    (page(row("GPT 6, GPT 7", "Acme", retention="2 years", documents=ACME)), Kind.RETENTION, Effect.WEAKER, "Retention for GPT 6 and GPT 7: “2 years” instead of “30 days”."),
    (page(row("GPT 6, GPT 7", "Acme")), Kind.DOCUMENT_REMOVED, Effect.NEUTRAL, "GPT 6 and GPT 7: “Acme Privacy Policy” at https://acme.example/privacy is no longer shown."),
    (page(row("GPT 6, GPT 7", "Acme", documents=ACME), title="Another"), Kind.TEXT, Effect.NEUTRAL, "The title reads differently."),
    (page(row("GPT 6, GPT 7", "Acme", documents=ACME), row("GLM", "Bolt")), Kind.LISTING_ADDED, Effect.NEUTRAL, "New row: GLM, through Bolt."),
])  # fmt: skip
def test_a_change_is_told(after, kind, effect, sentence):
    assert told(ONE, after) == [(kind, effect, sentence)]


def test_a_recipient_is_told_for_the_models_that_stayed_only():
    after = page(row("GPT 6, GPT 8", "Acme, Bolt", documents=ACME))

    assert "GPT 6 now also goes to Bolt." in [sentence for _, _, sentence in told(ONE, after)]


def test_a_recipient_that_leaves_is_stronger():
    before = page(row("GPT 6", "Acme, Bolt", documents=f"{ACME}<br>{BOLT}"))
    after = page(row("GPT 6", "Acme", documents=f"{ACME}<br>{BOLT}"))

    assert told(before, after) == [(Kind.PROVIDER_REMOVED, Effect.STRONGER, "GPT 6 no longer goes to Bolt.")]


def test_a_model_that_moved_is_not_told_as_retired():
    before = page(row("GPT 6, GPT 7", "Acme"), row("GLM", "Bolt"))
    after = page(row("GPT 6", "Acme"), row("GLM, GPT 7", "Bolt"))

    assert [kind for kind, _, _ in told(before, after)] == [Kind.MODEL_MOVED]


def test_a_row_that_left_tells_which_models_left():
    before = page(row("GPT 6", "Acme"), row("GLM, GPT 6", "Bolt"))

    assert (
        told(before, page(row("GPT 6", "Acme")))[0][2] == "The row of GLM and GPT 6 is gone. GLM is no longer listed."
    )


def test_footnotes_and_what_they_mark_are_told():
    before = page(row("GPT 6¹", "Acme"), notes="¹ One.")
    after = page(row("GPT 6", "Acme²"), notes="² Two.")

    assert [kind for kind, _, _ in told(before, after)] == [
        Kind.FOOTNOTE_ADDED, Kind.FOOTNOTE_REMOVED, Kind.CITATION_ADDED, Kind.CITATION_REMOVED,
    ]  # fmt: skip


def test_rows_in_another_order_are_told():
    snapshot = keyed(page(row("GPT 6", "Acme"), row("GLM", "Bolt")))

    changes = between(snapshot, replace(snapshot, listings=snapshot.listings[::-1]))

    assert [change.kind for change in changes] == [Kind.LISTINGS_REORDERED]
