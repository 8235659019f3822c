"""compliance.changes: what differs between two snapshots."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from compliance.changes import Effect, Kind, between
from compliance.snapshot import Declared, Term, TrainingUse
from compliance.wording import clauses
from tests.pages import ACME, BOLT, page, row
from tests.strategies import snapshots

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
    (page(row("GPT 6, GPT 7", "Acme", documents=ACME), row("GLM", "Bolt")), Kind.LISTING_ADDED, Effect.NEUTRAL, "New row: GLM, through Bolt. Training: “No”. Retention: “30 days”."),
])  # fmt: skip
def test_a_change_is_told(after, kind, effect, sentence):
    assert told(ONE, after) == [(kind, effect, sentence)]


def test_a_recipient_gained_by_a_model_for_whose_sake_the_row_was_not_edited_is_named_as_such():
    before = page(row("Qwen 3 Coder", "Acme"))
    after = page(row("Qwen 3 Coder, DeepSeek V3", "Acme, DeepInfra"))

    assert told(before, after) == [
        (Kind.MODEL_ADDED, Effect.NEUTRAL, "DeepSeek V3 is added; it goes to Acme and DeepInfra."),
        (
            Kind.RECIPIENT_GAINED,
            Effect.WEAKER,
            "Qwen 3 Coder now also goes to DeepInfra, which joined the row together with DeepSeek V3.",
        ),
    ]


def test_a_model_of_the_same_family_takes_the_place_of_the_one_before():
    before = page(row("Claude 4 Sonnet, Claude 4 Sonnet (reasoning), o3 pro", "Acme"))
    after = page(row("Claude 4.5 Sonnet, Claude 4.5 Sonnet (reasoning), GPT 6", "Acme"))

    assert [sentence for _, _, sentence in told(before, after)] == [
        "Claude 4.5 Sonnet takes the place of Claude 4 Sonnet.",
        "Claude 4.5 Sonnet (reasoning) takes the place of Claude 4 Sonnet (reasoning).",
        "GPT 6 is added; it goes to Acme.",
        "o3 pro is no longer listed.",
    ]


def test_a_model_that_moves_to_other_recipients_is_told_with_what_that_means():
    before = page(row("GPT 6, GPT 7", "Acme"), row("GLM", "Bolt", retention="24 hours"))
    after = page(row("GPT 6", "Acme"), row("GLM, GPT 7", "Bolt", retention="24 hours"))

    assert told(before, after) == [
        (
            Kind.MODEL_MOVED,
            Effect.WEAKER,
            "GPT 7 moved to the row of GLM and GPT 7; it now also goes to Bolt and it no longer goes to Acme and "
            "its terms are stronger.",
        )
    ]


def test_models_split_off_into_a_new_row_are_told_with_what_that_means():
    before = page(row("GPT 6, GPT 7", "Acme"))
    after = page(row("GPT 6", "Acme"), row("GPT 7", "Acme, Bolt", retention="1 year"))

    assert told(before, after) == [
        (
            Kind.LISTING_SPLIT,
            Effect.WEAKER,
            "GPT 7 stands in a new row, through Acme and Bolt; it now also goes to Bolt and its terms are weaker. "
            "Training: “No”. Retention: “1 year”.",
        )
    ]


def test_a_row_whose_models_all_went_to_one_other_is_merged_into_it():
    before = page(row("GPT 6", "Acme"), row("GPT 7", "Acme"))
    after = page(row("GPT 6, GPT 7", "Acme"))

    assert [(kind, sentence) for kind, _, sentence in told(before, after)] == [
        (Kind.MODEL_MOVED, "GPT 7 moved to the row of GPT 6 and GPT 7."),
        (Kind.LISTING_MERGED, "The row of GPT 7 is merged into the row of GPT 6 and GPT 7."),
    ]


def test_a_document_that_was_relabelled_or_moved_is_one_change():
    link = "https://acme.example/privacy"
    before = page(row("GPT 6", "Acme", documents=f"[Acme Privacy Policy]({link})"))

    relabelled = page(row("GPT 6", "Acme", documents=f"[Acme AI Privacy Policy]({link})"))
    moved = page(row("GPT 6", "Acme", documents="[Acme Privacy Policy](https://acme.example/new)"))

    for after in (relabelled, moved):
        assert [kind for kind, _, _ in told(before, after)] == [Kind.DOCUMENT_CHANGED]


def test_the_documents_of_a_provider_that_came_go_without_saying():
    before = page(row("GPT 6", "Acme", documents=ACME))
    after = page(row("GPT 6", "Acme, Bolt", documents=f"{ACME}<br>{BOLT}"))

    assert [kind for kind, _, _ in told(before, after)] == [Kind.PROVIDER_ADDED]


def test_every_recipient_is_named_however_many():
    after = page(row("GPT 6", "Acme, Bolt, Cirrus, Delta, Echo"))

    sentences = " ".join(sentence for _, _, sentence in told(page(row("GPT 6", "Acme")), after))

    assert all(name in sentences for name in ("Bolt", "Cirrus", "Delta", "Echo"))


def test_what_a_provider_declares_is_told_even_where_the_page_does_not_print_it():
    def declaring(use, retention):
        provider = replace(ONE.listings[0].providers[0], declared=Declared(use, Term(retention, clauses(retention))))
        return replace(ONE, listings=(replace(ONE.listings[0], providers=(provider,)),))

    before, after = declaring(TrainingUse.NEVER, "30 days"), declaring(TrainingUse.BY_DEFAULT, "1 year")

    assert told(before, after) == [
        (Kind.DECLARED, Effect.WEAKER, "Acme now declares “Yes” of training and “1 year” of retention.")
    ]


def test_differences_of_one_step_have_keys_of_their_own():
    before = page(row("GPT 6", "Acme"))
    after = page(row("GPT 6, GPT 7, GPT 8", "Acme, Bolt, Cirrus"), notes="¹ One.\n\n² Two.")

    keys = [change.key for change in between(keyed(before), keyed(after))]

    assert len(keys) == len(set(keys))


@settings(max_examples=60, deadline=None)
@given(snapshots(), snapshots())
def test_whatever_a_reader_sees_otherwise_is_told(before, after):
    before, after = keyed(before), keyed(after)

    assert bool(between(before, after)) >= (before.printed() != after.printed())
    assert between(before, before) == ()


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
