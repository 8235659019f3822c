"""compliance.workingcopy.importing.source: Markdown and JSON as pages to import."""

import json

import pytest

from compliance.page.formats import Unreadable
from compliance.page.formats.base import Origin
from compliance.page.vocabulary import ColumnRole
from compliance.workingcopy.importing import import_page, read_page
from compliance.workingcopy.resolve import capture
from tests.factories import make_listing, make_register
from tests.pages import page, row

pytestmark = pytest.mark.django_db

TABLE = (
    "# Models and privacy\n\n"
    "| Which | Whose | Learns | Remembers | Papers |\n|--|--|--|--|--|\n"
    "| GPT 6 | Acme | No | 30 days |  |\n"
)


def test_a_label_that_the_register_has_is_that_column():
    labels = ("Which", "Whose", "Learns", "Remembers", "Papers")
    names = ("models", "providers", "training", "retention", "documents")
    columns = [{"role": name, "label": label} for name, label in zip(names, labels, strict=True)]
    register = make_register(columns=columns)

    [section] = read_page(TABLE.encode(), register=register).snapshot.sections

    assert [column.role for column in section.columns] == list(names)


TWO_TABLES = (
    "# Models and privacy\n\n"
    "| Model | Retention |\n|--|--|\n| GPT 6 | 30 days |\n\n## Seats\n\n"
    "| Model | Retention |\n|--|--|\n| Yes | High |\n| No | Low |\n| Yes | Low |\n"
)


def test_each_table_keeps_its_own_columns():
    page = read_page(TWO_TABLES.encode(), register=None)
    register = import_page(page.snapshot, slug="r", reason="Begin", label="tests").register

    again = read_page(TWO_TABLES.encode(), register=register)

    assert [[c.role.value for c in s.columns] for s in again.snapshot.sections] == [
        ["models", "retention"],
        ["text", "text"],
    ]
    assert {read.origin for read in again.columns} == {Origin.REGISTER}


def test_a_label_of_another_table_means_the_same_in_a_new_one():
    labels = [{"role": "retention", "label": "Remembers"}, {"role": "text", "label": "Model"}]
    register = make_register(columns=labels)
    source = (
        "# Models\n\n| Remembers | Model |\n|--|--|\n|  |  |\n\n"
        "## New\n\n| Seat | Remembers | Model |\n|--|--|--|\n| A | B | C |\n"
    )

    _, new = read_page(source.encode(), register=register).snapshot.sections

    assert [column.role for column in new.columns] == ["text", "retention", "text"]


def test_the_same_labels_are_text_in_a_new_register():
    [section] = read_page(TABLE.encode(), register=None).snapshot.sections

    assert {column.role for column in section.columns} == {ColumnRole.TEXT}


def test_what_begins_with_a_brace_is_json():
    captured = capture(make_listing().register)

    reading = read_page(captured.canonical_bytes(), register=None)

    assert reading.snapshot == captured


def test_json_of_another_shape_is_refused_with_its_key():
    wrong = page(row("GPT 6", "Acme")).to_dict()
    wrong["sections"][0]["listings"][0]["cells"]["training"]["use"] = "perhaps"

    with pytest.raises(Unreadable, match=r"sections\[0\]\.listings\[0\]\.cells\.training\.use"):
        read_page(json.dumps(wrong).encode(), register=None)
