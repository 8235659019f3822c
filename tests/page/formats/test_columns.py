"""Tests of what the columns of a table mean."""

from collections.abc import Sequence

import pytest

from compliance.page.formats.base import Origin
from compliance.page.formats.columns import ColumnSetting, InvalidColumn, read_columns
from compliance.page.table import Column
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit


def column_of(label: str, *cells: str) -> Column:
    [read] = read_columns([label], lambda place: cells)
    return read.column


def columns_of(labels: list[str], known: Sequence[Column] = ()) -> list[Column]:
    """Return the columns of a table without a row."""
    return [read.column for read in read_columns(labels, lambda place: [], known)]


@pytest.mark.parametrize(
    ("label", "role", "asks"),
    [
        ("Model", "models", None),
        ("AI models", "models", None),
        ("LLM", "models", None),
        ("Model Provider", "providers", None),
        ("Sub-processors", "providers", None),
        ("Hosted by", "providers", None),
        ("Trains on User Data via API", "training", "trains"),
        ("Trains on prompts", "training", "trains"),
        ("Used for training?", "training", "trains"),
        ("No training", "training", "does_not_train"),
        ("Doesn’t train on your data", "training", "does_not_train"),
        ("Data Retention for API", "retention", "how_long"),
        ("Retention period", "retention", "how_long"),
        ("Keeps prompts", "retention", "is_kept"),
        ("Zero data retention", "retention", "is_not_kept"),
        ("Privacy Policy / FAQ", "documents", None),
        ("Policies", "documents", None),
        ("Terms of service", "documents", None),
        ("Data location", "places", None),
        ("Country", "places", None),
        ("Purpose", "text", None),
        ("Trains on free plan", "text", None),
        ("Data retention (EU)", "text", None),
        ("Zero data retention available", "text", None),
        ("Number of models", "text", None),
        ("", "text", None),
    ],
)
def test_a_role_is_guessed_from_the_whole_label(label: str, role: str, asks: str | None):
    column = column_of(label)

    assert (column.role, column.asks) == (role, asks)


def test_a_label_says_in_what_bare_numbers_count():
    column = column_of("Data retention (days)", "30", "0")

    assert (column.role, column.unit, column.covers) == (
        ColumnRole.RETENTION,
        Unit.DAYS,
        DataClass.ALL_CONTENT,
    )


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        ("Training", ["Two hours", "Online", "None needed by staff"]),
        ("Retention", ["High", "Low", "Middling"]),
        ("Provider", ["Yes", "No", "yes"]),
        ("Model", ["✓", "", "✗"]),
    ],
)
def test_cells_that_say_something_else_make_a_column_text(label: str, cells: list[str]):
    assert column_of(label, *cells).role is ColumnRole.TEXT


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
    columns = columns_of(["Model", "Models", "Retention", "Data retention"])

    assert [(column.key, column.role) for column in columns] == [
        ("models", "models"),
        ("models-2", "text"),
        ("retention", "retention"),
        ("retention-2", "retention"),
    ]


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
        ("Hosted by=provider", "The roles are models, providers"),
        ("=models", "gives no column a role"),
        ("Trains=training:covers=prompt", "A training column has no attribute “covers”."),
        ("Trains=training:asks=is_kept", "trains, does_not_train"),
        ("Where=places:unit=days", "A places column has no attribute “unit”."),
    ],
)
def test_a_setting_that_says_nothing_is_refused(source: str, problem: str):
    with pytest.raises(InvalidColumn, match=problem):
        ColumnSetting.parse(source)


def test_a_setting_outranks_the_label():
    setting = ColumnSetting("Provider", ColumnRole.TEXT)

    [read] = read_columns(["Provider"], lambda place: ["Acme"], settings=[setting])

    assert (read.column.role, read.origin) == (ColumnRole.TEXT, Origin.SET)
