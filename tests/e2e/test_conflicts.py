"""Two people who edit the same record, and a session that ends while a form is open."""

import pytest
from playwright.sync_api import Page, expect

from compliance.models import Listing
from tests.e2e.accessible import assert_clean
from tests.e2e.lists import write_lines
from tests.factories import cell_of, make_footnote, make_listing, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def listing():
    listing = make_listing(models=["GPT 5", "o3"], training=("never", "No"))
    make_footnote(listing.register)
    return listing


def open_form(page: Page, listing) -> None:
    page.goto(f"/admin/compliance/listing/{listing.pk}/change/")


def write_training(page: Page, words: str) -> None:
    page.get_by_text("Change what this row says").first.click()
    page.get_by_label("Wording", exact=True).fill(words)


def save(page: Page, reason: str) -> None:
    page.get_by_label("Reason for this change").fill(reason)
    page.get_by_role("button", name="Save", exact=True).click()


def save_after_other(page: Page, other: Page, listing) -> None:
    """Open the form in both pages and change it in both; save it in `other` first."""
    open_form(page, listing)
    open_form(other, listing)
    write_lines(other, "Models", "GPT 5\no3\nKimi K3")
    write_training(other, "No, says their contract")
    save(other, "Their contract came")
    expect(other.get_by_text("Models: added Kimi K3.")).to_be_visible()
    write_lines(page, "Models", "GPT 6\no3")
    write_training(page, "No, as they say")
    save(page, "Mine")


@pytest.mark.parametrize("script", [True, False])
def test_two_editors_lose_nothing(visit, listing, script):
    page = visit(make_user("mia", role="editor"), java_script_enabled=script)
    other = visit(make_user("theo", role="editor"))

    save_after_other(page, other, listing)
    expect(page.get_by_role("heading", name="theo")).to_be_visible()
    expect(page.locator(".why")).to_have_text("Their contract came")
    page.get_by_role("group", name="Trains on User Data via API: wording").get_by_label(
        "Keep yours"
    ).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save what I chose").focus()
    page.keyboard.press("Enter")

    expect(
        page.get_by_text("added GPT 6").or_(page.get_by_text("replaced GPT 5 by GPT 6"))
    ).to_be_visible()
    saved = Listing.objects.get()
    assert [str(row) for row in saved.listed_models.all()] == ["GPT 6", "o3", "Kimi K3"]
    assert cell_of(saved, "training").text == "No, as they say"


def test_the_conflict_is_accessible(visit, listing):
    page = visit(make_user("mia", role="editor"), bypass_csp=True)

    save_after_other(page, visit(make_user("theo", role="editor")), listing)

    assert_clean(page)


@pytest.mark.parametrize("script", [True, False])
def test_a_session_that_ended_loses_nothing(visit, listing, script):
    page = visit(make_user("mia", role="editor"), refusals=2, java_script_enabled=script)
    open_form(page, listing)
    [session] = [cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    write_training(page, "No, as they say")
    page.context.clear_cookies(name="sessionid")
    save(page, "Mine")

    expect(page.get_by_text("you are signed out")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="No, as they say")).to_be_visible()
    page.context.clear_cookies(name="csrftoken")  # a sign-in also replaces this cookie
    page.context.add_cookies([session])
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("you signed in after this form was opened")).to_be_visible()
    page.get_by_role("button", name="Send it again").click()

    expect(page.get_by_text("Saved:")).to_be_visible()
    assert cell_of(Listing.objects.get(), "training").text == "No, as they say"


def test_the_form_kept_after_a_session_ended_is_accessible(visit, listing):
    page = visit(make_user("mia", role="editor"), refusals=1, bypass_csp=True)
    open_form(page, listing)
    page.context.clear_cookies(name="sessionid")
    save(page, "Mine, " + "at length " * 40)

    assert_clean(page)
