"""The form of a register: its sections and their columns, in one save."""

import re

import pytest
from django.test import Client

from compliance.models import Changeset, Column, Register, Section
from compliance.page.vocabulary import ColumnRole, TrainingUse
from compliance.workingcopy.resolve import capture
from tests.factories import (
    make_listing,
    make_register,
    make_section,
    make_user,
    recorded,
    state,
)
from tests.forms import complaints, form_values, post_form, read

pytestmark = pytest.mark.django_db

ADD = "/admin/compliance/register/add/"


def signed_in(name: str, role: str = "editor") -> Client:
    client = Client()
    client.force_login(make_user(name, role=role))
    return client


@pytest.fixture
def editor() -> Client:
    return signed_in("edith")


def url_of(record) -> str:
    return f"/admin/compliance/register/{record.pk}/change/"


def name_of(part: Section | Column, field: str) -> str:
    """Return the name of a field of a stored section or column."""
    if isinstance(part, Section):
        return f"section-{part.pk.hex}-{field}"
    return f"section-{part.section_id.hex}-column-{part.pk}-{field}"


def save(client, register, **typed):
    response = post_form(client, url_of(register), reason="The page says so", **typed)
    assert complaints(response) == ""
    return response


def refused(client, register, **typed):
    before = Changeset.objects.count()
    response = post_form(client, url_of(register), reason="The page says so", **typed)
    assert response.status_code == 200
    assert Changeset.objects.count() == before
    return complaints(response)


def columns_of(register):
    section = register.sections.first()
    return [(column.key, column.label) for column in section.columns.all()]


@pytest.mark.slow
def test_a_new_register_starts_with_a_table_of_the_usual_columns(editor):
    response = post_form(editor, ADD, title="Ours", slug="ours", reason="We need one")

    assert complaints(response) == ""
    [section] = capture(Register.objects.get()).sections
    assert [(column.key, column.asks) for column in section.columns] == [
        ("models", None),
        ("providers", None),
        ("training", "trains"),
        ("retention", "how_long"),
        ("documents", None),
    ]
    assert Changeset.objects.filter(kind="edit").count() == 1


@pytest.mark.slow
def test_a_new_register_can_have_other_columns_and_prose(editor):
    typed = {
        "section-new1-prose": "## Subprocessors\r\n\r\nThey receive prompts.",
        "section-new1-column-new1-label": "Entity",
        "section-new1-column-new1-role": "providers",
        "section-new1-column-new2-label": "Seat",
        "section-new1-column-new2-role": "places",
    }
    for number in (3, 4, 5):
        typed[f"section-new1-column-new{number}-label"] = ""
        typed[f"section-new1-column-new{number}-role"] = ""
        typed[f"section-new1-column-new{number}-asks"] = ""

    response = post_form(editor, ADD, title="Ours", slug="ours", reason="We need one", **typed)

    assert complaints(response) == ""
    [section] = capture(Register.objects.get()).sections
    assert section.prose == "## Subprocessors\n\nThey receive prompts."
    assert [(column.key, column.label) for column in section.columns] == [
        ("providers", "Entity"),
        ("places", "Seat"),
    ]


@pytest.mark.slow
def test_a_form_saved_as_it_was_opened_writes_nothing(editor):
    register = make_register(prose="## Models\n\nA text.")
    make_section(register, prose="The end.")
    before = Changeset.objects.count()

    save(editor, register)

    assert Changeset.objects.count() == before


@pytest.mark.slow
def test_columns_are_added_relabelled_ordered_and_removed_in_one_save(editor):
    register = make_register()
    section = register.sections.get()
    models, providers, *_, documents = section.columns.all()
    new = f"section-{section.pk.hex}-column-new1"

    save(
        editor,
        register,
        **{
            name_of(models, "position"): "25",
            name_of(providers, "label"): "Sent to",
            name_of(documents, "remove"): "on",
            f"{new}-label": "Where",
            f"{new}-role": "places",
            f"{new}-position": "5",
        },
    )

    assert columns_of(register) == [
        ("places", "Where"),
        ("providers", "Sent to"),
        ("models", "Model"),
        ("training", "Trains on User Data via API"),
        ("retention", "Data Retention for API"),
    ]
    assert Changeset.objects.filter(label="edith").count() == 1


@pytest.mark.slow
def test_a_second_retention_column_gets_a_key_of_its_own_and_what_it_covers(editor):
    register = make_register()
    section = register.sections.get()
    new = f"section-{section.pk.hex}-column-new1"

    save(
        editor,
        register,
        **{
            f"{new}-label": "Abuse logs (days)",
            f"{new}-role": "retention",
            f"{new}-covers": "abuse_log",
            f"{new}-unit": "days",
        },
    )

    column = Column.objects.get(key="retention-2")
    assert (column.covers, column.unit, column.position) == ("abuse_log", "days", 60)


@pytest.mark.slow
def test_a_section_is_added_and_another_removed(editor):
    register = make_register(prose="## Models")
    end = make_section(register, prose="The end.")

    save(
        editor,
        register,
        **{
            name_of(end, "remove"): "on",
            "section-new1-prose": "## Subprocessors",
            "section-new1-column-new1-label": "Entity",
            "section-new1-column-new1-role": "providers",
        },
    )

    assert [str(section) for section in register.sections.all()] == ["Models", "Subprocessors"]
    assert register.sections.last().columns.get().key == "providers"


@pytest.mark.slow
def test_two_sections_of_prose_after_each_other_are_joined(editor):
    register = make_register()
    make_section(register, prose="The end.")

    save(editor, register, **{"section-new1-prose": "Really."})

    assert [section.prose for section in register.sections.all()] == ["", "The end.\n\nReally."]


@pytest.mark.slow
def test_an_emptied_section_is_removed(editor):
    register = make_register()
    end = make_section(register, prose="The end.")

    save(editor, register, **{name_of(end, "prose"): ""})

    assert register.sections.count() == 1


@pytest.mark.slow
def test_an_empty_column_can_get_another_meaning_and_is_another_column_then(editor):
    register = make_register(columns=[{"role": "models", "label": "Model"}, {"label": "Kept"}])
    text = register.sections.get().columns.get(role="text")

    save(
        editor,
        register,
        **{name_of(text, "role"): "retention", name_of(text, "asks"): "is_kept"},
    )

    assert columns_of(register) == [("models", "Model"), ("retention", "Kept")]
    assert not Column.objects.filter(pk=text.pk).exists()


@pytest.fixture
def filled():
    """A register whose table has two listings with models, and one that states a retention."""
    register = make_register()
    listing = make_listing(register, models=["GPT 6"])
    make_listing(register, models=["Kimi K3"])
    state(listing, retention="30 days")
    return register


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "field", "value", "expected"),
    [
        (
            "models",
            "remove",
            "on",
            "The column is filled in in 2 rows, so it cannot be removed.",
        ),
        ("retention", "remove", "on", "filled in in 1 row, so it cannot be removed."),
        ("retention", "role", "text", "filled in in 1 row, so its meaning cannot change."),
        ("training", "role", "models", "The table has a column of models already."),
        ("training", "asks", "how_long", "A column of training cannot ask that."),
        ("training", "covers", "prompt", "Only a column of retention has this"),
        ("documents", "unit", "days", "Only a column of retention has this"),
        ("training", "role", "", "Choose what the column means."),
        ("training", "label", "Tra\u180eins", "A character without width (U+180E)"),
        ("training", "position", "-1", "Enter 0 or more."),
    ],
)
def test_an_impossible_column_is_refused_with_a_sentence(
    editor, filled, key, field, value, expected
):
    column = Column.objects.get(key=key)

    said = refused(editor, filled, **{name_of(column, field): value})

    assert expected in said


@pytest.mark.slow
def test_a_table_with_listings_is_not_removed(editor, filled):
    section = filled.sections.get()
    every = {name_of(column, "remove"): "on" for column in section.columns.all()}

    by_section = refused(editor, filled, **{name_of(section, "remove"): "on"})
    by_columns = refused(editor, filled, **every)

    assert by_section == (
        "The table has 2 rows, so it cannot go. Delete them first, or move them to another table."
    )
    assert "The table has 2 rows, so it cannot go." in by_columns


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("---", "It holds only a dividing line."),
        ("A text. <!-- draft -->", "It holds an HTML comment"),
        ("Hid\u202eden", "A character that changes the direction of the text (U+202E)"),
    ],
)
def test_prose_that_no_page_can_hold_is_refused_and_kept_in_the_form(editor, prose, expected):
    register = make_register(prose="A text.")
    section = register.sections.get()

    response = post_form(
        editor, url_of(register), reason="Try", **{name_of(section, "prose"): prose}
    )

    assert expected in complaints(response)
    assert form_values(response.content)[name_of(section, "prose")] == prose


@pytest.mark.slow
def test_a_save_is_previewed(editor):
    register = make_register()
    column = register.sections.get().columns.get(key="training")
    typed = {name_of(column, "label"): "Do they train?", "_preview": "1"}

    shown = post_form(editor, url_of(register), **typed)

    assert "Do they train?" in read(shown).split("Sections of the page")[0]
    assert Column.objects.get(pk=column.pk).label == "Trains on User Data via API"


@pytest.mark.slow
def test_a_correction_of_what_a_column_asks_keeps_the_words_and_is_previewed(editor):
    register = make_register()
    make_listing(register, training="by_default")
    column = register.sections.get().columns.get(key="training")
    typed = {name_of(column, "asks"): "does_not_train"}

    shown = post_form(editor, url_of(register), **typed, _preview="1")
    save(editor, register, **typed)

    assert "“Yes” now means “Not used for training”" in read(shown)
    [row] = capture(register).rows()
    [(_, cell)] = row.claims(ColumnRole.TRAINING)
    assert (cell.plain, cell.use) == ("Yes", TrainingUse.NEVER)


@pytest.mark.slow
def test_people_who_may_not_edit_read_the_sections(filled):
    auditor = signed_in("otto", role="auditor")
    column = Column.objects.get(key="retention")

    page = auditor.get(url_of(filled))
    posted = auditor.post(url_of(filled), {name_of(column, "label"): "Mine", "reason": "Try"})

    assert "Data Retention for API retention Retention" in read(page)
    assert name_of(column, "label") not in page.content.decode()
    assert posted.status_code == 403
    assert Column.objects.get(pk=column.pk).label == "Data Retention for API"


def overtake(mine, theirs, register, *, my, their):
    """Open the form, let somebody else save theirs, then post mine; return the answer."""
    opened = form_values(mine.get(url_of(register)).content)
    save(theirs, register, **their)
    return mine.post(url_of(register), {**opened, "reason": "My reason", **my})


@pytest.mark.slow
def test_two_people_who_edit_different_columns_both_keep_theirs(editor):
    register = make_register()
    section = register.sections.get()
    models, providers = section.columns.filter(key__in=["models", "providers"])
    new = f"section-{section.pk.hex}-column-new1"

    conflict = overtake(
        editor,
        signed_in("theo"),
        register,
        my={name_of(models, "label"): "AI model", f"{new}-label": "Mine", f"{new}-role": "text"},
        their={
            name_of(providers, "label"): "Host",
            f"{new}-label": "Theirs",
            f"{new}-role": "text",
        },
    )
    values = form_values(conflict.content)
    for difference in conflict.context["conflict"].differences:
        values[f"take-{difference.name}"] = difference.chosen
    answer = editor.post(url_of(register), values)

    assert answer.status_code == 302
    assert {"AI model", "Host", "Mine", "Theirs"} <= {label for _, label in columns_of(register)}


@pytest.mark.slow
def test_all_columns_that_were_added_survive_a_conflict(editor):
    register = make_register()
    section = register.sections.get()
    new = f"section-{section.pk.hex}-column-new"
    typed = {}
    for number in (1, 2, 3):
        typed[f"{new}{number}-label"] = f"Column {number}"
        typed[f"{new}{number}-role"] = "text"
        typed[f"initial-{new}{number}-label"] = ""

    conflict = overtake(
        editor, signed_in("theo"), register, my=typed, their={"title": "Their title"}
    )
    values = form_values(conflict.content)
    for difference in conflict.context["conflict"].differences:
        values[f"take-{difference.name}"] = difference.chosen
    answer = editor.post(url_of(register), values)

    assert answer.status_code == 302
    assert [label for _, label in columns_of(register)][-3:] == ["Column 1", "Column 2", "Column 3"]
    assert Register.objects.get().title == "Their title"


@pytest.mark.slow
def test_what_was_typed_into_a_column_that_was_removed_meanwhile_is_shown(editor):
    register = make_register()
    documents = register.sections.get().columns.get(key="documents")

    conflict = overtake(
        editor,
        signed_in("theo"),
        register,
        my={name_of(documents, "label"): "Policies", "title": "New title"},
        their={name_of(documents, "remove"): "on"},
    )
    values = form_values(conflict.content)
    for difference in conflict.context["conflict"].differences:
        values[f"take-{difference.name}"] = difference.chosen
    answer = editor.post(url_of(register), values)

    assert "something that they removed, so it is not saved: “Policies”" in read(conflict)
    assert answer.status_code == 302
    assert Register.objects.get().title == "New title"


@pytest.mark.slow
def test_what_was_typed_about_a_register_that_was_deleted_is_shown(editor):
    register = make_register(prose="A text.")
    section = register.sections.get()
    url = url_of(register)
    typed = form_values(editor.get(url).content)
    typed |= {name_of(section, "prose"): "A longer text.", "reason": "Because"}
    with recorded():
        register.delete()

    answer = editor.post(url, typed)

    assert "A longer text." in read(answer)
    assert "Trains on User Data via API" in read(answer)


@pytest.mark.slow
def test_the_form_and_the_preview_lead_to_the_listings_of_the_register(editor, filled):
    make_listing(make_register(), models=["Elsewhere"])

    for url in (url_of(filled), url_of(filled).replace("change", "preview")):
        page = editor.get(url).content.decode()
        [link] = re.findall(r'href="([^"]+=[0-9]+)">(?:Its r|R)ows<', page)
        listed = read(editor.get(link))
        assert "Kimi K3" in listed
        assert "Elsewhere" not in listed


@pytest.mark.slow
def test_sections_stand_in_the_order_of_the_page(editor):
    register = make_register(prose="## Last")
    for heading, position in (("## Third", 30), ("## First", 10), ("## Second", 20)):
        make_section(register, prose=heading, position=position, columns=[{"label": "Name"}])
    with recorded():
        register.sections.get(prose="## Last").set(position=40)

    sections = editor.get(url_of(register)).context["sections"]

    shown = [str(section.section) for section in sections if section.section]
    assert shown == ["First", "Second", "Third", "Last"]


@pytest.mark.slow
def test_the_form_works_without_javascript_and_links_to_its_listings(editor, filled):
    section = filled.sections.get()

    page = editor.get(url_of(filled)).content.decode()

    assert f"section-{section.pk.hex}-column-new1-label" in page
    assert f"/admin/compliance/listing/add/?section={section.pk}" in page
    assert f"/admin/compliance/listing/?section={section.pk}" in page
    assert "key retention" in page
