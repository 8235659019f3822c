"""Tests of the columns of a table."""

import pytest

from compliance.page.table import column_key
from compliance.page.vocabulary import ColumnRole


@pytest.mark.parametrize(
    ("role", "label", "taken", "expected"),
    [
        (ColumnRole.RETENTION, "Data Retention", (), "retention"),
        (ColumnRole.RETENTION, "Logs kept", ("retention",), "retention-2"),
        (ColumnRole.TEXT, "Entity country", (), "entity-country"),
        (ColumnRole.TEXT, "[Purpose](https://example.com)", ("purpose",), "purpose-2"),
        (ColumnRole.TEXT, "용도", (), "용도"),
        (ColumnRole.TEXT, "—", (), "column"),
        (ColumnRole.TEXT, "", ("column",), "column-2"),
    ],
)
def test_the_key_of_a_new_column_is_its_role_or_the_slug_of_its_label(role, label, taken, expected):
    assert column_key(role, label, taken) == expected
