"""Time lines, their CSV files and the search, in a real browser."""

import csv

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from compliance.models.changesets import changeset
from tests.e2e.accessible import assert_clean
from tests.e2e.keyboard import tab_to
from tests.factories import make_footnote, make_listing, make_model, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def audrey():
    return make_user("audrey", role="auditor")


@pytest.fixture
def listing(audrey):
    """Make a listing with a history, and with long and right-to-left names."""
    eve = make_user("eve", role="editor")
    listing = make_listing(models=["Quokka 4.1", "نموذج", "x" * 200], providers=["Acme AI"])
    note = make_footnote(listing.register, text="Kept for thirty days.")
    with changeset(by=eve, reason="Acme wrote on 3 March"):
        listing.listed_models.first().set(model=make_model("Quokka 4.5"))
    with changeset(by=eve, reason="شرح"):
        note.set(text="Kept for ninety days.")
    return listing


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_time_line_is_filtered_and_exported(visit, listing, audrey, script):
    page = visit(audrey, java_script_enabled=script)
    page.goto(reverse("admin:compliance_register_change", args=[listing.register_id]))
    page.get_by_role("link", name="Time line").click()
    filters = page.get_by_role("search", name="What is shown")
    filters.get_by_label("Who").select_option("eve")
    filters.get_by_label("Word").fill("QUOKKA")
    filters.get_by_role("button", name="Show").click()

    changeset_box = page.get_by_role("article", name="eve,")
    expect(changeset_box).to_have_count(1)
    expect(changeset_box).to_contain_text("Acme wrote on 3 March")
    replaced = changeset_box.get_by_role("row", name="Model in the row of")
    expect(replaced.locator("del")).to_contain_text("4.1")
    expect(replaced.locator("ins")).to_contain_text("4.5")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with open(download.value.path(), newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["reason"], row["after"]) for row in rows if row["before"]] == [
        ("Acme wrote on 3 March", "Quokka 4.5")
    ]
    page.get_by_role("link", name="Show everything").click()
    expect(page.get_by_role("article")).not_to_have_count(1)


def test_the_message_about_a_wrong_day_is_beside_its_field(visit, listing, audrey):
    page = visit(audrey)
    page.goto(
        f"{reverse('admin:compliance_changeset_changelist')}?since=2026-03-02&until=2026-03-01"
    )

    expect(page.get_by_label("Until")).to_have_accessible_description(
        "2026-03-01 is before 2026-03-02. Give the later day here."
    )
    expect(page.get_by_text("Nothing is shown until the filter is put right.")).to_be_visible()


def test_a_record_and_who_changed_it_are_found_with_the_keyboard(visit, listing, audrey):
    page = visit(audrey)
    page.goto(reverse("admin:index"))
    tab_to(page, page.get_by_label("Search everything"))
    page.keyboard.type("quokka 4.1")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("region", name="Models").get_by_role("link", name="Quokka 4.1"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="History"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("article", name="eve,")).to_contain_text("Model in the row of")


@pytest.mark.parametrize(
    "path",
    [
        "/admin/search/?q=quokka",
        "/admin/search/?q=%00",
        "/admin/compliance/changeset/?since=x",
        "/admin/compliance/listing/{listing}/history/",
        "/admin/compliance/register/{register}/timeline/?q=days",
    ],
)
def test_time_lines_and_search_are_accessible(visit, listing, audrey, path):
    page = visit(audrey, bypass_csp=True)  # axe sets inline styles, which the policy forbids
    page.goto(path.format(listing=listing.pk, register=listing.register_id))

    assert_clean(page)
