"""compliance.page.diff.cells and row_changes: claims, texts, places, providers and marks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page.claims import effective
from compliance.page.diff import ChangeKind, Effect, compare
from compliance.page.retention import read_clauses
from compliance.page.severity import Standing
from compliance.page.table import (
    Cell,
    ClaimItem,
    Column,
    Listing,
    ModelItem,
    ProviderItem,
    Section,
    empty_cell,
)
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, TrainingUse
from tests.page.diff.shapes import (
    NOVA,
    PAGE,
    logs_cell,
    text_cell,
    with_cells,
    with_section,
)
from tests.page.test_claims import CLAUSES
from tests.stores import providers_cell, retention_cell, training_cell

PURPOSE = Column("purpose", "Purpose", ColumnRole.TEXT)
PROVIDERS = Column("providers", "Provider", ColumnRole.PROVIDERS)


def changes_of(before, after):
    return [(change.kind, change.effect, change.sentence) for change in compare(before, after)]


@pytest.mark.parametrize(("row", "cells", "kind", "effect", "sentence"), [
    ("cloud", {"purpose": text_cell("Search")}, ChangeKind.CELL, Effect.UNJUDGED, "“Purpose” of Cloud GmbH: “Search” instead of “Hosting”."),
    ("cloud", {"purpose": text_cell("Hosting", "Search")}, ChangeKind.CELL, Effect.UNJUDGED, "“Purpose” of Cloud GmbH: “Hosting, Search” instead of “Hosting”."),
    ("cloud", {"purpose": Cell()}, ChangeKind.CELL, Effect.UNJUDGED, "“Purpose” of Cloud GmbH: an empty cell instead of “Hosting”."),
    ("cloud", {"purpose": text_cell("[Hosting](https://cloud.example)")}, ChangeKind.CELL, Effect.UNJUDGED, "“Purpose” of Cloud GmbH: “[Hosting](https://cloud.example)” instead of “Hosting”."),
    ("cloud", {"seat": text_cell("Germany")}, ChangeKind.CELL, Effect.UNJUDGED, "“Seat” of Cloud GmbH: “Germany” now stands for no country, before for DE."),
    ("nova", {"retention-2": logs_cell("30")}, ChangeKind.RETENTION, Effect.WEAKER, "“Log days” of Nova 2 and Nova Mini: “30” instead of “7”."),
    ("nova", {"retention": retention_cell("24 hours")}, ChangeKind.RETENTION, Effect.STRONGER, "“Retention” of Nova 2 and Nova Mini: “24 hours” instead of “30 days”."),
    ("nova", {"retention": empty_cell(ColumnRole.RETENTION)}, ChangeKind.RETENTION, Effect.WEAKER, "“Retention” of Nova 2 and Nova Mini: an empty cell instead of “30 days”."),
    ("nova", {"training": empty_cell(ColumnRole.TRAINING)}, ChangeKind.TRAINING, Effect.WEAKER, "Training on the prompts of Nova 2 and Nova Mini: an empty cell instead of “No”."),
    ("nova", {"training": replace(training_cell("No"), items=(ClaimItem("[No](https://acme.example)"),))}, ChangeKind.TRAINING, Effect.UNJUDGED, "Training on the prompts of Nova 2 and Nova Mini: “[No](https://acme.example)” instead of “No”."),
    ("atlas", {"models": Cell((ModelItem("atlas", "[Atlas](https://atlas.example)"),))}, ChangeKind.MODEL_RENAMED, Effect.UNJUDGED, "“Atlas” is now written “[Atlas](https://atlas.example)” in the row of Atlas."),
    ("atlas", {"providers": Cell((ProviderItem("bolt", "Bolt (EU)"),))}, ChangeKind.PROVIDER_RENAMED, Effect.UNJUDGED, "“Bolt” is now written “Bolt (EU)” in the row of Atlas."),
])  # fmt: skip
def test_another_cell_is_one_change_of_its_row(row, cells, kind, effect, sentence):
    assert changes_of(PAGE, with_cells(PAGE, row, **cells)) == [(kind, effect, sentence)]


def test_a_claim_below_a_question_to_which_yes_is_better_is_told_with_its_label():
    columns = tuple(
        replace(column, label="Not used for training", asks=Asks.DOES_NOT_TRAIN)
        if column.role is ColumnRole.TRAINING
        else column
        for column in PAGE.sections[0].columns
    )
    yes = replace(training_cell("Yes"), use=TrainingUse.NEVER)
    before = with_section(with_cells(PAGE, "nova", training=yes), "models", columns=columns)

    no = replace(training_cell("No"), use=TrainingUse.BY_DEFAULT)
    reworded = with_cells(before, "nova", training=no)
    read_anew = with_cells(before, "nova", training=replace(yes, use=TrainingUse.BY_DEFAULT))

    assert changes_of(before, reworded) == [
        (
            ChangeKind.TRAINING,
            Effect.WEAKER,
            "“Not used for training” of Nova 2 and Nova Mini: “No” instead of “Yes”.",
        )
    ]
    assert [sentence for _, _, sentence in changes_of(before, read_anew)] == [
        "“Not used for training” of Nova 2 and Nova Mini: “Yes” now means “Used for training”, "
        "not “Not used for training”."
    ]


FILES = Column("retention-2", "Files kept", ColumnRole.RETENTION, Asks.HOW_LONG, DataClass.FILE)


def kept(whole, files):
    """Return a page with a row that says how long all content and files are kept."""
    columns = (PURPOSE, PAGE.sections[0].columns[3], FILES)
    cells = {"purpose": text_cell("Search"), "retention": retention_cell(whole)}
    about_files = Cell((ClaimItem(files),), clauses=read_clauses(files, covers=DataClass.FILE))
    cells["retention-2"] = about_files if files else empty_cell(ColumnRole.RETENTION)
    section = Section("tools", "", columns, (Listing("search", cells),))
    return replace(PAGE, sections=(section,), models=())


WEAKER, STRONGER, NEUTRAL = Effect.WEAKER, Effect.STRONGER, Effect.NEUTRAL
MIXED, UNJUDGED = Effect.MIXED, Effect.UNJUDGED


@pytest.mark.parametrize(("old", "new", "effects"), [
    (("30 days; files: 7 days", ""), ("30 days", "7 days"), [NEUTRAL, NEUTRAL]),
    (("30 days", "7 days"), ("30 days; files: 7 days", ""), [NEUTRAL, NEUTRAL]),
    (("30 days; files: 7 days", ""), ("30 days", "14 days"), [WEAKER, NEUTRAL]),
    (("30 days", "7 days"), ("20 days", "1 day"), [STRONGER, STRONGER]),
    (("30 days", "7 days"), ("20 days", "14 days"), [STRONGER, WEAKER]),
    (("30 days", "7 days"), ("Zero data retention (opt-in)", "1 day"), [MIXED, STRONGER]),
    (("30 days", "7 days"), ("30 days", ""), [WEAKER]),
    (("Flagged prompts: 2 years", "7 days"), ("1 year", "7 days"), [STRONGER]),
])  # fmt: skip
def test_no_cell_is_better_than_its_row_over_all_its_columns(old, new, effects):
    assert [effect for _, effect, _ in changes_of(kept(*old), kept(*new))] == effects


@given(*[st.lists(CLAUSES, max_size=2).map(tuple)] * 4)
def test_the_cells_of_a_row_are_together_as_bad_as_the_row(old_all, old_files, new_all, new_files):
    pages = [
        with_cells(
            kept("30 days", "7 days"),
            "search",
            retention=Cell((ClaimItem("…"),), clauses=whole),
            **{"retention-2": Cell((ClaimItem("…"),), clauses=files)},
        )
        for whole, files in ((old_all, old_files), (new_all, new_files))
    ]
    old, new = (Standing.of(effective(next(page.rows()))) for page in pages)

    effects = {effect for _, effect, _ in changes_of(*pages)}

    assert not effects.isdisjoint({WEAKER, MIXED}) or not new.is_worse_than(old)
    assert effects.isdisjoint({STRONGER, MIXED}) or new.is_better_than(old)


@pytest.mark.parametrize(("old", "new", "effect"), [
    ("Not stored", "Zero data retention (opt-in)", WEAKER), ("30 days", "Zero data retention (opt-in)", MIXED),
    ("30 days", "Flagged prompts: 2 years", WEAKER), ("Flagged prompts: 2 years", "30 days (flagged prompts: 2 years)", STRONGER),
    ("Not stated", "Zero data retention (opt-in)", STRONGER), ("30 days", "20 days (flagged prompts: 2 years)", MIXED),
    ("30 days; metadata: 1 year", "30 days", NEUTRAL),
])  # fmt: skip
def test_what_a_wording_leaves_open_counts_as_not_stated(old, new, effect):
    [(_, found, _)] = changes_of(kept(old, "1 day"), kept(new, "1 day"))

    assert found == effect


def by_purpose(*names, purpose="Search"):
    """Return a page of one row that names providers and no model."""
    known = {provider.name: provider for provider in PAGE.providers}
    cells = {
        "purpose": text_cell(purpose),
        "providers": providers_cell(*(known[name] for name in names)),
    }
    section = Section("tools", "", (PURPOSE, PROVIDERS), (Listing("search", cells),))
    return replace(PAGE, sections=(section,), models=())


def test_the_recipients_of_a_row_without_models_are_told_by_its_name():
    both, acme = by_purpose("Acme", "Bolt"), by_purpose("Acme")

    assert changes_of(acme, both) == [
        (
            ChangeKind.PROVIDER_ADDED,
            Effect.WEAKER,
            "The row of Search now also names Bolt. Bolt is a new company on the page.",
        )
    ]
    assert changes_of(both, acme) == [
        (
            ChangeKind.PROVIDER_REMOVED,
            Effect.STRONGER,
            "The row of Search no longer names Bolt. Bolt is no longer on the page.",
        )
    ]


def test_a_row_that_is_called_by_its_provider_is_told_by_the_one_it_had():
    def called_by_provider(name):
        page = by_purpose(name)
        return with_section(page, "tools", columns=(PROVIDERS, PURPOSE))

    assert [
        sentence
        for _, _, sentence in changes_of(called_by_provider("Acme"), called_by_provider("Bolt"))
    ] == [
        "The row of Acme now also names Bolt. Bolt is a new company on the page.",
        "The row of Acme no longer names Acme. Acme is no longer on the page.",
    ]


def test_a_new_row_without_models_names_its_recipients_and_who_is_new():
    empty = with_section(by_purpose("Acme"), "tools", listings=())
    before = replace(empty, sections=(*PAGE.sections, *empty.sections), models=PAGE.models)
    listings = by_purpose("Acme").sections[0].listings

    assert changes_of(before, with_section(before, "tools", listings=listings)) == [
        (ChangeKind.LISTING_ADDED, Effect.NEUTRAL, "New row: Search, through Acme.")
    ]


def test_a_model_added_to_a_table_without_providers_goes_nowhere():
    models = Column("models", "Model", ColumnRole.MODELS)
    cells = {"models": Cell(NOVA.cells["models"].items[:1])}
    section = Section("models", "", (models,), (Listing("nova", cells),))
    before = replace(PAGE, sections=(section,))

    after = with_cells(before, "nova", models=NOVA.cells["models"])

    assert changes_of(before, after) == [
        (ChangeKind.MODEL_ADDED, Effect.NEUTRAL, "Nova Mini is added.")
    ]


def test_a_mark_is_told_by_the_text_that_it_marks_or_by_the_cell():
    one = with_cells(PAGE, "cloud", purpose=Cell(marked("Hosting")))
    several = with_cells(PAGE, "cloud", purpose=text_cell("Hosting", "Search"))
    second = Cell((*text_cell("Hosting").items, *marked("Search")))
    claim = with_cells(
        PAGE, "nova", training=replace(training_cell("No"), items=(ClaimItem("No", (1,)),))
    )

    assert [sentence for _, _, sentence in changes_of(PAGE, one)] == [
        "Footnote 1 now marks the cell “Purpose” in the row of Cloud GmbH."
    ]
    assert [
        sentence
        for _, _, sentence in changes_of(several, with_cells(PAGE, "cloud", purpose=second))
    ] == ["Footnote 1 now marks Search in the row of Cloud GmbH."]
    assert [sentence for _, _, sentence in changes_of(PAGE, claim)] == [
        "Footnote 1 now marks the training cell in the row of Nova 2 and Nova Mini."
    ]


def marked(text):
    [item] = text_cell(text).items
    return (replace(item, footnotes=(1,)),)


def test_a_text_that_is_reworded_keeps_its_mark():
    before = with_cells(PAGE, "cloud", purpose=Cell(marked("Hosting")))
    after = with_cells(PAGE, "cloud", purpose=Cell(marked("Search")))

    assert [kind for kind, _, _ in changes_of(before, after)] == [ChangeKind.CELL]
