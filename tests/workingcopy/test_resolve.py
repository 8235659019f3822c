"""compliance.workingcopy.resolve: the working copy as a snapshot."""

from datetime import date

import pytest
from django.db import connection

from compliance.models.changesets import changeset
from compliance.page.diff.sentences import row_label
from compliance.page.inline import escape
from compliance.page.table import Cell, Column, ModelItem, TextItem
from compliance.page.vocabulary import Asks, Basis, ClauseKind, ColumnRole, DataClass, TrainingUse
from compliance.workingcopy.resolve import capture, sections_of
from tests.factories import (
    BLANK,
    STANDARD_COLUMNS,
    cell_of,
    cite,
    make_document,
    make_footnote,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_section,
    make_term,
)

pytestmark = pytest.mark.django_db


def row_of(listing):
    return row_of_register(listing.register)


def row_of_register(register):
    return next(capture(register).rows())


def claim_of(row, key):
    """Return a claim's cell and its one item."""
    cell = row.listing.cells[key]
    [item] = cell.items
    return cell, item


def test_a_stated_cell_prints_what_it_states():
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])

    row = row_of(make_listing(training=("never", "Never, by contract"), retention=term))

    training, training_item = claim_of(row, "training")
    assert (training.use, training.basis) == (TrainingUse.NEVER, Basis.STATED)
    assert training_item.text == "Never, by contract"
    retention, retention_item = claim_of(row, "retention")
    assert (retention_item.text, retention.basis) == ("30 days", Basis.STATED)
    assert retention.clauses[0].duration == "P30D"


def test_a_derived_cell_prints_the_worst_of_what_providers_declare():
    none = make_term("Not stored", clauses=[{"kind": "none"}])
    long = make_term("1 year", clauses=[{"kind": "duration", "duration": "P1Y"}])
    acme = make_provider("Acme", declared_training="never", declared_retention=none)
    bolt = make_provider("Bolt", declared_training="opt_out", declared_retention=long)

    captured = capture(make_listing(providers=[acme, bolt]).register)

    [row] = captured.rows()
    training, retention = row.listing.cells["training"], row.listing.cells["retention"]
    assert (training.use, training.basis) == (TrainingUse.OPT_OUT, Basis.DERIVED)
    assert (retention.plain, retention.basis) == ("1 year", Basis.DERIVED)
    assert captured.providers[0].declared.retention.text == "Not stored"


def test_a_provider_that_declares_nothing_is_worse_than_one_that_declares_a_time():
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    acme = make_provider("Acme", declared_training="never", declared_retention=term)

    captured = capture(make_listing(providers=[acme, make_provider("Bolt")]).register)

    [row] = captured.rows()
    assert row.listing.cells["training"].use == TrainingUse.NOT_STATED
    assert row.listing.cells["retention"].clauses[0].kind == ClauseKind.NOT_STATED
    assert captured.providers[1].declared is None


def test_no_provider_prints_less_than_the_floor_of_the_model():
    none = make_term("Not stored", clauses=[{"kind": "none"}])
    floor = make_term("2 years", clauses=[{"kind": "duration", "duration": "P2Y"}])

    row = row_of(
        make_listing(
            models=[make_model("GPT 6", retention_floor=floor)],
            providers=[make_provider("Acme", declared_retention=none)],
        )
    )

    assert row.listing.cells["retention"].plain == "2 years"


def test_documents_are_the_providers_in_provider_order():
    acme, bolt = make_provider("Acme"), make_provider("Bolt")
    make_document(bolt, kind="faq", position=20)
    make_document(bolt, kind="privacy_policy", position=10)
    make_document(acme, kind="agreement", url="", label="By contract")

    row = row_of(make_listing(providers=[bolt, acme]))

    assert [document.text for document in row.documents] == [
        "Bolt Privacy Policy",
        "Bolt FAQ",
        "By contract",
    ]
    assert [document.provider for document in row.documents] == ["bolt", "bolt", "acme"]
    assert row.documents[2].url is None


def test_documents_of_a_departing_listing_are_exactly_its_own():
    acme = make_provider("Acme")
    first, second = make_document(acme), make_document(acme, kind="faq")

    row = row_of(make_listing(providers=[acme], documents=[second, first]))

    assert [document.kind for document in row.documents] == ["faq", "privacy_policy"]
    blank = row_of(make_listing(providers=[acme], documents=BLANK))
    assert blank.listing.cells["documents"] == Cell((), Basis.STATED)


def test_marks_stand_in_number_order_each_once():
    listing = make_listing(
        models=["GPT 6"], providers=["Acme"], training="never", retention="30 days"
    )
    model, provider = listing.listed_models.get(), listing.listed_providers.get()
    third, first = (
        make_footnote(listing.register, position=3),
        make_footnote(listing.register, position=1),
    )
    cite(third, provider=provider.provider)
    cite(first, listed_provider=provider)
    cite(first, provider=provider.provider)
    cite(third, model=model.model)
    cite(first, cell=cell_of(listing, "training"))
    cite(third, cell=cell_of(listing, "retention"))

    row = row_of(listing)

    assert row.providers[0].footnotes == (1, 3)
    assert row.models[0].footnotes == (3,)
    assert claim_of(row, "training")[1].footnotes == (1,)
    assert claim_of(row, "retention")[1].footnotes == (3,)


def test_a_note_of_another_register_marks_nothing_here():
    provider = make_provider("Acme")
    listing = make_listing(providers=[provider])
    cite(make_footnote(make_register()), provider=provider)

    assert row_of(listing).providers[0].footnotes == ()


def test_everything_stands_in_order_of_position():
    register = make_register()
    make_listing(register, models=["Second"], position=20)
    make_listing(register, models=["First"], position=10)

    assert [row_label(row) for row in capture(register).rows()] == ["First", "Second"]


def test_renamed_records_print_their_present_names():
    listing = make_listing(providers=["Acme"])
    with changeset(by=None, label="tests", reason="Renamed", source="admin"):
        listing.listed_providers.get().provider.set(name="Acme Cloud")

    assert row_of(listing).providers[0].text == "Acme Cloud"


def test_sections_stand_in_order_with_prose_and_the_columns_of_their_tables():
    register = make_register(columns=())
    columns = [
        {"role": "retention", "label": "Kept (days)", "asks": "how_long", "unit": "days"},
        {"role": "text", "label": "Purpose"},
    ]
    table = make_section(register, prose="## Hosts", columns=columns, position=20)
    prose = make_section(register, prose="First.", position=10)

    first, second = capture(register).sections

    assert (first.id, first.prose, first.columns) == (str(prose.pk), "First.", ())
    assert (second.id, second.prose) == (str(table.pk), "## Hosts")
    assert [column.key for column in second.columns] == ["retention", "purpose"]
    assert second.columns[0].covers is DataClass.ALL_CONTENT
    assert second.columns[0].unit == "days"
    assert second.columns[0].asks is Asks.HOW_LONG
    assert second.columns[1] == Column("purpose", "Purpose", ColumnRole.TEXT)


def test_the_sections_of_a_register_have_their_columns_in_order():
    register = make_register()
    make_section(register, columns=[{"role": "text", "label": "First"}], position=5)

    keys = [[column.key for column in section.columns] for section in sections_of(register)]

    assert keys == [["first"], ["models", "providers", "training", "retention", "documents"]]


def test_a_table_without_models_and_providers_prints_its_texts_and_places():
    columns = [
        {"role": "text", "label": "Entity"},
        {"role": "places", "label": "Seat"},
        {"role": "text", "label": "Purpose"},
    ]
    section = make_section(columns=columns)
    listing = make_listing(
        section, entity="[Acme](https://acme.example)", places=["Germany", "EU and US"]
    )
    cite(make_footnote(section.register), cell=listing.cells.get(text="Germany"))

    captured = capture(section.register)

    [row] = captured.rows()
    assert row_label(row) == "Acme"
    assert row.listing.cells["entity"].items == (TextItem("[Acme](https://acme.example)"),)
    assert row.listing.cells["places"].items == (
        TextItem("Germany", "DE", (1,)),
        TextItem("EU and US"),
    )
    assert row.listing.cells["purpose"] == Cell()
    assert (captured.models, captured.providers) == ((), ())


@pytest.mark.parametrize(
    ("language", "place", "country"),
    [
        ("en", "germany", "DE"),
        ("de", "Deutschland", "DE"),
        ("de", "Germany", "DE"),
        ("pt-BR", "Alemanha", "DE"),
        ("en", "United States", "US"),
        ("en", "Deutschland", None),
        ("en", "Germany (Frankfurt)", None),
        ("xx", "Germany", "DE"),
    ],
)
def test_a_place_is_a_country_if_all_of_it_is_the_name_of_one(language, place, country):
    register = make_register(language="en", columns=[{"role": "places", "label": "Where"}])
    make_listing(register, places=place)
    with changeset(by=None, label="tests", reason="Language", source="admin"):
        register.set(language=language)

    assert row_of_register(register).listing.cells["places"].items[0].country == country


def test_a_printed_text_stands_in_place_of_the_name():
    listing = make_listing(models=["GPT 6"], providers=["Acme *AI*"])
    with changeset(by=None, label="tests", reason="Link", source="admin"):
        listing.listed_models.get().set(text="[GPT 6](https://example.com/gpt)")

    row = row_of(listing)

    assert row.models == (ModelItem("gpt-6", "[GPT 6](https://example.com/gpt)"),)
    assert row.providers[0].text == escape("Acme *AI*")


def test_an_empty_claim_that_is_stated_prints_nothing_and_is_not_derived():
    acme = make_provider("Acme", declared_training="never")

    cells = row_of(make_listing(providers=[acme], training=BLANK, retention=BLANK)).listing.cells

    assert cells["training"] == Cell((), Basis.STATED, use=TrainingUse.NOT_STATED)
    assert cells["retention"] == Cell((), Basis.STATED, clauses=())


def test_a_stated_term_reads_as_its_column_asks_unless_an_editor_gave_it_clauses():
    columns = [
        {"role": "retention", "label": "Prompts kept", "asks": "is_kept", "covers": "prompt"},
        {"role": "retention", "label": "Not kept", "asks": "is_not_kept"},
        {"role": "retention", "label": "Days", "unit": "days"},
    ]
    section = make_section(columns=columns)
    no = make_term("No", clauses=[{"kind": "unknown"}])
    judged = make_term("30", clauses=[{"kind": "duration", "duration": "P30Y"}])
    listing = make_listing(section, **{"retention": no, "retention-2": no, "retention-3": judged})

    cells = row_of(listing).listing.cells

    [prompts], [all_content] = cells["retention"].clauses, cells["retention-2"].clauses
    assert (prompts.data_class, prompts.kind) == (DataClass.PROMPT, ClauseKind.NONE)
    assert (all_content.data_class, all_content.kind) == (DataClass.ALL_CONTENT, ClauseKind.KEPT)
    assert [clause.duration for clause in cells["retention-3"].clauses] == ["P30Y"]


def test_two_retention_columns_derive_what_is_declared_of_their_kind_of_data():
    wording = "30 days (flagged prompts: 2 years)"
    term = make_term(
        wording,
        clauses=[
            {"kind": "duration", "duration": "P30D"},
            {
                "kind": "duration",
                "duration": "P2Y",
                "data_class": "flagged_content",
                "trigger": "flagged",
            },
        ],
    )
    columns = [
        *STANDARD_COLUMNS,
        {"role": "retention", "label": "Flagged content", "covers": "flagged_content"},
        {"role": "retention", "label": "Files", "covers": "file"},
    ]
    section = make_section(columns=columns)

    cells = row_of(
        make_listing(section, providers=[make_provider("Acme", declared_retention=term)])
    ).listing.cells

    assert [cells[key].plain for key in ("retention", "retention-2", "retention-3")] == [
        wording,
        "2 years",
        "Not specified",
    ]
    assert [clause.duration for clause in cells["retention-2"].clauses] == ["P2Y"]
    [of_files] = cells["retention-3"].clauses
    assert (of_files.kind, of_files.data_class) == (ClauseKind.NOT_STATED, DataClass.FILE)


def test_a_derived_claim_is_worded_so_that_it_reads_right_below_its_label():
    yes = make_term("Yes", clauses=[{"kind": "kept"}])
    acme = make_provider("Acme", declared_training="never", declared_retention=yes)
    columns = [
        {"role": "providers", "label": "Host"},
        {"role": "training", "label": "Does not train", "asks": "does_not_train"},
        {"role": "retention", "label": "Zero retention", "asks": "is_not_kept"},
    ]

    cells = row_of(make_listing(make_section(columns=columns), providers=[acme])).listing.cells

    assert (cells["training"].use, cells["training"].plain) == (TrainingUse.NEVER, "Yes")
    assert cells["retention"].plain == "Kept for an unspecified period"
    assert [clause.kind for clause in cells["retention"].clauses] == [ClauseKind.KEPT]


def test_what_editors_keep_of_models_and_providers_and_documents_is_in_the_snapshot():
    acme = make_provider(
        "Acme",
        legal_entity="Acme Ltd",
        website="https://acme.example/",
        processing_countries=["IE"],
        storage_countries=["DE", "US"],
        aliases="Acme AI\n\nACME",
    )
    floor = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    model = make_model("GPT 6", developer="OpenAI", aliases="gpt-6", retention_floor=floor)
    bolt = make_provider("Bolt")
    document = make_document(bolt, valid_from=date(2026, 1, 1), valid_until=date(2027, 1, 1))
    listing = make_listing(models=[model], providers=[acme], documents=[document])
    make_footnote(listing.register, valid_until=date(2028, 1, 1))

    captured = capture(listing.register)

    assert captured.models[0].developer == "OpenAI"
    assert captured.models[0].aliases == ("gpt-6",)
    assert captured.models[0].retention_floor.text == "30 days"
    provider, author = captured.providers
    assert (provider.legal_entity, provider.website) == ("Acme Ltd", "https://acme.example/")
    assert (provider.processing_countries, provider.storage_countries) == (("IE",), ("DE", "US"))
    assert provider.aliases == ("Acme AI", "ACME")
    assert author.id == "bolt"
    [shown] = next(captured.rows()).documents
    assert (shown.valid_from, shown.valid_until) == (date(2026, 1, 1), date(2027, 1, 1))
    assert captured.footnotes[0].valid_until == date(2028, 1, 1)


@pytest.mark.parametrize("size", [1, 30])
@pytest.mark.slow
def test_it_takes_the_same_queries_whatever_the_size(size, django_assert_num_queries):
    register = make_register()
    term = make_term("30 days", clauses=[{"kind": "duration", "duration": "P30D"}])
    for number in range(size):
        provider = make_provider(f"Acme {number}", declared_retention=term)
        listing = make_listing(
            register,
            models=[f"GPT {number}"],
            providers=[provider],
            documents=[make_document(provider)],
        )
        cite(make_footnote(register), listed_model=listing.listed_models.get())

        section = make_section(register, prose=f"Part {number}", columns=STANDARD_COLUMNS)
        make_listing(section, models=["GPT"], providers=[provider], training="never")

    # savepoint, register with the state of the record, sections, columns, listings, footnotes,
    # listed models, providers and documents, cells, providers, their documents, terms, clauses,
    # citations, all models, release; on PostgreSQL the lock
    with django_assert_num_queries(17 if connection.vendor == "sqlite" else 18):
        capture(register)
    # the register with the state of the record
    with django_assert_num_queries(1):
        capture(register)
