"""Sections and columns: keys that are free, and meanings that a table has once."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from compliance.models import Column, Section
from compliance.models.bulk import save_all
from compliance.page import table
from compliance.page.vocabulary import Asks, ColumnRole, DataClass, Unit
from tests.factories import make_column, make_listing, make_register, make_section, recorded

pytestmark = pytest.mark.django_db


def test_a_new_column_gets_the_key_of_its_role_or_label_that_is_free():
    section = make_section()

    columns = [
        make_column(section, "retention", label="Prompts"),
        make_column(section, "retention", label="Logs"),
        make_column(section, "text", label="Retention"),
        make_column(section, "text", label="†"),
    ]

    assert [column.key for column in columns] == [
        "retention",
        "retention-2",
        "retention-3",
        "column",
    ]


def test_a_new_label_leaves_the_key_as_it_is():
    column = make_column(make_section(), "text", label="Purpose")

    with recorded():
        column.set(label="What for")

    assert column.key == "purpose"


@pytest.mark.parametrize("key", ["retention_blank", '"><script>x', "Retention", "a--b"])
def test_a_key_that_is_no_slug_is_refused(key):
    section = make_section()

    with pytest.raises(ValidationError, match=r"is not one\. Use letters, digits and hyphens"):
        make_column(section, "text", key=key)


def test_a_key_may_have_letters_of_any_script():
    column = make_column(make_section(), "text", label="保存期間")

    assert column.key == "保存期間"


def test_columns_that_are_written_together_get_keys_of_their_own():
    section = make_section()
    make_column(section, "text", label="Purpose")

    with recorded():
        save_all(
            [
                Column(section=section, role="text", label="Purpose", position=20),
                Column(section=section, role="retention", label="Logs", position=30),
                Column(section=make_section(), role="text", label="Purpose"),
            ]
        )

    columns = Column.objects.exclude(position=10).order_by("pk")
    assert [column.key for column in columns] == ["purpose-2", "retention", "purpose"]
    assert columns[1].covers == DataClass.ALL_CONTENT


@pytest.mark.parametrize("role", ["models", "providers", "documents"])
def test_a_table_has_one_column_of_models_providers_and_documents(role):
    section = make_section()
    make_column(section, role, label="First")

    with pytest.raises(ValidationError, match="already"):
        make_column(section, role, label="Second")


@pytest.mark.parametrize("role", ["training", "retention", "places", "text"])
def test_a_table_has_several_columns_of_any_other_meaning(role):
    section = make_section()

    make_column(section, role, label="First")
    make_column(section, role, label="Second")

    assert section.columns.count() == 2


@pytest.mark.parametrize(
    ("role", "values"),
    [
        ("training", {"asks": "how_long"}),
        ("retention", {"asks": "trains"}),
        ("text", {"asks": "trains"}),
        ("training", {"covers": "prompt"}),
        ("text", {"unit": "days"}),
        ("retention", {"covers": "weather"}),
        ("nonsense", {}),
    ],
)
def test_an_attribute_that_does_not_fit_the_meaning_is_refused(role, values):
    with pytest.raises((ValidationError, IntegrityError)):
        make_column(make_section(), role, label="Column", **values)


def test_a_column_is_the_same_in_a_snapshot():
    described = table.Column(
        "kept", "Kept (days)", ColumnRole.RETENTION, Asks.IS_KEPT, DataClass.PROMPT, Unit.DAYS
    )

    with recorded():
        column = Column(section=make_section(), **Column.values_of(described))
        column.save()

    assert Column.objects.get().to_snapshot() == described


def test_a_section_whose_table_has_rows_is_not_deleted():
    section = make_listing().section

    with pytest.raises(IntegrityError, match="protected"), recorded():
        section.delete()

    assert Section.objects.exists()


def test_a_section_without_rows_is_deleted_with_its_columns_and_their_history():
    section = make_section(columns=[{"role": "text", "label": "Purpose"}])

    with recorded():
        section.delete()

    assert not Column.objects.exists()
    assert [row.history_type for row in Column.history.all()] == ["-", "+"]


def test_a_column_with_something_in_it_is_not_deleted():
    section = make_section(columns=[{"role": "text", "label": "Purpose"}])
    make_listing(section, purpose="Hosting")

    with pytest.raises(IntegrityError, match="protected"), recorded():
        Column.objects.get().delete()


def test_a_column_of_models_that_lists_some_is_not_deleted():
    listing = make_listing(models=["GPT 6"])
    column = listing.section.columns.get(key="models")

    with pytest.raises(IntegrityError, match="“Model” is not empty"), recorded():
        column.delete()

    with recorded():
        listing.listed_models.get().delete()
        Column.objects.get(pk=column.pk).delete()


def test_prose_that_no_page_could_print_is_refused():
    with pytest.raises(ValidationError, match="prose"):
        make_section(make_register(), prose="<div>A box</div>")


def test_prose_is_saved_in_the_form_that_pages_have():
    section = make_section(prose="Hosts\n-----\n\n¹ A note")

    assert section.prose == "## Hosts\n\n&sup1; A note"


@pytest.mark.parametrize(
    ("prose", "name"),
    [
        ("They get prompts.\n\n## Companies\n\n- One.\n\n## More", "Companies"),
        ("See [our terms](https://acme.example).\n\nMore.", "See our terms."),
        ("", "Section at 10"),
    ],
)
def test_a_section_is_called_by_its_first_heading_or_words(prose, name):
    assert str(make_section(prose=prose, position=10)) == name
