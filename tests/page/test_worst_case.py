"""The worst that a page says of a model, and who causes it."""

from dataclasses import replace

from compliance.page.retention import read_clauses
from compliance.page.snapshot import Declared, Model, Provider, Snapshot
from compliance.page.table import Column, Listing, Section, Term, empty_cell
from compliance.page.vocabulary import ColumnRole, DataClass, TrainingUse
from compliance.page.worst_case import worst_cases
from tests.stores import (
    COLUMNS,
    models_cell,
    providers_cell,
    retention_cell,
    snapshot,
    training_cell,
)

ONE, TWO = Model("one", "One"), Model("two", "Two")
ACME, BOLT = Provider("acme", "Acme"), Provider("bolt", "Bolt")
MODELS, PROVIDERS, TRAINING, RETENTION, _ = COLUMNS
LOGS = Column("logs", "Keeps logs", ColumnRole.RETENTION, covers=DataClass.ABUSE_LOG)


def term(text: str) -> Term:
    return Term(text, read_clauses(text))


def keeps(provider: Provider, text: str) -> Provider:
    """Return a provider that declares a retention."""
    return replace(provider, declared=Declared(None, term(text)))


def page(columns, *rows, model=ONE, providers=(ACME, BOLT)) -> Snapshot:
    """Return a page with one table, and a row for each tuple of cells."""
    keys = [column.key for column in columns]
    listings = [
        Listing(f"row-{number}", dict(zip(keys, cells, strict=True)))
        for number, cells in enumerate(rows)
    ]
    section = Section("one", "", tuple(columns), tuple(listings))
    return replace(snapshot(models=(model, TWO), providers=providers), sections=(section,))


def cases(page: Snapshot):
    """Return column, text and causing providers of each worst case of the model One."""
    return [
        (case.label, case.text, [provider.name for provider in case.providers])
        for case in worst_cases(page, page.models[0])
    ]


def test_the_worst_row_of_the_model_counts():
    columns = (MODELS, PROVIDERS, TRAINING, RETENTION)
    found = cases(
        page(
            columns,
            (models_cell(ONE), providers_cell(ACME), training_cell("No"), retention_cell("1 year")),
            (models_cell(ONE), providers_cell(BOLT), training_cell("Yes"), retention_cell("1 day")),
            (models_cell(TWO), providers_cell(BOLT), training_cell("?"), retention_cell("?")),
        )
    )

    assert found == [("Trains on prompts", "Yes", ["Bolt"]), ("Retention", "1 year", ["Acme"])]


def test_the_cause_are_the_providers_that_declare_as_much():
    row = (models_cell(ONE), providers_cell(ACME, BOLT), retention_cell("30 days"))
    providers = (keeps(ACME, "Not stored"), keeps(BOLT, "30 days"))

    found = cases(page((MODELS, PROVIDERS, RETENTION), row, providers=providers))

    assert found == [("Retention", "30 days", ["Bolt"])]


def test_a_provider_that_declares_its_training_may_be_the_cause():
    row = (models_cell(ONE), providers_cell(ACME, BOLT), training_cell("Yes"))
    trains = replace(BOLT, declared=Declared(TrainingUse.BY_DEFAULT, None))

    found = cases(page((MODELS, PROVIDERS, TRAINING), row, providers=(ACME, trains)))

    assert found == [("Trains on prompts", "Yes", ["Bolt"])]


def test_all_providers_of_the_row_are_the_cause_if_none_declares_as_much():
    row = (models_cell(ONE), providers_cell(ACME, BOLT), retention_cell("30 days"))

    found = cases(
        page((MODELS, PROVIDERS, RETENTION), row, providers=(keeps(ACME, "Not stored"), BOLT))
    )

    assert found == [("Retention", "30 days", ["Acme", "Bolt"])]


def test_the_floor_of_the_model_is_the_cause_if_no_provider_declares_as_much():
    model = replace(ONE, retention_floor=term("30 days"))
    row = (models_cell(model), providers_cell(ACME), retention_cell("30 days"))
    columns, providers = (MODELS, PROVIDERS, RETENTION), (keeps(ACME, "Not stored"),)

    [case] = worst_cases(page(columns, row, model=model, providers=providers), model)

    assert (case.is_floor, case.providers) == (True, ())


def test_a_floor_that_says_at_least_is_the_cause_of_what_it_says():
    model = replace(ONE, retention_floor=term("At least 30 days"))
    row = (models_cell(model), providers_cell(ACME), retention_cell("At least 30 days"))
    columns, providers = (MODELS, PROVIDERS, RETENTION), (keeps(ACME, "Not stored"),)

    [case] = worst_cases(page(columns, row, model=model, providers=providers), model)

    assert case.is_floor


def test_equally_bad_rows_all_cause_it():
    rows = [
        (models_cell(ONE), providers_cell(provider), retention_cell("30 days"))
        for provider in (ACME, BOLT)
    ]

    assert cases(page((MODELS, PROVIDERS, RETENTION), *rows)) == [
        ("Retention", "30 days", ["Acme", "Bolt"])
    ]


def test_the_worst_of_several_retention_columns_counts():
    row = (models_cell(ONE), retention_cell("1 day"), retention_cell("2 years"))

    assert cases(page((MODELS, RETENTION, LOGS), row)) == [("Keeps logs", "2 years", [])]


def test_a_column_about_one_kind_of_data_is_compared_with_what_is_declared_of_that_kind():
    logs = retention_cell("abuse logs 30 days")
    row = (models_cell(ONE), providers_cell(ACME, BOLT), logs)
    providers = (keeps(ACME, "2 years"), keeps(BOLT, "Not stored; abuse logs 30 days"))

    found = cases(page((MODELS, PROVIDERS, LOGS), row, providers=providers))

    assert found == [("Keeps logs", "abuse logs 30 days", ["Bolt"])]


def test_an_empty_claim_is_no_better_than_one_that_is_not_stated():
    empty = empty_cell(ColumnRole.RETENTION)
    rows = [(models_cell(ONE), retention_cell("2 years")), (models_cell(ONE), empty)]

    assert cases(page((MODELS, RETENTION), *rows)) == [("Retention", "", [])]


def test_a_model_in_tables_without_claims_has_no_worst_case():
    assert cases(page((MODELS, PROVIDERS), (models_cell(ONE), providers_cell(ACME)))) == []


def test_a_row_that_leaves_all_content_open_is_the_worst():
    rows = [
        (models_cell(ONE), providers_cell(ACME), retention_cell("2 years")),
        (models_cell(ONE), providers_cell(BOLT), retention_cell("Zero data retention (opt-in)")),
    ]
    found = page((MODELS, PROVIDERS, RETENTION), *rows)

    [case] = worst_cases(found, ONE)

    assert (case.text, case.is_partial) == ("Zero data retention (opt-in)", True)
    assert [provider.name for provider in case.providers] == ["Bolt"]


def test_the_columns_of_a_row_are_judged_together():
    files = replace(LOGS, covers=DataClass.FILE)
    first = (models_cell(ONE), retention_cell("30 days"), retention_cell("Files: 7 days"))
    table = page((MODELS, RETENTION, files), first)

    [case] = worst_cases(table, ONE)

    assert (case.label, case.text, case.is_partial) == ("Retention", "30 days", False)
