"""The page as an editor uses it: rows are moved, forms open beside it, and no text is lost."""

import pytest
from playwright.sync_api import Locator, Page, expect

from compliance.models import Listing
from tests.e2e.accessible import found_by_axe
from tests.factories import make_listing, make_provider, make_register, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WIDE = {"width": 1440, "height": 900}


@pytest.fixture
def register():
    register = make_register(title="Models")
    for model in ("One", "Two", "Three"):
        make_listing(register, models=[model])
    return register


@pytest.fixture
def page(visit, register) -> Page:
    # axe sets inline styles, which the policy forbids
    page = visit(make_user("eve", role="editor"), viewport=WIDE, bypass_csp=True)
    page.goto(f"/admin/compliance/register/{register.pk}/page/")
    return page


def order(register) -> list[str]:
    rows = Listing.objects.filter(section__register=register).order_by("position")
    return [row.listed_models.get().model.name for row in rows]


def test_rows_are_moved_by_a_key_and_by_dragging_and_saved_with_a_reason(page, register):
    page.get_by_role("button", name="Move row 1 down").press("Enter")
    expect(page.get_by_role("button", name="Move row 2 down")).to_be_focused()
    expect(page.locator(".order-says")).to_contain_text("It is row 2 now.")
    rows = page.locator(".editor-table tbody tr")
    rows.nth(2).locator(".handle").drag_to(rows.nth(0), target_position={"x": 40, "y": 2})
    expect(page.locator("tr.dragged")).to_have_count(0)
    expect(rows.nth(0)).to_contain_text("Three")
    page.get_by_label("Reason for the new order").fill("The newest first")
    page.get_by_role("button", name="Save the order").click()

    expect(page.get_by_text("Saved the order of the rows.")).to_be_visible()
    assert order(register) == ["Three", "Two", "One"]


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_save_is_in_sight_when_a_row_is_opened_whatever_is_above_its_form(visit, width):
    names = [f"A model with a rather long name {number}" for number in range(30)]
    row = make_listing(models=names)
    page = visit(make_user("eva", role="editor"), viewport={"width": width, "height": 844})
    page.goto(f"/admin/compliance/listing/{row.pk}/change/")

    expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_new_order_is_not_left_behind_unasked(page, register):
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("button", name="Move row 1 down").click()

    page.locator("a.cell-link", has_text="One").first.click()
    page.wait_for_timeout(500)

    assert asked == ["beforeunload"]
    expect(page.get_by_role("button", name="Save the order")).to_be_visible()
    page.get_by_role("link", name="Leave it as it was").click()
    expect(page.get_by_role("button", name="Save the order")).to_be_hidden()
    assert (asked, order(register)) == (["beforeunload"], ["One", "Two", "Three"])


def test_the_form_beside_the_page_obeys_the_keyboard_and_asks_before_text_is_lost(page):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator("a.cell-link", has_text="One").first.click()
    models = page.get_by_role("combobox", name="Models", exact=True)
    expect(models).to_be_focused()
    for keys in ("T", "w", "o"):
        page.keyboard.press(keys)
    expect(page.get_by_role("option", name="Two")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(models).to_have_attribute(
        "aria-activedescendant", f"{models.get_attribute('id')}-option-0"
    )
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Alt+ArrowUp")

    expect(page.locator(".cell-models .combo-name")).to_have_text(["Two", "One"])
    expect(page.locator(".cell-models [role=status]")).to_have_text("Two is now 1 of 2.")
    expect(page.locator(".live")).to_contain_text("Two now also stands in the row of One.")
    assert found_by_axe(page, "light") == ""
    page.locator("a.cell-link", has_text="Three").first.click()
    assert asked == ["Leave without saving what you typed?"]
    expect(page.get_by_role("heading", name="Row: One")).to_be_visible()


def test_a_replacement_is_found_by_a_part_of_its_name(page, register):
    page.locator("a.cell-link", has_text="One").first.click()
    page.locator(".cell-models .combo-name").click()
    replacement = page.get_by_label("Replace One by")
    replacement.fill("")
    replacement.press_sequentially("hre")

    offered = page.locator(f"#{replacement.get_attribute('list')} option")
    expect(offered).to_have_count(1)
    expect(offered).to_have_attribute("value", "Three")


@pytest.fixture
def long_page(visit):
    """Return a function that opens a page of thirty rows, and gives the nineteenth."""
    register = make_register(title="Models")
    make_provider("Groq")
    rows = [
        make_listing(register, models=[f"Model {n} with a long name", f"Its variant {n}"])
        for n in range(30)
    ]

    def begin(query: str = "") -> tuple[Page, Locator]:
        page = visit(make_user("eve", role="editor"), viewport=WIDE)
        row = rows[18]
        page.goto(f"/admin/compliance/register/{register.pk}/page/{query.format(row.pk)}")
        return page, page.locator(f"#row-{row.pk}")

    return begin


def test_the_row_that_is_opened_stays_in_sight_as_do_save_and_what_was_saved(long_page):
    page, row = long_page("?row={}")
    expect(row).to_be_in_viewport(ratio=1)
    save = page.get_by_role("button", name="Save", exact=True)

    cell = row.locator("td").first
    box = cell.bounding_box()
    assert box["height"] > cell.locator("a").bounding_box()["height"] + 8
    # below the text of the link
    cell.click(position={"x": box["width"] / 2, "y": box["height"] - 4})
    providers = page.get_by_role("combobox", name="Providers", exact=True)
    expect(providers).to_be_focused()
    expect(row).to_be_in_viewport(ratio=1)
    expect(save).to_be_in_viewport(ratio=1)

    providers.fill("groq")
    page.keyboard.press("Enter")
    expect(page.locator(".cell-providers .combo-name")).to_have_text(["Acme AI", "Groq"])
    expect(page.locator(".cell-providers .chip")).to_have_count(0)
    page.get_by_label("Reason for this change").fill("Groq serves it")
    page.get_by_role("button", name="Show what this changes").click()
    expect(page.get_by_role("heading", name="What this would change")).to_be_in_viewport()
    expect(row).to_be_in_viewport(ratio=1)
    expect(save).to_be_in_viewport(ratio=1)

    save.click()
    expect(page.get_by_text("Saved: ")).to_be_in_viewport(ratio=1)
    expect(row.locator("td").first).to_contain_text("Groq")
    page.wait_for_load_state()
    expect(row).to_be_in_viewport(ratio=1)
    message = page.locator(".messagelist").bounding_box()
    assert message["y"] + message["height"] <= row.bounding_box()["y"]


def test_the_end_of_the_table_is_in_sight_when_a_row_is_added(long_page):
    page, _ = long_page()
    last = page.locator(".editor-table tbody tr").last

    page.get_by_role("link", name="Add a row here").click()
    expect(page.get_by_role("heading", name="Add a row")).to_be_visible()
    expect(last).to_be_in_viewport()
    page.reload()
    expect(last).to_be_in_viewport()
