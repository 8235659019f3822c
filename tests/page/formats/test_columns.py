"""Tests of what the columns of a table mean."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from compliance.page.formats.base import Origin
from compliance.page.formats.column_content import CellContent
from compliance.page.formats.columns import (
    ColumnSetting,
    InvalidColumn,
    check_settings,
    read_columns,
)
from compliance.page.table import Column
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit


def column_of(label: str, *cells: str) -> Column:
    [read] = read_columns([label], lambda place: map(CellContent, cells))
    return read.column


def columns_of(labels: list[str], known: Sequence[Column] = ()) -> list[Column]:
    """Return the columns of a table without a row."""
    return [read.column for read in read_columns(labels, lambda place: [], known)]


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("Training", ["Two hours", "Online", "None needed by staff"]),
        ("Retention", ["High", "Low", "Middling"]),
        ("Provider", ["Yes", "No", "yes"]),
        ("Provider", ["https://acme.example"]),
        ("Model", ["✓", "", "✗"]),
        ("Models", ["❌ No", "TRUE", "…"]),
        ("Models", ["12", "3"]),
        ("Location", ["Yes", "n/a", "No"]),
        ("Region", ["www.acme.example/eu"]),
        ("Policy", ["Yes", "No"]),
        ("DPA", ["Signed", "On request"]),
        ("Links", ["None"]),
    ],
)
def test_cells_that_say_something_else_make_a_column_text(label: str, cells: list[str]):
    [read] = read_columns([label], lambda place: map(CellContent, cells))

    assert (read.column.role, read.origin) == (ColumnRole.TEXT, Origin.CELLS)


@pytest.mark.parametrize(
    ("label", "cells", "role"),
    [
        ("Policy", ["Yes", "Acme Privacy Policy"], ColumnRole.DOCUMENTS),
        ("Agreement", ["Private agreement with Acme"], ColumnRole.DOCUMENTS),
        ("Provider", ["–", "n/a"], ColumnRole.PROVIDERS),
        ("Model", ["o3", "Yes"], ColumnRole.MODELS),
        ("Location", ["EU"], ColumnRole.PLACES),
    ],
)
def test_one_cell_that_fits_confirms_a_label(label: str, cells: list[str], role: ColumnRole):
    assert column_of(label, *cells).role is role


def test_a_link_confirms_a_column_of_documents():
    [read] = read_columns(["Sources"], lambda place: [CellContent("Here", has_link=True)])

    assert read.column.role is ColumnRole.DOCUMENTS


@pytest.mark.parametrize(
    ("cells", "asks"),
    [
        ([], Asks.IS_KEPT),
        (["Yes", "30 days"], Asks.IS_KEPT),
        (["✗"], Asks.IS_KEPT),
        (["❌ No."], Asks.IS_KEPT),
        (["Y", "N"], Asks.IS_KEPT),
        (["None"], Asks.HOW_LONG),
        (["30 days", ""], Asks.HOW_LONG),
    ],
)
def test_cells_tell_whether_a_label_asks_for_a_time(cells: list[str], asks: Asks):
    column = column_of("Abuse logs kept", *cells)

    assert (column.asks, column.covers) == (asks, DataClass.ABUSE_LOG)


def test_a_claim_that_is_not_understood_is_a_claim():
    assert column_of("Trains", "No", "Maybe", "Who knows").role is ColumnRole.TRAINING
    assert column_of("Trains", "Maybe").role is ColumnRole.TRAINING


def test_a_known_column_is_found_by_its_label_wherever_it_stands():
    known = Column("logs", "Logs", ColumnRole.RETENTION, asks=Asks.IS_KEPT)

    labels = ["Purpose", "Logs", "Logs"]
    first, second, third = columns_of(labels, [known])

    assert second == known
    assert (first.key, third.key) == ("purpose", "logs-2")
    assert third.role is ColumnRole.TEXT


def test_a_table_has_one_column_of_models_and_keys_of_its_own():
    read = read_columns(["Model", "Models", "Retention", "Data retention"], lambda place: [])

    assert [(found.column.key, found.column.role, found.origin) for found in read] == [
        ("models", "models", Origin.LABEL),
        ("models-2", "text", Origin.SECOND),
        ("retention", "retention", Origin.LABEL),
        ("retention-2", "retention", Origin.LABEL),
    ]


@pytest.mark.parametrize(
    ("labels", "providers"),
    [
        (["Company", "Hosted by"], "Hosted by"),
        (["Hosted by", "Company"], "Hosted by"),
        (["Company", "Entity"], "Company"),
        (["Vendor", "Host"], "Vendor"),
    ],
)
def test_the_label_that_names_providers_best_is_their_column(labels: list[str], providers: str):
    found = [column.label for column in columns_of(labels) if column.role is ColumnRole.PROVIDERS]

    assert found == [providers]


def test_a_known_column_has_its_role_before_one_that_is_guessed():
    known = Column("models", "Seats", ColumnRole.MODELS)

    guessed, found = read_columns(["Model", "Seats"], lambda place: [], [known])

    assert (found.column, found.origin) == (known, Origin.REGISTER)
    assert (guessed.column.role, guessed.origin) == (ColumnRole.TEXT, Origin.SECOND)
    assert guessed.column.key == "model"


def test_a_label_means_elsewhere_what_the_other_tables_agree_on():
    logs = Column("logs", "Logs", ColumnRole.RETENTION, Asks.IS_KEPT, DataClass.METADATA)
    seats = [Column("a", "Seat", ColumnRole.PLACES), Column("b", "Seat", ColumnRole.TEXT)]
    found = Column("text", "Model", ColumnRole.TEXT)

    read = read_columns(
        ["Logs", "Seat", "Model", "Host"], lambda place: [], elsewhere=[logs, logs, *seats, found]
    )

    assert read[0].column == replace(logs, key="retention")
    assert [each.column.role for each in read] == ["retention", "text", "text", "providers"]
    assert [each.origin for each in read] == ["register", "text", "register", "label"]


def test_of_two_columns_known_elsewhere_one_has_the_role():
    known = [Column("a", "Seat", ColumnRole.MODELS), Column("b", "Chair", ColumnRole.MODELS)]

    read = read_columns(["Chair", "Seat"], lambda place: [], elsewhere=known)

    assert [each.column.role for each in read] == ["models", "text"]


def test_the_first_cells_are_told_with_what_they_mean():
    cells = ["No", "", "No", "Yes", "Whatever", "30 days"]

    [read] = read_columns(["Zero data retention"], lambda place: map(CellContent, cells))

    assert read.samples == (
        ("No", "all content kept, how long is not said"),
        ("Yes", "all content not kept"),
        ("Whatever", "all content not understood"),
    )


@pytest.mark.parametrize(
    ("source", "setting"),
    [
        ("Hosted by=providers", ColumnSetting("Hosted by", ColumnRole.PROVIDERS)),
        (
            "Zero data retention=retention:asks=is_not_kept",
            ColumnSetting("Zero data retention", ColumnRole.RETENTION, Asks.IS_NOT_KEPT),
        ),
        (
            "Logs: kept=x = retention:covers=abuse_log:unit=days",
            ColumnSetting(
                "Logs: kept=x", ColumnRole.RETENTION, covers=DataClass.ABUSE_LOG, unit=Unit.DAYS
            ),
        ),
        ("a=text=models", ColumnSetting("a=text", ColumnRole.MODELS)),
    ],
)
def test_a_setting_is_a_label_and_a_role_with_attributes(source: str, setting: ColumnSetting):
    assert ColumnSetting.parse(source) == setting


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("Hosted by", "The roles are models, providers"),
        ("Hosted by=provider", "“provider” is no role. Write a label"),
        ("Logs=retentoin:asks=is_kept", "“retentoin” is no role"),
        ("Logs=retention:asks=is_kept:asks=is_kept", "asks is given twice. Give it once."),
        ("Logs=retention:unit=months", "unit of a retention column cannot be “months”. It is days"),
        ("Logs=retention:", "A retention column has no attribute “”. It has asks, covers, unit."),
        ("=models", "gives no column a role"),
        ("Trains=training:covers=prompt", "A training column has no attribute “covers”."),
        ("Trains=training:asks=is_kept", "It is trains or does_not_train."),
        ("Where=places:unit=days", "A places column has no attribute “unit”."),
    ],
)
def test_a_setting_that_says_nothing_is_refused(source: str, problem: str):
    with pytest.raises(InvalidColumn, match=problem):
        ColumnSetting.parse(source)


def test_a_setting_outranks_the_label():
    setting = ColumnSetting("Provider", ColumnRole.TEXT)

    [read] = read_columns(["Provider"], lambda place: [CellContent("Acme")], settings=[setting])

    assert (read.column.role, read.origin) == (ColumnRole.TEXT, Origin.SET)


def test_a_setting_finds_its_label_in_whatever_capitals():
    setting = ColumnSetting.parse("hosted  BY=text")

    [read] = read_columns(["Hosted by"], lambda place: [], settings=[setting])

    assert read.column == Column("hosted-by", "Hosted by", ColumnRole.TEXT)


def test_a_setting_can_be_for_one_column_of_several_with_its_label():
    setting = ColumnSetting("Notes", ColumnRole.PLACES, section=2, place=1)
    labels = ["Notes", "Notes"]

    first = read_columns(labels, lambda place: [], settings=[setting], section=1)
    second = read_columns(labels, lambda place: [], settings=[setting], section=2)

    assert [read.column.role for read in (*first, *second)] == ["text", "text", "text", "places"]


def test_a_set_column_has_its_role_before_one_that_is_guessed():
    setting = ColumnSetting("Seat", ColumnRole.MODELS)

    guessed, found = read_columns(["Model", "Seat"], lambda place: [], settings=[setting])

    assert (guessed.column.role, found.column.role) == (ColumnRole.TEXT, ColumnRole.MODELS)


def test_a_setting_outranks_what_a_label_means_elsewhere():
    logs = Column("logs", "Logs", ColumnRole.RETENTION, Asks.IS_KEPT)

    [read] = read_columns(
        ["Logs"], lambda place: [], settings=[ColumnSetting.parse("Logs=text")], elsewhere=[logs]
    )

    assert (read.column.role, read.origin) == (ColumnRole.TEXT, Origin.SET)


def test_a_setting_may_repeat_what_the_register_has():
    known = Column("logs", "Logs", ColumnRole.RETENTION, Asks.IS_KEPT, DataClass.METADATA)

    [read] = read_columns(
        ["Logs"], lambda place: [], [known], [ColumnSetting("Logs", ColumnRole.RETENTION)]
    )

    assert (read.column, read.origin) == (known, Origin.REGISTER)


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        (["Seat=models", "Model=models"], "both “Model” and “Seat” would be it"),
        (["Seat=providers"], "both “Seat” and “Host” would be it"),
        (["Host=text"], "a column keeps its role"),
        (["Logs=retention:asks=is_kept"], "on the register's form"),
        (["Logs=retention:unit=days"], "on the register's form"),
    ],
)
def test_a_setting_that_a_table_does_not_allow_is_refused(sources: list[str], problem: str):
    known = [
        Column("providers", "Host", ColumnRole.PROVIDERS),
        Column("logs", "Logs", ColumnRole.RETENTION, Asks.HOW_LONG),
    ]

    with pytest.raises(InvalidColumn, match=problem):
        read_columns(
            ["Model", "Seat", "Host", "Logs"],
            lambda place: [],
            known,
            list(map(ColumnSetting.parse, sources)),
        )


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        (["Hosts=providers"], "no column “Hosts”. Its columns are “Model”, “Host”."),
        (["Host=providers", "host=text"], "“host” is set twice"),
    ],
)
def test_settings_must_be_for_the_columns_of_the_page(sources: list[str], problem: str):
    with pytest.raises(InvalidColumn, match=problem):
        check_settings(list(map(ColumnSetting.parse, sources)), [["Model"], ["Host", "Model"]])


def test_settings_may_say_the_same_twice():
    setting = ColumnSetting.parse("Host=providers")

    check_settings([setting, setting], [["Host"]])
