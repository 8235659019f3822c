"""compliance.page.table: sections, columns and cells."""

import pytest

from compliance.page.table import Cell, Section, column_key, empty_cell
from compliance.page.vocabulary import Basis, ColumnRole, TrainingUse


@pytest.mark.parametrize(
    ("role", "label", "taken", "expected"),
    [
        (ColumnRole.RETENTION, "Data Retention", (), "retention"),
        (ColumnRole.RETENTION, "Logs kept", ("retention",), "retention-2"),
        (ColumnRole.TEXT, "Entity country", (), "entity-country"),
        (ColumnRole.TEXT, "Purpose", ("purpose",), "purpose-2"),
        (ColumnRole.TEXT, "용도", (), "용도"),
        (ColumnRole.TEXT, "—", (), "column"),
        (ColumnRole.TEXT, "", ("column",), "column-2"),
    ],
)
def test_the_key_of_a_new_column_is_its_role_or_the_slug_of_its_label(role, label, taken, expected):
    assert column_key(role, label, taken) == expected


def test_an_empty_claim_is_stated_and_counts_as_not_stated():
    assert empty_cell(ColumnRole.TRAINING) == Cell(
        (), basis=Basis.STATED, use=TrainingUse.NOT_STATED
    )
    assert empty_cell(ColumnRole.RETENTION) == Cell((), basis=Basis.STATED, clauses=())
    assert empty_cell(ColumnRole.TEXT) == Cell()


@pytest.mark.parametrize(
    ("prose", "heading"),
    [
        ("## Chat *models*", "Chat models"),
        ("Who gets prompts.\n\n### API ###\n\n## Chat", "API"),
        ("##  Learn C#  ", "Learn C#"),
        ("## Chat #####  ", "Chat"),
        ("#hashtag is no heading", ""),
        ("", ""),
    ],
)
def test_the_heading_of_a_section_is_the_first_one_in_its_prose(prose, heading):
    assert Section("1", prose).heading == heading
