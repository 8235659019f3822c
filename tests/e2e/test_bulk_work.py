"""Importing a page and editing several records at once, in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from compliance.models import AIModel, Cell
from compliance.models.changesets import changeset
from compliance.page.formats import markdown
from compliance.workingcopy.importing import import_page
from tests.e2e.accessible import assert_clean
from tests.e2e.keyboard import tab_to
from tests.factories import make_listing, make_provider, make_user
from tests.pages import ACME, HEAD, row

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

ROW = row("GPT 6", "Acme", documents=ACME)
PAGE = f"# Models and privacy\n\nWho gets your prompts.\n\n{HEAD}{ROW}"
TRAINING = "Trains on prompts"
NEXT = PAGE.replace("GPT 6", "GPT 7").replace("30 days", "1 year")


@pytest.fixture
def register(db):
    """Import a page into a new register."""
    return import_page(
        markdown.parse(PAGE), slug="register", reason="Begin", label="tests"
    ).register


@pytest.fixture
def eve(register):
    return make_user("eve", role="editor")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_page_is_imported_from_a_file(visit, register, eve, tmp_path, script):
    page = visit(eve, java_script_enabled=script)
    file = tmp_path / "page.md"
    file.write_text(NEXT, encoding="utf-8")

    page.goto(reverse("admin:compliance_register_change", args=[register.pk]))
    page.get_by_role("link", name="Import a page").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Show what this changes").click()
    expect(page.get_by_text("GPT 7 takes the place of GPT 6").first).to_be_visible()
    page.get_by_label("Reason").fill("The new page")
    page.get_by_role("button", name="Do exactly this").click()

    expect(page.get_by_text("Done as it was shown")).to_be_visible()
    assert AIModel.objects.filter(name="GPT 7").exists()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_change_made_since_the_preview_is_shown_before_the_import_is_done(
    visit, register, eve, script
):
    page = visit(eve, java_script_enabled=script)
    page.goto(reverse("admin:compliance_register_import", args=[register.pk]))
    page.get_by_role("textbox", name="Page").fill(NEXT)
    page.get_by_label("Reason").fill("The new page")
    page.get_by_role("button", name="Show what this changes").click()
    with changeset(by=make_user("bob"), reason="Bob was faster"):
        AIModel.objects.get().set(developer="Acme Labs")

    page.get_by_role("button", name="Do exactly this").click()

    expect(page.get_by_role("alert")).to_contain_text("Bob was faster")
    expect(page.get_by_label("Reason")).to_have_value("The new page")
    page.get_by_role("button", name="Do exactly this").click()
    expect(page.get_by_text("Done as it was shown")).to_be_visible()


def test_listings_are_edited_together_with_the_keyboard(visit, register, eve):
    make_listing(register, models=["Kimi K3"], providers=[make_provider("Bolt")])
    page = visit(eve)
    page.goto(reverse("admin:compliance_listing_changelist"))

    for number in range(2):
        tab_to(page, page.locator(".action-select").nth(number))
        page.keyboard.press("Space")
    page.locator("select[name=action]").select_option("edit_together")
    tab_to(page, page.get_by_role("button", name="Go", exact=True), presses=300)
    page.keyboard.press("Enter")
    box = page.get_by_label(f"Set “{TRAINING}”")
    tab_to(page, box)
    page.keyboard.press("Space")
    page.get_by_label(TRAINING, exact=True).select_option("by_default")
    tab_to(page, page.get_by_role("button", name="Show what this changes"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("This makes 2 changes")).to_be_visible()
    tab_to(page, page.get_by_label("Reason"))
    page.keyboard.type("Both changed their terms")
    tab_to(page, page.get_by_role("button", name="Do exactly this"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("Done as it was shown")).to_be_visible()
    stated = Cell.objects.filter(column__key="training")
    assert [cell.use for cell in stated] == ["by_default", "by_default"]


def test_screens_of_import_and_bulk_edit_are_accessible(visit, register, eve):
    page = visit(eve, bypass_csp=True)  # axe sets inline styles, which the policy forbids
    make_listing(register, models=["Kimi K3"], providers=["Bolt"])

    page.goto(reverse("admin:compliance_register_import", args=[register.pk]))
    assert_clean(page)
    page.get_by_role("textbox", name="Page").fill(NEXT.replace("GPT 7", "GPT 7⁹"))
    page.get_by_role("button", name="Show what this changes").click()
    assert_clean(page)
    page.get_by_role("textbox", name="Page").fill(NEXT.replace("Who gets", "Who  gets"))
    page.get_by_role("button", name="Show what this changes").click()
    assert_clean(page)
    page.goto(reverse("admin:compliance_listing_changelist"))
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("edit_together")
    page.get_by_role("button", name="Go", exact=True).click()
    assert_clean(page)
    page.get_by_label(TRAINING, exact=True).select_option("by_default")
    page.get_by_role("button", name="Show what this changes").click()
    assert_clean(page)
    page.get_by_label(f"Set “{TRAINING}”").check()
    page.get_by_role("button", name="Show what this changes").click()
    assert_clean(page)
