"""The script of a register's form: the fields of sections and columns, in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.e2e.accessible import assert_clean
from tests.e2e.keyboard import Keyboard, tab_to
from tests.factories import make_register, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def register(db):
    return make_register()


@pytest.fixture
def eve(register, visit) -> Keyboard:
    """Open the form of the register as an editor who uses the keyboard."""
    page = visit(make_user("eve", role="editor"), bypass_csp=True)  # axe sets inline styles
    page.goto(reverse("admin:compliance_register_change", args=[register.pk]))
    return Keyboard(page)


def labels(register) -> list[str]:
    return [column.label for column in register.sections.get().columns.all()]


def save(eve: Keyboard) -> None:
    eve.write("Reason", "For readers")
    eve.press("button", "Save")
    expect(eve.page.get_by_text("Saved:")).to_be_visible()


def test_a_column_is_moved_on_by_the_same_key(eve, register):
    column = eve.page.get_by_role("group", name="Column “Model”")

    tab_to(eve.page, column.get_by_role("button", name="Move down"))
    eve.page.keyboard.press("Enter")
    eve.page.keyboard.press("Enter")
    save(eve)

    assert labels(register)[:3] == ["Model Provider", "Trains on User Data via API", "Model"]


def test_several_columns_are_added_at_once(eve, register):
    eve.open("Add a column")
    eve.write("Label", "Purpose", within="New column")
    eve.choose("Meaning", "Text", within="New column")
    tab_to(eve.page, eve.page.get_by_role("button", name="Add a column").first)
    eve.page.keyboard.press("Enter")
    eve.page.keyboard.type("Seat")
    eve.page.keyboard.press("Tab")
    eve.page.keyboard.type("Places")
    save(eve)

    assert labels(register)[-2:] == ["Purpose", "Seat"]


def test_a_column_shows_the_fields_of_its_meaning_alone(eve):
    eve.open("Add a column")
    column = eve.page.get_by_role("group", name="New column").first

    eve.choose("Meaning", "Text", within="New column")
    expect(column.get_by_label("What the label asks")).to_be_hidden()
    eve.choose("Meaning", "Retention", within="New column")

    expect(column.get_by_label("What the label asks")).to_be_visible()
    expect(column.get_by_label("Unit")).to_be_visible()
    assert_clean(eve.page)


def test_a_section_is_added(eve, register):
    eve.open("Add a section")
    eve.write("Prose", "## Endpoints", within="New section")
    tab_to(eve.page, eve.page.locator("summary", has_text="Add a table").last)
    eve.page.keyboard.press("Enter")
    eve.write("Label", "Endpoint", within="New section")
    eve.choose("Meaning", "Text", within="New section")
    save(eve)

    assert [str(section) for section in register.sections.all()][1:] == ["Endpoints"]
