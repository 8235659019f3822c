"""compliance.page.policy: which models fit a reader's policy."""

from dataclasses import replace

import pytest

from compliance.page.policy import InvalidPolicy, Policy, verdicts
from compliance.page.retention import read_clauses
from compliance.page.snapshot import Declared, Model, Provider
from compliance.page.table import Cell, Column, Listing, Section, Term, TextItem
from compliance.page.training import training_use
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, TrainingUse
from tests.stores import (
    COLUMNS,
    listing,
    models_cell,
    providers_cell,
    retention_cell,
    snapshot,
    training_cell,
)

PURPOSE = Column("purpose", "Purpose", ColumnRole.TEXT)
PROVIDERS = Column("providers", "Provider", ColumnRole.PROVIDERS)


def declaring(name, training=None, retention=None):
    term = Term(retention, read_clauses(retention)) if retention else None
    declared = Declared(training and training_use(training), term)
    return Provider(name.lower(), name, declared=declared)


ACME = declaring("Acme")


def row(id, models="One", providers=(ACME,), training="No", retention="30 days"):
    """Return a listing, and the providers that it names."""
    named = (Model(name.lower(), name) for name in models.split(", "))
    found = listing(
        id,
        models=models_cell(*named),
        providers=providers_cell(*providers),
        training=training_cell(training),
        retention=retention_cell(retention),
    )
    return found, providers


def judged(*rows, training="", longest="", columns=COLUMNS):
    """Return the reasons by name: each sentence with the providers at which it is so."""
    models = {}
    providers = {}
    for found, parties in rows:
        for item in found.cells["models"].items if "models" in found.cells else ():
            models[item.model] = Model(item.model, item.plain)
        providers |= {party.id: party for party in parties}
    section = Section("section", "", columns, tuple(found for found, _ in rows))
    page = replace(
        snapshot(),
        sections=(section,),
        models=tuple(models.values()),
        providers=tuple(providers.values()),
    )
    return {
        verdict.name: [(why.sentence, [p.name for p in why.providers]) for why in verdict.reasons]
        for verdict in verdicts(page, Policy.of(training, longest))
    }


@pytest.mark.parametrize(("retention", "longest", "fits"), [
    ("30 days", "P30D", True), ("30 days", "P29D", False), ("30 days", "P1M", True), ("24 hours", "P1D", True),
    ("Up to 30 days", "P30D", True), ("About 30 days", "P30D", True), ("At least 30 days", "P2Y", False),
    ("Not stored", "P0D", True), ("24 hours", "P0D", False), ("Until deleted", "P2Y", False),
    ("Indefinitely", "P2Y", False), ("Not specified", "P2Y", False), ("Who knows", "P2Y", False),
    ("30 days (flagged prompts: 2 years)", "P30D", False), ("30 days (flagged prompts: 2 years)", "P2Y", True),
    ("Who knows", "", True),
])  # fmt: skip
def test_retention_is_judged_by_its_longest_clause(retention, longest, fits):
    assert (judged(row("a", retention=retention), longest=longest)["One"] == []) == fits


@pytest.mark.parametrize(("training", "accepted", "fits"), [
    ("No", "never", True), ("Opt-in", "never", False), ("Opt-in", "opt_in", True), ("No", "opt_out", True),
    ("Yes", "opt_out", False), ("Not specified", "by_default", False), ("Unknown", "unknown", True), ("Yes", "", True),
])  # fmt: skip
def test_training_is_judged_by_the_worst_use_accepted(training, accepted, fits):
    assert (judged(row("a", training=training), training=accepted)["One"] == []) == fits


def test_a_reason_names_the_providers_that_cause_it():
    providers = [
        declaring("Acme", "No", "Not stored"),
        declaring("Bolt", "Yes", "30 days"),
        declaring("Cold"),
    ]

    found = judged(row("a", providers=providers, training="Yes"), training="never", longest="P1D")

    assert found["One"] == [
        ("Training: “Yes”.", ["Bolt"]),
        ("Retention: “30 days”, that is: all content kept 30 days.", ["Bolt"]),
    ]


def test_a_reason_that_no_provider_declares_names_all_of_the_row():
    providers = [declaring("Acme", "No", "Not stored"), Provider("bolt", "Bolt")]

    assert judged(row("a", providers=providers), longest="P1D")["One"][0][1] == ["Acme", "Bolt"]


def test_the_row_decides_not_what_a_provider_declares():
    assert judged(row("a", providers=[declaring("Acme", "Yes")]), training="never") == {"One": []}


def test_only_the_clauses_that_are_too_long_are_named():
    found = judged(row("a", retention="30 days (flagged prompts: 2 years)"), longest="P30D")

    assert found["One"][0][0].endswith("that is: flagged content kept 2 years if flagged.")


def test_a_model_in_several_rows_must_fit_in_all_and_says_each_reason_once():
    rows = [
        row("a", "One, Two"),
        row("b", "One", retention="1 year"),
        row("c", "One", retention="1 year"),
    ]

    found = judged(*rows, longest="P30D")

    assert list(found) == ["One", "Two"]
    assert [len(reasons) for reasons in found.values()] == [1, 0]


def test_a_row_without_models_is_judged_by_itself_and_called_by_its_first_cell():
    cells = {
        "purpose": Cell((TextItem("Search"),)),
        "providers": providers_cell(ACME),
        "training": training_cell("Yes"),
    }
    training = Column("training", "Trains", ColumnRole.TRAINING, asks=Asks.TRAINS)
    columns = (PURPOSE, PROVIDERS, training)

    found = judged((Listing("a", cells), (ACME,)), training="never", columns=columns)
    [verdict] = verdicts(
        replace(
            snapshot(),
            sections=(Section("1", "", columns, (Listing("a", cells),)),),
            providers=(ACME,),
        ),
        Policy.of("never", ""),
    )

    assert found == {"Search": [("Training: “Yes”.", ["Acme"])]}
    assert (verdict.model, verdict.listing) == (None, "a")


def test_what_a_table_does_not_say_is_not_stated():
    cells = {"purpose": Cell((TextItem("Search"),)), "providers": providers_cell(ACME)}
    rows, columns = (Listing("a", cells), (ACME,)), (PURPOSE, PROVIDERS)

    assert judged(rows, training="by_default", longest="P30D", columns=columns) == {
        "Search": [("Training: not stated.", ["Acme"]), ("Retention: not stated.", ["Acme"])]
    }
    assert judged(rows, training="not_stated", columns=columns) == {"Search": []}


def test_an_empty_claim_counts_as_not_stated():
    found, parties = row("a")
    empty = {
        "training": replace(found.cells["training"], items=(), use=TrainingUse.NOT_STATED),
        "retention": replace(found.cells["retention"], items=(), clauses=()),
    }
    found = replace(found, cells={**found.cells, **empty})

    assert judged((found, parties), training="never", longest="P30D")["One"] == [
        ("Training: not stated.", ["Acme"]),
        ("Retention: not stated.", ["Acme"]),
    ]


def test_every_claim_column_is_judged_and_named_by_its_label():
    logs = Column(
        "retention-2",
        "Logs",
        ColumnRole.RETENTION,
        asks=Asks.HOW_LONG,
        covers=DataClass.METADATA,
    )
    bolt = declaring("Bolt", retention="metadata: 1 year")
    found, parties = row("a", providers=(declaring("Acme", retention="1 year"), bolt))
    kept = Cell(
        retention_cell("1 year").items,
        clauses=read_clauses("1 year", covers=DataClass.METADATA),
    )
    found = replace(found, cells={**found.cells, "retention-2": kept})

    assert judged((found, parties), longest="P30D", columns=(*COLUMNS, logs))["One"] == [
        ("“Logs”: “1 year”, that is: metadata kept 1 year.", ["Bolt"])
    ]


@pytest.mark.parametrize("longest", ["P0D", "P30D", "P3Y"])
@pytest.mark.parametrize("retention", [
    "Flagged prompts: 2 years", "Zero data retention (opt-in)", "30 days with opt-in", "Prompt cache: not stored", "Prompts: not stored",
])  # fmt: skip
def test_a_term_that_leaves_all_content_open_fits_no_policy(retention, longest):
    [*_, (sentence, providers)] = judged(row("a", retention=retention), longest=longest)["One"]

    assert sentence == (
        f"Retention: “{retention}” does not say how long all prompts and outputs are kept."
    )
    assert providers == ["Acme"]


def test_the_cause_of_what_is_left_open_are_the_providers_that_leave_it_open():
    providers = [declaring("Acme", "No", "30 days"), declaring("Bolt", "No", "Files: 7 days")]

    found = judged(row("a", providers=providers, retention="Files: 7 days"), longest="P30D")

    assert found["One"] == [
        (
            "Retention: “Files: 7 days” does not say how long all prompts and outputs are kept.",
            ["Bolt"],
        )
    ]


def test_columns_about_some_data_do_not_say_how_long_all_content_is_kept():
    logs, state = (
        Column(key, label, ColumnRole.RETENTION, asks=Asks.HOW_LONG, covers=covers)
        for key, label, covers in (
            ("retention", "Abuse logs kept", DataClass.ABUSE_LOG),
            ("retention-2", "State kept", DataClass.APPLICATION_STATE),
        )
    )

    def reasons(*columns):
        cells = {
            column.key: Cell(
                retention_cell("None").items, clauses=read_clauses("None", covers=column.covers)
            )
            for column in columns
        }
        cells["providers"] = providers_cell(ACME)
        table = (PROVIDERS, *columns)
        return judged((Listing("a", cells), (ACME,)), longest="P30D", columns=table)["Acme"]

    assert reasons(logs) == [
        ("“Abuse logs kept” does not say how long all prompts and outputs are kept.", ["Acme"])
    ]
    assert reasons(logs, state) == [
        ("Retention: no column says how long all prompts and outputs are kept.", ["Acme"])
    ]


def test_a_verdict_has_the_clauses_that_count_of_all_rows_of_the_model():
    page = replace(
        snapshot(),
        sections=(
            Section(
                "section",
                "",
                COLUMNS,
                (
                    listing("a", retention=retention_cell("30 days")),
                    listing("b", retention=retention_cell("Files: 7 days")),
                ),
            ),
        ),
    )

    [verdict, _] = verdicts(page, Policy())

    assert verdict.effective == read_clauses("30 days; files: 7 days; everything: not stated")


def test_a_claim_below_a_question_to_which_yes_is_better_is_named_by_its_label():
    columns = tuple(
        replace(column, label="Not used for training", asks=Asks.DOES_NOT_TRAIN)
        if column.role is ColumnRole.TRAINING
        else column
        for column in COLUMNS
    )
    found, parties = row("a")
    trains = replace(training_cell("No"), use=TrainingUse.BY_DEFAULT)
    found = replace(found, cells={**found.cells, "training": trains})

    assert judged((found, parties), training="never", columns=columns)["One"] == [
        ("“Not used for training”: “No”.", ["Acme"])
    ]


@pytest.mark.parametrize(("training", "longest", "said"), [
    ("yes", "", "training=yes is no training use. Use one of never, opt_in, "), ("never", "30 days", "longest=30 days is"),
    ("", "P0Y", "longest=P0Y"), ("", "P1DT1H", "longest"), ("", "P30D\n", "longest"), ("", "x" * 99, "longest=" + "x" * 40),
])  # fmt: skip
def test_a_policy_of_unknown_values_is_refused(training, longest, said):
    with pytest.raises(InvalidPolicy, match=said.split("=")[0]) as refused:
        Policy.of(training, longest)

    assert str(refused.value).startswith(said.split(" is")[0][:48])
    assert TrainingUse.NEVER in str(refused.value) or "P30D" in str(refused.value)
