"""The preview of an edit, and the actions of listings and registers, in a real browser."""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from compliance.models import Listing
from tests.e2e.accessible import assert_clean
from tests.e2e.keyboard import tab_to
from tests.e2e.lists import write_lines
from tests.factories import cite, make_footnote, make_listing, make_provider, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])


@pytest.fixture
def listing():
    """Make two listings, the first with a footnote on its first model."""
    make_provider("DeepInfra")
    listing = make_listing(models=["Qwen 3", "Kimi K3"], providers=["Acme"], training="never")
    cite(
        make_footnote(listing.register, text="Only in the beta."),
        listed_model=listing.listed_models.first(),
    )
    make_listing(listing.register, models=["GPT 6"], providers=["Bolt"])
    return listing


@pytest.fixture
def eve(listing):
    return make_user("eve", role="editor")


def form(record, what="change"):
    return reverse(f"admin:compliance_{record._meta.model_name}_{what}", args=[record.pk])


def action(record, name):
    return reverse(f"admin:compliance_{record._meta.model_name}_act", args=[record.pk, name])


def models(listing):
    return [str(listed) for listed in listing.listed_models.all()]


def preview(page: Page) -> Locator:
    return page.get_by_role("region", name="What this would change")


@SCRIPT
def test_a_listing_is_previewed_and_saved_as_it_was_typed(visit, listing, eve, script):
    page = visit(eve, java_script_enabled=script)
    page.goto(form(listing))

    write_lines(page, "Providers", "Acme\nDeepInfra")
    page.get_by_role("button", name="Show what this changes").click()
    expect(preview(page)).to_contain_text("This changes 2 models in 1 row.")
    expect(preview(page)).to_contain_text("Qwen 3 and Kimi K3 would newly go to DeepInfra.")
    expect(preview(page)).to_contain_text("Only in the beta.")
    expect(page.locator("[name=cell_providers]")).to_have_value("Acme\nDeepInfra")
    page.get_by_label("Reason").fill("DeepInfra serves them too")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("Providers: added DeepInfra.")).to_be_visible()


@SCRIPT
def test_models_are_split_off_with_one_action(visit, listing, eve, script):
    page = visit(eve, java_script_enabled=script)
    page.goto(form(listing))

    page.get_by_role("link", name="Split models off").click()
    page.get_by_label("Kimi K3").check()
    page.locator("#id_provider_lines").fill("DeepInfra")
    page.get_by_role("button", name="Show what this changes").click()
    expect(preview(page)).to_contain_text("Kimi K3 would newly go to DeepInfra.")
    page.get_by_label("Reason").fill("Only DeepInfra serves it")
    page.get_by_role("button", name="Do exactly this").click()

    expect(page.get_by_text("Split Kimi K3 off into this new row.")).to_be_visible()
    assert models(listing) == ["Qwen 3"]


def test_a_model_is_replaced_with_the_keyboard(visit, listing, eve):
    page = visit(eve)
    page.goto(form(listing))
    tab_to(page, page.get_by_role("link", name="Replace a model"))
    page.keyboard.press("Enter")

    tab_to(page, page.get_by_label("Model", exact=False).first)
    page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_label("New model"))
    page.keyboard.type("Qwen 3.5")
    page.keyboard.press("Enter")
    expect(preview(page)).to_contain_text("Qwen 3.5 takes the place of Qwen 3.")
    expect(preview(page)).to_be_focused()
    tab_to(page, page.get_by_label("Reason"))
    page.keyboard.type("A newer version")
    tab_to(page, page.get_by_role("button", name="Do exactly this"))
    page.keyboard.press("Enter")

    expect(page.get_by_text("Replaced Qwen 3 by Qwen 3.5.")).to_be_visible()
    assert models(listing) == ["Qwen 3.5", "Kimi K3"]


@SCRIPT
def test_a_change_made_since_the_preview_stops_a_reordering_and_is_shown(
    visit, listing, eve, script
):
    mine, theirs = visit(eve, java_script_enabled=script), visit(make_user("bob", role="editor"))
    mine.goto(action(listing.register, "reorder"))
    mine.get_by_label("Rows").fill("2. GPT 6\n1. Qwen 3 and Kimi K3")
    mine.get_by_role("button", name="Show what this changes").click()
    expect(preview(mine)).to_contain_text("↕ Row moved")

    theirs.goto(action(listing, "retire"))
    theirs.get_by_label("Kimi K3").check()
    theirs.get_by_role("button", name="Show what this changes").click()
    theirs.get_by_label("Reason").fill("Kimi K3 is gone")
    theirs.get_by_role("button", name="Do exactly this").click()
    expect(theirs.get_by_text("Retired Kimi K3.")).to_be_visible()
    mine.get_by_label("Reason").fill("GPT 6 first")
    mine.get_by_role("button", name="Do exactly this").click()

    expect(mine.get_by_role("alert")).to_contain_text("Kimi K3 is gone")
    expect(mine.get_by_text("There is no row “1. Qwen 3 and Kimi K3”.").first).to_be_visible()
    expect(mine.get_by_label("Reason")).to_have_value("GPT 6 first")
    assert Listing.objects.first() == listing


def previewed_listing(page, listing):
    page.goto(form(listing))
    write_lines(page, "Providers", "Acme\nDeepInfra")
    write_lines(page, "Models", "Qwen 3 [1]\nGPT 6")
    page.get_by_role("button", name="Show what this changes").click()
    expect(page.get_by_role("heading", name="What this would change")).to_be_visible()


def previewed_provider(page, listing):
    page.goto(form(listing.listed_providers.get().provider))
    page.get_by_label("Name", exact=False).first.fill("Acme AI")
    page.get_by_role("button", name="Show what this changes").click()


def previewed_split(page, listing):
    page.goto(action(listing, "split"))
    page.get_by_label("Kimi K3").check()
    page.get_by_role("button", name="Show what this changes").click()


def refused_move(page, listing):
    page.goto(action(listing, "move"))
    page.get_by_role("button", name="Show what this changes").click()


def deletion(page, listing):
    page.goto(form(listing, "delete"))


@pytest.mark.parametrize(
    "screen", [previewed_listing, previewed_provider, previewed_split, refused_move, deletion]
)
def test_previews_are_accessible(visit, listing, eve, screen):
    page = visit(eve, bypass_csp=True)  # axe sets inline styles, which the policy forbids
    screen(page, listing)

    assert_clean(page)
