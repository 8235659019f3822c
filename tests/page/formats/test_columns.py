"""Tests of what the columns of a table mean."""

import pytest

from compliance.page.formats.columns import read_columns
from compliance.page.table import Column
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit


def column_of(label: str, *cells: str) -> Column:
    [column] = read_columns([label], lambda place: cells)
    return column


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

    first, second, third = read_columns(["Purpose", "Logs", "Logs"], lambda place: [], [known])

    assert second == known
    assert (first.key, third.key) == ("purpose", "logs-2")
    assert third.role is ColumnRole.TEXT


def test_a_table_has_one_column_of_models_and_keys_of_its_own():
    columns = read_columns(["Model", "Models", "Retention", "Data retention"], lambda place: [])

    assert [(column.key, column.role) for column in columns] == [
        ("models", "models"),
        ("models-2", "text"),
        ("retention", "retention"),
        ("retention-2", "retention"),
    ]
