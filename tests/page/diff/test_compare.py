"""compliance.page.diff: the changes between two snapshots."""

import json
from dataclasses import replace
from itertools import count

import pytest

from compliance.page.diff import ChangeKind, Effect, compare
from compliance.page.diff.sentences import row_label
from compliance.page.retention import read_clauses
from compliance.page.snapshot import Declared, Snapshot
from compliance.page.table import Cell, Column, ProviderItem, Term, TextItem
from compliance.page.vocabulary import Basis, ColumnRole, DocumentKind, TrainingUse
from tests.pages import ACME, BOLT, page, row

ONE = page(row("GPT 6, GPT 7", "Acme", documents=ACME))


def changes_of(before, after):
    return [
        (change.kind, change.effect, change.sentence)
        for change in compare(keyed(before), keyed(after))
    ]


def keyed(snapshot):
    """Give listings ids by place: a page does not say which row continues which."""
    ids = map(str, count())
    sections = []
    for section in snapshot.sections:
        listings = tuple(replace(listing, id=next(ids)) for listing in section.listings)
        sections.append(replace(section, listings=listings))
    return replace(snapshot, sections=tuple(sections))


def with_cells(snapshot, **cells):
    """Return a page of one row with other cells, by the key of their column."""
    [section] = snapshot.sections
    [listing] = section.listings
    listing = replace(listing, cells={**listing.cells, **cells})
    return replace(snapshot, sections=(replace(section, listings=(listing,)),))


def test_nothing_differs_from_itself():
    assert changes_of(ONE, ONE) == []


def test_a_sentence_that_ends_with_a_company_and_its_stop_has_one_stop():
    alone = page(row("GPT 6", "Acme Inc."))
    both = page(row("GPT 6", "Acme Inc., Bolt Inc."))

    [_, _, gained], [_, _, left] = *changes_of(alone, both), *changes_of(both, alone)

    assert gained == "GPT 6 now also goes to Bolt Inc. Bolt Inc. is a new company on the page."
    assert left == "GPT 6 no longer goes to Bolt Inc. Bolt Inc. is no longer on the page."


def frozen_with(snapshot, words, other):
    """Return a page as it may have been frozen before characters were normalised."""
    return Snapshot.from_dict(json.loads(json.dumps(snapshot.to_dict()).replace(words, other)))


@pytest.mark.parametrize("blank", ["\u00a0", "\u2007", "  ", "\u200b "])
def test_what_no_reader_can_see_is_no_change(blank):
    frozen = frozen_with(frozen_with(ONE, "GPT ", f"GPT{blank}"), "gets your", f"gets{blank}your")

    assert frozen != ONE
    assert changes_of(frozen, ONE) == changes_of(ONE, frozen) == []


def test_what_a_reader_can_see_is_told_in_plain_characters():
    before = frozen_with(ONE, "GPT ", "GPT\u00a0")
    after = page(row("GPT 6, GPT 7", "Acme", retention="2 years", documents=ACME))

    [(kind, _, sentence)] = changes_of(before, after)

    assert kind == ChangeKind.RETENTION
    assert sentence == "Retention for GPT 6 and GPT 7: “2 years” instead of “30 days”."


def test_without_a_snapshot_before_everything_is_new():
    assert [change.kind for change in compare(None, ONE)] == [ChangeKind.LISTING_ADDED]


@pytest.mark.parametrize(("after", "kind", "effect", "sentence"), [
    (page(row("GPT 6, GPT 7, GPT 8", "Acme", documents=ACME)), ChangeKind.MODEL_ADDED, Effect.NEUTRAL, "GPT 8 is added; it goes to Acme. Training: “No”. Retention: “30 days”."),
    (page(row("GPT 6", "Acme", documents=ACME)), ChangeKind.MODEL_RETIRED, Effect.NEUTRAL, "GPT 7 is no longer listed."),
    (page(row("GPT 7, GPT 6", "Acme", documents=ACME)), ChangeKind.MODELS_REORDERED, Effect.NEUTRAL, "The models of the row of GPT 7 and GPT 6 are reordered."),
    (page(row("GPT 6, GPT 7", "Acme, Bolt", documents=ACME)), ChangeKind.PROVIDER_ADDED, Effect.WEAKER, "GPT 6 and GPT 7 now also go to Bolt. Bolt is a new company on the page."),
    (page(row("GPT 6, GPT 7", "Acme", training="Yes", documents=ACME)), ChangeKind.TRAINING, Effect.WEAKER, "Training on the prompts of GPT 6 and GPT 7: “Yes” instead of “No”."),
    (page(row("GPT 6, GPT 7", "Acme", retention="24 hours", documents=ACME)), ChangeKind.RETENTION, Effect.STRONGER, "Retention for GPT 6 and GPT 7: “24 hours” instead of “30 days”."),
    (page(row("GPT 6, GPT 7", "Acme", retention="2 years", documents=ACME)), ChangeKind.RETENTION, Effect.WEAKER, "Retention for GPT 6 and GPT 7: “2 years” instead of “30 days”."),
    (page(row("GPT 6, GPT 7", "Acme")), ChangeKind.DOCUMENT_REMOVED, Effect.UNJUDGED, "GPT 6 and GPT 7: “Acme Privacy Policy” at https://acme.example/privacy is no longer shown."),
    (page(row("GPT 6, GPT 7", "Acme", documents=ACME), title="Another"), ChangeKind.TEXT, Effect.UNJUDGED, "The title is “Another” instead of “Models and privacy”."),
    (page(row("GPT 6, GPT 7", "Acme", documents=ACME), row("GLM", "Bolt")), ChangeKind.LISTING_ADDED, Effect.WEAKER, "New row: GLM, through Bolt. Training: “No”. Retention: “30 days”. Bolt is a new company on the page."),
])  # fmt: skip
def test_a_difference_becomes_a_change(after, kind, effect, sentence):
    assert changes_of(ONE, after) == [(kind, effect, sentence)]


def test_a_provider_that_joins_a_row_with_a_new_model_is_a_recipient_gained_by_the_others():
    before = page(row("Qwen 3 Coder", "Acme"))
    after = page(row("Qwen 3 Coder, DeepSeek V3", "Acme, DeepInfra"))

    assert changes_of(before, after) == [
        (
            ChangeKind.MODEL_ADDED,
            Effect.WEAKER,
            "DeepSeek V3 is added; it goes to Acme and DeepInfra. "
            "Training: “No”. Retention: “30 days”.",
        ),
        (
            ChangeKind.RECIPIENT_GAINED,
            Effect.WEAKER,
            "Qwen 3 Coder now also goes to DeepInfra, which joined the row together with "
            "DeepSeek V3. DeepInfra is a new company on the page.",
        ),
    ]


def test_a_model_that_is_added_at_companies_of_the_page_is_neutral():
    before = page(row("Qwen 3 Coder", "Acme"), row("GLM", "DeepInfra"))
    after = page(row("Qwen 3 Coder, DeepSeek V3", "Acme, DeepInfra"), row("GLM", "DeepInfra"))

    effects = {kind: effect for kind, effect, _ in changes_of(before, after)}

    assert effects == {
        ChangeKind.MODEL_ADDED: Effect.NEUTRAL,
        ChangeKind.RECIPIENT_GAINED: Effect.WEAKER,
    }


def test_a_comparison_over_years_names_the_providers_that_came_and_left():
    before, after = page(row("GPT 6", "Acme, Bolt")), page(row("Kimi K3", "Acme, DeepInfra"))

    told = sentences_of(before, after, are_neighbours=False)
    fewer = sentences_of(before, page(row("Kimi K3", "Acme")), are_neighbours=False)

    assert "The row of Kimi K3 now names DeepInfra and no longer names Bolt." in " ".join(told)
    assert "The row of Kimi K3 no longer names Bolt." in " ".join(fewer)


def test_a_model_of_the_same_family_takes_the_place_of_the_one_before():
    before = page(row("Claude 4 Sonnet, Claude 4 Sonnet (reasoning), o3 pro", "Acme"))
    after = page(row("Claude 4.5 Sonnet, Claude 4.5 Sonnet (reasoning), GPT 6", "Acme"))

    assert [sentence for _, _, sentence in changes_of(before, after)] == [
        "Claude 4.5 Sonnet takes the place of Claude 4 Sonnet.",
        "Claude 4.5 Sonnet (reasoning) takes the place of Claude 4 Sonnet (reasoning).",
        "GPT 6 takes the place of o3 pro.",
    ]


def sentences_of(before, after, **options):
    return [change.sentence for change in compare(keyed(before), keyed(after), **options)]


def test_a_new_company_and_one_that_left_are_named_once():
    before = page(row("GPT 6", "Acme"), row("GLM", "Cray"), row("GLM 2", "Cray"))
    after = page(row("GPT 6", "Acme"), row("GLM", "Bolt"), row("GLM 2", "Bolt"))

    told = " ".join(sentences_of(before, after))

    assert told.count("Bolt is a new company on the page.") == 1
    assert told.count("Cray is no longer on the page.") == 1


def test_a_comparison_over_other_pages_claims_no_successor_and_nothing_new():
    before = page(row("GPT 6, o3", "Acme"), row("GLM 4", "Cray"))
    after = page(row("GPT 7, o3", "Acme"), row("GLM 4", "Bolt"))

    near, far = (sentences_of(before, after, are_neighbours=each) for each in (True, False))

    assert near[0] == "GPT 7 takes the place of GPT 6."
    assert "takes the place of" not in " ".join(far)
    assert far[2:] == [
        "GLM 4 now also goes to Bolt. Bolt was not on the earlier page.",
        "GLM 4 no longer goes to Cray. Cray is not on the later page.",
    ]


def test_an_added_model_says_the_notes_that_apply_to_it():
    before = page(row("GPT 6", "Acme¹"), notes="¹ One.")
    after = page(row("GPT 6, GPT 7²", "Acme¹"), notes="¹ One.\n\n² Two.")

    assert sentences_of(before, after)[0] == (
        "GPT 7 is added; it goes to Acme. Training: “No”. Retention: “30 days”. "
        "Footnote 1 applies. Footnote 2 applies to GPT 7."
    )


def test_a_row_that_goes_with_its_models_is_told_in_one_sentence():
    before = page(row("GPT 6", "Acme"), row("GLM, Yi", "Acme"))

    assert sentences_of(before, page(row("GPT 6", "Acme"))) == [
        "GLM and Yi are no longer listed; the row is gone."
    ]


def test_rows_of_which_only_the_order_changed_are_told_together():
    before = page(row("A, B", "Acme, Bolt"), row("C, D", "Acme, Bolt"), row("E, F", "Acme"))
    orders = row("B, A", "Acme, Bolt"), row("C, D", "Bolt, Acme")
    together = page(*orders, row("E, F", "Acme"))
    apart = page(*orders, row("F, E", "Acme", training="Yes"))

    assert sentences_of(before, together) == [
        "Only the order changed: the models of B and A and the providers of C and D."
    ]
    assert sentences_of(before, apart) == [
        "Only the order changed: the models of B and A and the providers of C and D.",
        "The models of the row of F and E are reordered.",
        "Training on the prompts of F and E: “Yes” instead of “No”.",
    ]


def test_a_document_with_another_label_or_address_says_which_of_them_changed():
    before = page(row("GPT 6", "Acme", documents="[Policy](https://acme.example/a)"))
    labelled = page(row("GPT 6", "Acme", documents="[Acme Policy](https://acme.example/a)"))
    elsewhere = page(row("GPT 6", "Acme", documents="[Policy](https://acme.example/b)"))

    assert sentences_of(before, labelled) == [
        "GPT 6: the label of the document at https://acme.example/a is “Acme Policy” instead of "
        "“Policy”."
    ]
    assert sentences_of(before, elsewhere) == [
        "GPT 6: “Policy” leads to https://acme.example/b instead of https://acme.example/a."
    ]


def test_a_changed_text_is_given_as_it_is_written():
    before, after = (
        page(row("GPT 6¹", "Acme"), intro=intro, notes=f"¹ {note}")
        for intro, note in (
            ("Your prompts.", "See [terms](https://acme.example/a)."),
            ("Our prompts.", "See [them](https://acme.example/b)."),
        )
    )

    prose, note = compare(keyed(before), keyed(after))

    assert (prose.lead, prose.before, prose.after) == (
        "The introduction reads differently",
        "Your prompts.",
        "Our prompts.",
    )
    assert (note.lead, note.after) == (
        "Footnote 1 now reads",
        "See [them](https://acme.example/b).",
    )
    assert note.sentence == (
        "Footnote 1 now reads: “See them (https://acme.example/b).” "
        "It read: “See terms (https://acme.example/a).”"
    )


def test_a_model_that_moves_to_other_providers_is_reported_with_the_consequence():
    before = page(row("GPT 6, GPT 7", "Acme"), row("GLM", "Bolt", retention="24 hours"))
    after = page(row("GPT 6", "Acme"), row("GLM, GPT 7", "Bolt", retention="24 hours"))

    assert changes_of(before, after) == [
        (
            ChangeKind.MODEL_MOVED,
            Effect.MIXED,
            "GPT 7 moved to the row of GLM; it now goes to Bolt and no longer to Acme; its terms are stronger.",
        )
    ]


def test_models_split_off_into_a_new_row_are_reported_with_the_consequence():
    before = page(row("GPT 6, GPT 7", "Acme"))
    after = page(row("GPT 6", "Acme"), row("GPT 7", "Acme, Bolt", retention="1 year"))

    assert changes_of(before, after) == [
        (
            ChangeKind.LISTING_SPLIT,
            Effect.WEAKER,
            "GPT 7 stands in a new row, through Acme and Bolt; it now also goes to Bolt; its terms are weaker. "
            "Training: “No”. Retention: “1 year”. Bolt is a new company on the page.",
        )
    ]


def test_a_row_whose_models_all_went_to_one_other_is_merged_into_it():
    before = page(row("GPT 6", "Acme"), row("GPT 7", "Acme"))
    after = page(row("GPT 6, GPT 7", "Acme"))

    assert [(kind, sentence) for kind, _, sentence in changes_of(before, after)] == [
        (ChangeKind.MODEL_MOVED, "GPT 7 moved to the row of GPT 6."),
        (ChangeKind.LISTING_MERGED, "The row of GPT 7 is merged into the row of GPT 6."),
    ]


def test_what_a_merged_row_said_and_the_other_one_does_not_is_named():
    before = page(row("GPT 6", "Acme"), row("GPT 7", "Acme", documents=ACME))
    used = Column("purpose", "Purpose", ColumnRole.TEXT)
    places = Column("places", "Places", ColumnRole.PLACES)

    def with_texts(snapshot, *texts):
        [section] = snapshot.sections
        listings = []
        for listing, (purpose, *countries) in zip(section.listings, texts, strict=True):
            cells = {
                "purpose": Cell((TextItem(purpose),)),
                "places": Cell(tuple(TextItem(country) for country in countries)),
            }
            listings.append(replace(listing, cells=listing.cells | cells))
        columns = (*section.columns, used, places)
        return replace(
            snapshot, sections=(replace(section, columns=columns, listings=tuple(listings)),)
        )

    merged = with_texts(page(row("GPT 6, GPT 7", "Acme")), ("Search", "Spain"))
    before = with_texts(before, ("Search", "Spain"), ("Chat", "Spain", "France", "Italy"))

    sentences = [sentence for _, _, sentence in changes_of(before, merged)]
    assert sentences[-1] == (
        "The row of GPT 7 is merged into the row of GPT 6. No longer said: "
        "“Acme Privacy Policy” at https://acme.example/privacy, “Chat” of “Purpose” "
        "and “France, Italy” of “Places”."
    )


def test_a_document_that_was_relabelled_or_moved_is_one_change():
    link = "https://acme.example/privacy"
    before = page(row("GPT 6", "Acme", documents=f"[Acme Privacy Policy]({link})"))

    relabelled = page(row("GPT 6", "Acme", documents=f"[Acme AI Privacy Policy]({link})"))
    moved = page(row("GPT 6", "Acme", documents="[Acme Privacy Policy](https://acme.example/new)"))

    for after in (relabelled, moved):
        assert [kind for kind, _, _ in changes_of(before, after)] == [ChangeKind.DOCUMENT_CHANGED]


def test_the_documents_of_a_new_provider_are_not_reported():
    before = page(row("GPT 6", "Acme", documents=ACME))
    after = page(row("GPT 6", "Acme, Bolt", documents=f"{ACME}<br>{BOLT}"))

    assert [kind for kind, _, _ in changes_of(before, after)] == [ChangeKind.PROVIDER_ADDED]


def test_every_recipient_is_named_however_many():
    after = page(row("GPT 6", "Acme, Bolt, Cirrus, Delta, Echo"))

    sentences = " ".join(
        sentence for _, _, sentence in changes_of(page(row("GPT 6", "Acme")), after)
    )

    assert all(name in sentences for name in ("Bolt", "Cirrus", "Delta", "Echo"))


def test_a_changed_declaration_is_reported_though_the_page_does_not_print_it():
    def declaring(use, retention):
        declared = Declared(use, Term(retention, read_clauses(retention)))
        return replace(ONE, providers=(replace(ONE.providers[0], declared=declared),))

    before, after = (
        declaring(TrainingUse.NEVER, "30 days"),
        declaring(TrainingUse.BY_DEFAULT, "1 year"),
    )

    assert changes_of(before, after) == [
        (
            ChangeKind.DECLARED,
            Effect.WEAKER,
            "Acme now declares “Yes” for training and “1 year” for retention.",
        )
    ]


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ((None, None), (TrainingUse.NEVER, "30 days"), Effect.NEUTRAL),
        ((None, None), (TrainingUse.BY_DEFAULT, None), Effect.NEUTRAL),
        ((TrainingUse.NEVER, None), (TrainingUse.NEVER, "30 days"), Effect.NEUTRAL),
        ((TrainingUse.NEVER, None), (TrainingUse.OPT_OUT, "30 days"), Effect.WEAKER),
        ((TrainingUse.NEVER, "30 days"), (None, None), Effect.WEAKER),
        ((TrainingUse.NEVER, "30 days"), (TrainingUse.NEVER, None), Effect.WEAKER),
    ],
)
def test_what_is_declared_for_the_first_time_is_neither_better_nor_worse(before, after, effect):
    def declaring(use, retention):
        term = Term(retention, read_clauses(retention)) if retention else None
        declared = Declared(use, term) if use or term else None
        return replace(ONE, providers=(replace(ONE.providers[0], declared=declared),))

    [(_, found, _)] = changes_of(declaring(*before), declaring(*after))

    assert found is effect


def test_the_changes_between_two_snapshots_have_different_keys():
    before = page(row("GPT 6", "Acme"))
    after = page(row("GPT 6, GPT 7, GPT 8", "Acme, Bolt, Cirrus"), notes="¹ One.\n\n² Two.")

    keys = [change.key for change in compare(keyed(before), keyed(after))]

    assert len(keys) == len(set(keys))


def test_a_provider_that_leaves_a_row_makes_it_stronger():
    before = page(row("GPT 6", "Acme, Bolt", documents=f"{ACME}<br>{BOLT}"))
    after = page(row("GPT 6", "Acme", documents=ACME))

    assert changes_of(before, after) == [
        (
            ChangeKind.PROVIDER_REMOVED,
            Effect.STRONGER,
            "GPT 6 no longer goes to Bolt. Bolt is no longer on the page.",
        )
    ]


def test_a_model_that_moved_is_not_reported_as_retired():
    before = page(row("GPT 6, GPT 7", "Acme"), row("GLM", "Bolt"))
    after = page(row("GPT 6", "Acme"), row("GLM, GPT 7", "Bolt"))

    assert [kind for kind, _, _ in changes_of(before, after)] == [ChangeKind.MODEL_MOVED]


def test_a_removed_row_names_the_models_that_left_with_it():
    before = page(row("GPT 6", "Acme"), row("GLM, GPT 6", "Bolt"))

    assert (
        changes_of(before, page(row("GPT 6", "Acme")))[0][2]
        == "The row of GLM and GPT 6 is gone. GLM is no longer listed. Bolt is no longer on the page."
    )


def test_a_footnote_that_comes_or_goes_names_its_marks():
    before = page(row("GPT 6¹", "Acme"), notes="¹ One.")
    after = page(row("GPT 6", "Acme²"), notes="² Two.")

    assert changes_of(before, after) == [
        (
            ChangeKind.FOOTNOTE_ADDED,
            Effect.UNJUDGED,
            "New footnote 2, which marks Acme in the row of GPT 6: Two.",
        ),
        (
            ChangeKind.FOOTNOTE_REMOVED,
            Effect.UNJUDGED,
            "Footnote 1, which marked GPT 6 in the row of GPT 6, is gone: One.",
        ),
    ]


def test_a_mark_that_moves_within_a_row_is_reported_as_removed_and_added():
    before = page(row("GPT 6¹, GPT 7", "Acme"), notes="¹ One.")
    after = page(row("GPT 6, GPT 7", "Acme¹"), notes="¹ One.")

    assert [sentence for _, _, sentence in changes_of(before, after)] == [
        "Footnote 1 now marks Acme in the row of GPT 6 and GPT 7.",
        "Footnote 1 no longer marks GPT 6 in the row of GPT 6 and GPT 7.",
    ]


def test_a_mark_that_moves_with_its_model_is_not_reported():
    before = page(row("GPT 6¹, GPT 7", "Acme"), row("GLM", "Acme"), notes="¹ One.")
    moved = page(row("GPT 7", "Acme"), row("GLM, GPT 6¹", "Acme"), notes="¹ One.")
    retired = page(row("GPT 7", "Acme"), row("GLM", "Acme"), notes="¹ One.")

    assert [kind for kind, _, _ in changes_of(before, moved)] == [ChangeKind.MODEL_MOVED]
    assert [kind for kind, _, _ in changes_of(before, retired)] == [ChangeKind.MODEL_RETIRED]


def test_a_changed_footnote_is_reported_with_both_texts():
    before, after = (
        page(row("GPT 6¹", "Acme"), notes=note) for note in ("¹ One\nline.", "¹ Another.")
    )

    assert [sentence for _, _, sentence in changes_of(before, after)] == [
        "Footnote 1 now reads: “Another.” It read: “One line.”"
    ]


@pytest.mark.parametrize(("order", "sentences"), [
    ("CAB", ["The row of C now stands first."]),
    ("BCA", ["The row of A now stands after the row of C."]),
])  # fmt: skip
def test_the_fewest_rows_that_moved_are_reported_with_their_new_place(order, sentences):
    snapshot = keyed(page(*(row(name, "Acme") for name in "ABC")))
    [section] = snapshot.sections
    by_name = {row_label(found): found.listing for found in snapshot.rows()}
    listings = tuple(by_name[name] for name in order)

    changes = compare(snapshot, replace(snapshot, sections=(replace(section, listings=listings),)))

    assert [(change.kind, change.sentence) for change in changes] == [
        (ChangeKind.LISTING_MOVED, each) for each in sentences
    ]


@pytest.mark.parametrize(("gone", "come", "followed"), [
    ("Acme 3 Pro, Acme 4 Pro", "Acme 4.1 Pro", "Acme 4 Pro"),
    ("Acme 4.5 Pro, Acme 4.6 Pro", "Acme Pro 5", "Acme 4.6 Pro"),
    ("Acme 1.5 Pro, Acme 2.5 Pro Preview", "Acme 2.5 Pro", "Acme 2.5 Pro Preview"),
    ("Acme 3 Flash (Preview)", "Acme 3 Flash", "Acme 3 Flash (Preview)"),
    ("Acme Pro", "Acme Pro 2", "Acme Pro"),
    ("Acme 5 Pro", "Acme 4 Pro", "Acme 5 Pro"),
])  # fmt: skip
def test_a_new_version_replaces_the_latest_one_before_it(gone, come, followed):
    before, after = page(row(f"{gone}, Other", "Acme")), page(row(f"{come}, Other", "Acme"))

    assert changes_of(before, after)[0][::2] == (
        ChangeKind.MODEL_REPLACED,
        f"{come} takes the place of {followed}.",
    )


@pytest.mark.parametrize(("gone", "come"), [
    ("Acme 3 32B", "Acme 3 235B"),
    ("Acme 4o", "Acme 4.1"),
    ("Acme 5 mini", "Acme 5 nano"),
    ("Acme 5", "Acme 5 (reasoning)"),
])  # fmt: skip
def test_a_model_of_another_size_or_name_in_another_place_replaces_none(gone, come):
    before, after = page(row(f"{gone}, Other", "Acme")), page(row(f"Other, {come}", "Acme"))

    assert [kind for kind, _, _ in changes_of(before, after)] == [
        ChangeKind.MODEL_ADDED,
        ChangeKind.MODEL_RETIRED,
    ]


def test_a_successor_that_goes_to_a_new_provider_says_so():
    before, after = page(row("Acme 4", "Acme")), page(row("Acme 5", "Acme, Bolt"))

    assert changes_of(before, after) == [
        (
            ChangeKind.MODEL_REPLACED,
            Effect.WEAKER,
            "Acme 5 takes the place of Acme 4; it now also goes to Bolt. "
            "Bolt is a new company on the page.",
        )
    ]


def test_a_row_of_other_models_and_providers_is_weaker_if_a_provider_is_new_on_the_page():
    before = page(row("GPT 6, o3", "Acme"), row("GLM", "Bolt"))

    known, unknown = (
        page(row("Grok, Yi", name), row("GLM", "Bolt")) for name in ("Bolt", "Cirrus")
    )

    assert [
        effect for kind, effect, _ in changes_of(before, known) if kind == ChangeKind.PROVIDER_ADDED
    ] == [Effect.NEUTRAL]
    assert [
        effect
        for kind, effect, _ in changes_of(before, unknown)
        if kind == ChangeKind.PROVIDER_ADDED
    ] == [Effect.WEAKER]


def test_a_model_listed_twice_in_a_row_is_reported():
    before, after = page(row("GPT 6, GPT 7", "Acme")), page(row("GPT 6, GPT 7, GPT 6", "Acme"))

    assert (
        changes_of(before, after)[0][2] == "GPT 6 now stands twice in the row of GPT 6 and GPT 7."
    )
    assert changes_of(after, before)[0][2] == "GPT 6 now stands once in the row of GPT 6 and GPT 7."


def test_a_model_that_is_added_to_a_second_row_is_not_reported_as_moved():
    before = page(row("GPT 6", "Acme"), row("GLM", "Bolt"))
    twice = page(row("GPT 6", "Acme"), row("GLM, GPT 6", "Bolt"))
    new_row = page(row("GPT 6", "Acme"), row("GLM", "Bolt"), row("GPT 6", "Bolt"))

    assert changes_of(before, twice)[0][1:] == (
        Effect.WEAKER,
        "GPT 6 now also stands in the row of GLM; it now also goes to Bolt.",
    )
    assert changes_of(before, new_row)[0][1:] == (
        Effect.WEAKER,
        "GPT 6 stands in a new row, through Bolt; it now also goes to Bolt. Training: “No”. Retention: “30 days”.",
    )


def test_a_name_is_told_once_and_a_text_that_is_not_the_name_in_its_row():
    before = keyed(page(row("GPT 6", "Acme"), row("GLM", "Acme")))
    renamed = replace(before.providers[0], name="Acme AI")
    [section] = before.sections
    listings = tuple(
        replace(listing, cells={**listing.cells, "providers": Cell((ProviderItem("acme", text),))})
        for listing, text in zip(section.listings, ["Acme AI", "Acme (EU)"], strict=True)
    )
    after = replace(before, sections=(replace(section, listings=listings),), providers=(renamed,))

    assert [(change.kind, change.sentence) for change in compare(before, after)] == [
        (ChangeKind.PROVIDER_RENAMED, "Acme is now called Acme AI."),
        (
            ChangeKind.PROVIDER_RENAMED,
            "“Acme” is now written “Acme (EU)” in the row of GLM.",
        ),
    ]


def test_what_only_the_data_hold_is_reported_too():
    cells = keyed(ONE).sections[0].listings[0].cells
    [document] = cells["documents"].items

    def other(key, **values):
        changed = {key: replace(cells[key], **values)}
        [(_, _, sentence)] = changes_of(ONE, with_cells(ONE, **changed))
        return sentence

    assert other("training", use=TrainingUse.OPT_IN) == (
        "Training on the prompts of GPT 6 and GPT 7: “No” now means “Only if you opt in”, not “No”."
    )
    assert other("retention", clauses=read_clauses("2 years if flagged")) == (
        "Retention for GPT 6 and GPT 7: “30 days” now means: flagged content kept 2 years if flagged. "
        "It meant: all content kept 30 days."
    )
    assert other("retention", basis=Basis.DERIVED) == (
        "Retention for GPT 6 and GPT 7: “30 days” is now derived from what its providers declare, "
        "no longer stated for this row."
    )
    assert other("documents", basis=Basis.DERIVED) == (
        "The documents of GPT 6 and GPT 7 are now derived from what its providers declare, "
        "no longer stated for this row."
    )
    assert other("documents", items=(replace(document, kind=DocumentKind.TERMS),)) == (
        "“Acme Privacy Policy” at https://acme.example/privacy is now taken for the terms of Acme."
    )
