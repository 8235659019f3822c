"""Tests of the roles that the columns of a whole page are read with."""

import pytest

from compliance.page.formats import markdown
from compliance.page.formats.base import Origin
from compliance.page.formats.columns import ColumnSetting, InvalidColumn
from compliance.page.vocabulary import ClauseKind, DataClass, TrainingUse


def page(*tables: str) -> str:
    """Return a page of tables, each given as lines of cells without the delimiter row."""
    written = []
    for table in tables:
        header, *rows = table.strip().splitlines()
        delimiter = "|".join("-" * (header.count("|") + 1))
        written.append("\n".join([header, f"|{delimiter}|", *rows]))
    return "# Models\n\nWho gets what.\n\n" + "\n\n## More\n\n".join(written) + "\n"


def test_no_under_zero_data_retention_is_kept():
    snapshot = markdown.parse(
        page(
            "Model | Provider | Trains | Zero data retention | Policy\n"
            "Uno | Acme | No | No | [Acme Privacy Policy](https://acme.example/p)"
        )
    )

    [row] = snapshot.rows()
    [clause] = row.listing.cells["retention"].clauses or ()
    assert clause.kind is ClauseKind.KEPT
    assert row.listing.cells["training"].use is TrainingUse.NEVER
    assert [document.plain for document in row.documents] == ["Acme Privacy Policy"]


def test_yes_under_no_training_is_never():
    snapshot = markdown.parse(
        page("Model | Provider | No training | Retention\nUno | Acme | Yes | None")
    )

    [row] = snapshot.rows()
    assert row.listing.cells["training"].use is TrainingUse.NEVER


def test_a_list_of_subprocessors_has_no_models():
    snapshot = markdown.parse(
        page(
            "Subprocessor | Purpose | Trains | Retention | Location\n"
            "Acme | Cloud hosting | No | None | Germany"
        )
    )

    [section] = snapshot.sections
    assert [column.role for column in section.columns] == [
        "providers",
        "text",
        "training",
        "retention",
        "places",
    ]
    assert [provider.name for provider in snapshot.providers] == ["Acme"]
    assert not snapshot.models


def test_two_retention_columns_are_about_what_their_labels_name():
    snapshot = markdown.parse(page("Model | Abuse logs kept | State kept\nUno | 30 days | None"))

    [row] = snapshot.rows()
    clauses = [clause for _, cell in row.cells for clause in cell.clauses or ()]
    assert [(clause.data_class, clause.kind) for clause in clauses] == [
        (DataClass.ABUSE_LOG, ClauseKind.DURATION),
        (DataClass.APPLICATION_STATE, ClauseKind.NONE),
    ]


def test_a_bare_zero_under_days_is_none():
    snapshot = markdown.parse(page("Model | Retention (days)\nUno | 0"))

    [row] = snapshot.rows()
    [clause] = row.listing.cells["retention"].clauses or ()
    assert clause.kind is ClauseKind.NONE


def test_a_bare_number_under_months_is_not_understood():
    snapshot = markdown.parse(page("Model | Retention (months)\nUno | 0\nDuo | 30 days"))

    uno, duo = [row.listing.cells["retention"].clauses or () for row in snapshot.rows()]
    assert [clause.kind for clause in uno] == [ClauseKind.UNKNOWN]
    assert [clause.duration for clause in duo] == ["P30D"]


def test_the_columns_are_told_table_by_table():
    reading = markdown.read(page("Model | Trains\nUno | No", "Vendor | Purpose\nAcme | Mail"))

    told = [(read.section, read.column.key, read.origin, read.samples) for read in reading.columns]
    assert told == [
        (1, "models", Origin.LABEL, (("Uno", ""),)),
        (1, "training", Origin.LABEL, (("No", "never used for training"),)),
        (2, "providers", Origin.LABEL, (("Acme", ""),)),
        (2, "purpose", Origin.TEXT, (("Mail", ""),)),
    ]


def test_a_setting_says_what_a_column_means():
    settings = [ColumnSetting.parse("Seat=places"), ColumnSetting.parse("For us=providers")]

    reading = markdown.read(page("For us | Seat\nAcme | Germany"), settings=settings)

    assert [read.column.role for read in reading.columns] == ["providers", "places"]
    assert [provider.name for provider in reading.snapshot.providers] == ["Acme"]


def test_a_setting_of_a_label_that_the_page_lacks_is_refused():
    with pytest.raises(InvalidColumn, match=r"Its columns are “Model”, “Trains”\."):
        markdown.read(page("Model | Trains\nUno | No"), settings=[ColumnSetting.parse("Seat=text")])
