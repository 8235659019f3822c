"""A refused form leads to its faults: by the focus, by links, and in the bar while somebody types."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessible import found_by_axe
from tests.factories import make_listing, make_provider, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}


@pytest.fixture
def row():
    return make_listing(models=["GPT 5"], providers=["OpenAI"])


@pytest.fixture
def eve():
    return make_user("eve", role="editor")


def page_of(row) -> str:
    return f"/admin/compliance/register/{row.register.pk}/page/"


def expect_way_to_the_fault(page: Page, field) -> None:
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert page.title().startswith("Error:")
    summary.get_by_role("link").first.click()
    expect(field).to_be_focused()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_row_of_a_page_that_is_refused_leads_to_its_cell(visit, eve, row, size):
    page = visit(eve, viewport=size, bypass_csp=True)
    page.goto(page_of(row))
    page.locator("a.cell-link", has_text="OpenAI").click()
    models = page.get_by_role("combobox", name="Models", exact=True)
    models.fill("GPT 6 [x]")
    models.press("Enter")
    page.get_by_label("Reason for this change").fill("New")
    page.get_by_role("button", name="Save", exact=True).click()

    expect_way_to_the_fault(page, page.get_by_role("combobox", name="Models", exact=True))
    assert found_by_axe(page, "light") == ""


def test_a_row_that_is_refused_leads_to_its_cell_without_script(visit, eve, row):
    page = visit(eve, viewport=NARROW, java_script_enabled=False)
    page.goto(page_of(row))
    page.locator("a.cell-link", has_text="OpenAI").click()
    page.get_by_label("Models", exact=True).fill("GPT 6 [x]")
    page.get_by_label("Reason for this change").fill("New")
    page.get_by_role("button", name="Save", exact=True).click()

    expect_way_to_the_fault(page, page.get_by_label("Models", exact=True))


def test_a_refused_provider_leads_to_the_fields_of_its_documents(visit, eve):
    page = visit(eve, viewport=WIDE, bypass_csp=True)
    page.goto(f"/admin/compliance/provider/{make_provider('Acme').pk}/change/")
    page.get_by_text("Add a policy document").click()
    page.locator("#id_documents-0-url").fill("no address")
    page.get_by_label("Reason for this change").fill("New")
    page.get_by_role("button", name="Save", exact=True).click()

    expect_way_to_the_fault(page, page.locator("#id_documents-0-url"))
    assert found_by_axe(page, "light") == ""


def test_the_bar_says_why_a_preview_is_refused(visit, eve, row):
    page = visit(eve, viewport=WIDE, refusals=1)
    page.goto(page_of(row))
    page.locator("a.cell-link", has_text="OpenAI").click()
    models = page.get_by_role("combobox", name="Models", exact=True)
    models.fill("GPT 6 [x]")
    expect(page.locator(".live")).to_contain_text("Not ready to be saved: Model: GPT 6 [x]")

    page.context.clear_cookies()
    models.fill("GPT 6")

    expect(page.locator(".live")).to_contain_text("You are signed out.")
    page.on("dialog", lambda dialog: dialog.accept())


def test_a_name_left_in_the_search_box_is_not_saved_unseen(visit, eve, row):
    page = visit(eve, viewport=WIDE, bypass_csp=True)
    page.goto(page_of(row))
    page.locator("a.cell-link", has_text="OpenAI").click()
    models = page.get_by_role("combobox", name="Models", exact=True)
    models.fill("GPT 55")
    expect(page.locator(".live")).to_contain_text("This adds a new model, GPT 55.")
    page.get_by_label("Reason for this change").fill("New")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(models).to_be_focused()
    expect(page.locator(".cell-models [role=alert]")).to_contain_text("“GPT 55” is not in the list")
    assert found_by_axe(page, "light") == ""
    models.press("Enter")
    expect(page.locator(".cell-models .combo-name").last).to_contain_text("GPT 55new")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("This adds a new model, GPT 55.")).to_be_visible()
