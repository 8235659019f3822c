"""compliance.page.diff.sections: sections, their prose, and the columns of their tables."""

from dataclasses import replace

import pytest

from compliance.page.diff import ChangeKind, Effect, compare
from compliance.page.table import Cell, Column, Listing, Section, empty_cell
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit
from tests.page.diff.shapes import (
    ATLAS,
    COMPANY_COLUMNS,
    MODEL_COLUMNS,
    NOVA,
    PAGE,
    company,
    text_cell,
    with_section,
)
from tests.stores import retention_cell, training_cell

MODELS, COMPANIES, END = PAGE.sections


def changes_of(before, after):
    return [(change.kind, change.effect, change.sentence) for change in compare(before, after)]


def with_column(section, column, *cells, columns=None):
    """Return a section with one more column, and a cell of it for each listing."""
    listings = tuple(
        replace(listing, cells={**listing.cells, column.key: cell})
        for listing, cell in zip(section.listings, cells, strict=True)
    )
    return replace(section, columns=(*section.columns, column), listings=listings)


def without_column(section, key):
    """Return a section without one of its columns."""
    columns = tuple(column for column in section.columns if column.key != key)
    listings = tuple(
        replace(listing, cells={name: cell for name, cell in listing.cells.items() if name != key})
        for listing in section.listings
    )
    return replace(section, columns=columns, listings=listings)


def paged(*sections):
    return replace(PAGE, sections=sections)


def relabelled(key, **changes):
    """Return the columns for models with one of them changed."""
    return tuple(
        replace(column, **changes) if column.key == key else column for column in MODEL_COLUMNS
    )


@pytest.mark.parametrize(("after", "kind", "effect", "sentence"), [
    (paged(MODELS, COMPANIES, replace(END, prose="Ask them.")), ChangeKind.TEXT, Effect.UNJUDGED, "The text at the end reads differently."),
    (paged(MODELS, replace(COMPANIES, prose="## Companies\n\nAll."), END), ChangeKind.TEXT, Effect.UNJUDGED, "The text of “Companies” reads differently."),
    (paged(MODELS, COMPANIES), ChangeKind.SECTION_REMOVED, Effect.UNJUDGED, "The text at the end is no longer on the page."),
    (paged(MODELS, COMPANIES, Section("faq", "## Questions", (COMPANY_COLUMNS[0],)), END), ChangeKind.SECTION_ADDED, Effect.UNJUDGED, "New section: “Questions”, with the column “Entity”."),
    (paged(COMPANIES, MODELS, END), ChangeKind.SECTION_MOVED, Effect.NEUTRAL, "“Companies” now stands first."),
    (paged(MODELS, END, COMPANIES), ChangeKind.SECTION_MOVED, Effect.UNJUDGED, "The text at the end now stands after “Models”."),
    (with_section(PAGE, "models", columns=relabelled("providers", label="Hosted by")), ChangeKind.COLUMN_RELABELLED, Effect.UNJUDGED, "The column “Host” of “Models” is now headed “Hosted by”."),
    (with_section(PAGE, "models", columns=relabelled("training", asks=Asks.DOES_NOT_TRAIN)), ChangeKind.COLUMN_CHANGED, Effect.UNJUDGED, "The question of the column “Trains on prompts” of “Models” is “does not train” instead of “trains”."),
    (with_section(PAGE, "models", columns=relabelled("retention", unit=Unit.DAYS)), ChangeKind.COLUMN_CHANGED, Effect.UNJUDGED, "The unit of the column “Retention” of “Models” is “days” instead of none."),
    (with_section(PAGE, "companies", columns=COMPANY_COLUMNS[::-1]), ChangeKind.COLUMNS_REORDERED, Effect.NEUTRAL, "The columns of “Companies” now stand in the order “Seat”, “Purpose” and “Entity”."),
    (paged(MODELS, with_column(COMPANIES, Column("note", "Note", ColumnRole.TEXT), Cell(), text_cell("New")), END), ChangeKind.COLUMN_ADDED, Effect.UNJUDGED, "New column of “Companies”: “Note”. It says “New” in 1 row."),
    (paged(MODELS, without_column(COMPANIES, "purpose"), END), ChangeKind.COLUMN_REMOVED, Effect.UNJUDGED, "The column “Purpose” of “Companies” is no longer on the page. It said “Hosting” in 1 row and “Support” in 1 row."),
])  # fmt: skip
def test_a_difference_of_a_section_or_column_is_one_change(after, kind, effect, sentence):
    assert changes_of(PAGE, after) == [(kind, effect, sentence)]


def test_the_introduction_is_called_so_where_it_has_no_heading():
    before, after = (paged(replace(MODELS, prose=prose)) for prose in ("Who?", "Where?"))

    assert [change.sentence for change in compare(before, after)] == [
        "The introduction reads differently."
    ]


def test_a_table_without_a_heading_is_called_by_its_place():
    before = paged(replace(MODELS, prose=""), replace(COMPANIES, prose=""))
    after = paged(replace(MODELS, prose=""), replace(COMPANIES, prose="Also:"))
    relabelled_column = replace(COMPANY_COLUMNS[0], label="Company")
    relabelled = with_section(
        before, "companies", columns=(relabelled_column, *COMPANY_COLUMNS[1:])
    )

    assert [change.sentence for change in compare(before, after)] == [
        "The text before the second table reads differently."
    ]
    assert [change.sentence for change in compare(before, relabelled)] == [
        "The column “Entity” of the second table is now headed “Company”."
    ]


def test_a_column_of_the_only_table_is_told_without_the_table():
    before, after = (
        paged(replace(MODELS, columns=relabelled("models", label=label)))
        for label in ("Model", "AI")
    )

    assert [change.sentence for change in compare(before, after)] == [
        "The column “Model” is now headed “AI”."
    ]


def test_a_column_with_another_role_is_another_column():
    columns = tuple(
        replace(column, role=ColumnRole.PLACES) if column.key == "purpose" else column
        for column in COMPANY_COLUMNS
    )

    assert [kind for kind, _, _ in changes_of(PAGE, with_section(PAGE, "companies", columns=columns))] == [
        ChangeKind.COLUMN_ADDED,
        ChangeKind.COLUMN_REMOVED,
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["training", "retention", "retention-2"])
def test_a_promise_that_leaves_with_its_column_makes_the_page_weaker(key):
    after = paged(without_column(MODELS, key), COMPANIES, END)

    assert [(kind, effect) for kind, effect, _ in changes_of(PAGE, after)] == [
        (ChangeKind.COLUMN_REMOVED, Effect.WEAKER)
    ]


def test_a_claim_column_that_comes_or_goes_is_told_with_what_it_says():
    second = Column("training-2", "Trains on files", ColumnRole.TRAINING, asks=Asks.TRAINS)
    same = paged(with_column(MODELS, second, *[training_cell("No")] * 2), COMPANIES, END)
    several = paged(
        with_column(MODELS, second, training_cell("No"), training_cell("Yes")), COMPANIES, END
    )
    empty = paged(with_column(MODELS, second, *[Cell()] * 2), COMPANIES, END)

    def told(before, after):
        return [change.sentence for change in compare(before, after)]

    new = "New column of “Models”: “Trains on files”."
    assert told(PAGE, same) == [f"{new} It says “No” in 2 rows."]
    assert told(PAGE, several) == [f"{new} It says “No” in 1 row and “Yes” in 1 row."]
    assert told(PAGE, empty) == [new]
    assert told(several, PAGE) == [
        "The column “Trains on files” of “Models” is no longer on the page. "
        "It said “No” in 1 row and “Yes” in 1 row."
    ]


def test_an_added_claim_is_weaker_only_where_it_is_worse_than_the_others():
    second = Column("training-2", "Trains on files", ColumnRole.TRAINING, asks=Asks.TRAINS)

    def effect(text):
        section = with_column(MODELS, second, *[training_cell(text)] * 2)
        [change] = compare(PAGE, paged(section, COMPANIES, END))
        return change.effect

    assert effect("Yes") == Effect.WEAKER
    assert effect("No") == Effect.NEUTRAL


def test_a_claim_column_that_states_nothing_changes_nothing_for_the_reader():
    second = Column("retention-3", "Files", ColumnRole.RETENTION, Asks.HOW_LONG, DataClass.FILE)
    section = with_column(MODELS, second, *[empty_cell(ColumnRole.RETENTION)] * 2)

    assert [effect for _, effect, _ in changes_of(PAGE, paged(section, COMPANIES, END))] == [
        Effect.NEUTRAL
    ]


def test_a_row_that_moves_to_another_section_is_told_with_what_it_says_no_more():
    chat = Section("chat", "## Chat", MODEL_COLUMNS[:4])
    moved = replace(NOVA, cells={column.key: NOVA.cells[column.key] for column in chat.columns})
    before = paged(MODELS, chat)
    after = paged(replace(MODELS, listings=(ATLAS,)), replace(chat, listings=(moved,)))

    assert changes_of(before, after) == [
        (
            ChangeKind.RETENTION,
            Effect.WEAKER,
            "“Log days” of Nova 2 and Nova Mini: an empty cell instead of “7”.",
        ),
        (
            ChangeKind.DOCUMENT_REMOVED,
            Effect.UNJUDGED,
            "Nova 2 and Nova Mini: “Acme Privacy Policy” at https://acme.example/privacy "
            "is no longer shown.",
        ),
        (
            ChangeKind.LISTING_MOVED,
            Effect.UNJUDGED,
            "The row of Nova 2 and Nova Mini now stands in “Chat”, not in “Models”.",
        ),
    ]


def test_a_model_that_moves_to_a_row_of_another_section_is_not_retired():
    nova_mini = replace(
        ATLAS, id="mini", cells={**ATLAS.cells, "models": Cell(NOVA.cells["models"].items[1:])}
    )
    chat = Section("chat", "## Chat", MODEL_COLUMNS, (nova_mini,))
    nova = replace(NOVA, cells={**NOVA.cells, "models": Cell(NOVA.cells["models"].items[:1])})
    after = paged(replace(MODELS, listings=(nova, ATLAS)), COMPANIES, END, chat)

    assert [kind for kind, _, _ in changes_of(PAGE, after)] == [
        ChangeKind.SECTION_ADDED,
        ChangeKind.LISTING_SPLIT,
        # Bolt has a mark in the row that it left, and none in the new one.
        ChangeKind.CITATION_REMOVED,
    ]


def test_rows_without_models_are_added_and_removed_by_their_first_cell():
    listings = (COMPANIES.listings[0], company("new", "[Neu](https://neu.example) AG", "Search"))

    assert changes_of(PAGE, with_section(PAGE, "companies", listings=listings)) == [
        (
            ChangeKind.LISTING_ADDED,
            Effect.UNJUDGED,
            "New row: Neu AG. “Purpose”: “Search”. “Seat”: “Germany”.",
        ),
        (ChangeKind.LISTING_REMOVED, Effect.UNJUDGED, "The row of Mail AG is gone."),
    ]


def test_a_new_row_says_every_claim_that_it_makes():
    second = Column("retention-2", "Logs", ColumnRole.RETENTION, asks=Asks.HOW_LONG)
    columns = (*MODEL_COLUMNS[:4], second)
    cells = {column.key: NOVA.cells[column.key] for column in columns[:4]}
    row = replace(NOVA, cells={**cells, "retention-2": retention_cell("1 year")})
    empty = Section("models", "", columns)

    [change] = compare(paged(empty), paged(replace(empty, listings=(row,))))

    assert change.sentence == (
        "New row: Nova 2 and Nova Mini, through Acme and Bolt. Training: “No”. "
        "“Retention”: “30 days”. “Logs”: “1 year”. Footnote 1 applies."
    )


def test_the_sections_of_a_first_page_are_told_by_their_rows():
    companies, end = (replace(paged(section), footnotes=()) for section in (COMPANIES, END))

    assert [change.kind for change in compare(None, companies)] == [ChangeKind.LISTING_ADDED] * 2
    assert [change.sentence for change in compare(None, end)] == ["New section: the introduction."]


@pytest.mark.parametrize(("key", "title", "said"), [
    ("providers", "Host", "“Bolt” in 2 rows and “Acme” in 1 row"),
    ("documents", "Policies", "“Acme Privacy Policy (https://acme.example/privacy)” in 1 row"),
])  # fmt: skip
def test_a_column_that_goes_is_told_once_and_takes_prompts_from_nobody(key, title, said):
    without = paged(without_column(MODELS, key), COMPANIES, END)

    assert changes_of(PAGE, without) == [
        (
            ChangeKind.COLUMN_REMOVED,
            Effect.UNJUDGED,
            f"The column “{title}” of “Models” is no longer on the page. It said {said}.",
        )
    ]


@pytest.mark.parametrize(("role", "text", "words"), [
    (ColumnRole.PLACES, "China", "China"),
    (ColumnRole.TEXT, "All prompts are kept for ever", "All prompts are kept for ever"),
    (ColumnRole.TEXT, "[Kept](https://acme.example)", "Kept (https://acme.example)"),
])  # fmt: skip
def test_a_column_of_texts_or_places_is_told_with_what_it_says(role, text, words):
    column = Column("extra", "Extra", role)
    wider = paged(MODELS, with_column(COMPANIES, column, *[text_cell(text)] * 2), END)

    added, removed = compare(PAGE, wider), compare(wider, PAGE)

    assert [(change.effect, change.sentence) for change in (*added, *removed)] == [
        (Effect.UNJUDGED, f"New column of “Companies”: “Extra”. It says “{words}” in 2 rows."),
        (
            Effect.UNJUDGED,
            "The column “Extra” of “Companies” is no longer on the page. "
            f"It said “{words}” in 2 rows.",
        ),
    ]


def test_of_many_texts_in_a_column_the_sentence_has_the_most_frequent_and_the_change_all():
    column = Column("note", "Note", ColumnRole.TEXT)
    listings = tuple(company(f"row-{number}", "Acme", "Search") for number in range(13))
    many = replace(COMPANIES, listings=listings)
    texts = [text_cell(f"Note {min(number, 11)}") for number in range(13)]
    pages = paged(MODELS, many, END), paged(MODELS, with_column(many, column, *texts), END)

    [added], [removed] = compare(*pages), compare(*pages[::-1])

    assert added.sentence.startswith(
        "New column of “Companies”: “Note”. It says “Note 11” in 2 rows, “Note 0” in 1 row, "
    )
    assert added.sentence.endswith("“Note 7” in 1 row and 3 more.")
    assert added.lead == "New column of “Companies”: “Note”"
    everything = "\n".join(f"Note {number}" for number in range(12))
    assert (added.before, added.after) == ("", everything)
    assert (removed.before, removed.after) == (everything, "")


def test_providers_that_a_table_names_for_the_first_time_are_told_row_by_row():
    without = paged(without_column(MODELS, "providers"), COMPANIES, END)

    assert changes_of(without, PAGE)[1:3] == [
        (
            ChangeKind.PROVIDER_ADDED,
            Effect.WEAKER,
            "The row of Nova 2 and Nova Mini names Acme and Bolt now. "
            "Acme is a new company on the page. Bolt is a new company on the page.",
        ),
        (ChangeKind.PROVIDER_ADDED, Effect.WEAKER, "The row of Atlas names Bolt now."),
    ]


def test_a_model_that_moves_to_a_table_without_providers_leaves_nobody():
    models = Section("lone", "## Lone", MODEL_COLUMNS[:1])
    lone = Listing("lone", {"models": Cell(NOVA.cells["models"].items[1:])})
    nova = replace(NOVA, cells={**NOVA.cells, "models": Cell(NOVA.cells["models"].items[:1])})
    before = paged(MODELS, models)
    after = paged(replace(MODELS, listings=(nova, ATLAS)), replace(models, listings=(lone,)))
    moved_row = paged(
        replace(MODELS, listings=(ATLAS,)), replace(models, listings=(replace(lone, id="nova"),))
    )

    assert [change.sentence for change in compare(before, after)] == [
        "Nova Mini stands in a new row; its terms are weaker."
    ]
    assert (
        ChangeKind.PROVIDER_REMOVED,
        Effect.UNJUDGED,
        "The row of Nova Mini no longer names Acme and Bolt.",
    ) in changes_of(before, moved_row)
