"""The public page in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from compliance.page.snapshot import Model
from compliance.page.table import Cell, ModelItem
from tests.e2e.conftest import watched
from tests.stores import MODELS, listing, models_cell, publish, snapshot

pytestmark = pytest.mark.e2e

LONG = "An-unbroken-name-" * 12
PUBLICATIONS = ["/", "/models-and-privacy/1/", "/models-and-privacy/as-of/2026-03-02/"]
PAGES = [
    "/models-and-privacy/changes/",
    "/models-and-privacy/changes/2/",
    "/models-and-privacy/compare/2/1/",
    "/models-and-privacy/models/",
    "/models-and-privacy/models/long/",
    "/models-and-privacy/providers/acme/",
    "/models-and-privacy/fit/",
    "/models-and-privacy/fit/?training=never&longest=P1D",
    "/models-and-privacy/filter/?clauses=1&sort=-retention",
]
PROSE = "See [the assistant](https://help.example/assistant) *first*."


@pytest.fixture(autouse=True)
def _published(published_root):
    rows = listing("first"), listing("second")
    notes = ("One [link](https://a.example/).", "Two.")
    long = listing("long", models=Cell((ModelItem("long", LONG, (1,)),)))
    full = snapshot(*rows, prose=PROSE, notes=notes)
    wide = snapshot(long, *rows, prose=PROSE, notes=notes, models=(Model("long", LONG), *MODELS))
    publish(full, wide)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PUBLICATIONS, *PAGES])
def test_a_public_page_is_accessible(page: Page, path: str, scheme: str):
    page.emulate_media(color_scheme=scheme)
    page.goto(path)

    results = Axe().run(page)

    assert results.violations_count == 0, results.generate_report()


def test_axe_finds_an_image_without_alternative_text(page: Page):
    page.goto("/")
    page.evaluate(
        "document.querySelector('h1').innerHTML = '<img src=\"/static/compliance/icon.svg\">'"
    )

    assert Axe().run(page).violations_count > 0


def test_a_mark_leads_to_its_note_and_back(page: Page):
    page.goto("/")
    mark = page.locator("#ref-2-first-acme")

    mark.click()
    expect(page.locator("#note-2:target")).to_be_in_viewport()
    expect(mark).to_be_in_viewport()  # the page does not scroll away from the mark

    page.locator("#note-2").get_by_label("Back to Acme AI, row 2", exact=True).click()
    expect(page.locator("#ref-2-first-acme:target")).to_be_in_viewport()


def test_an_open_note_never_covers_the_focused_element(page: Page):
    page.goto("/#note-1")
    top = page.locator("#note-1").bounding_box()["y"]
    page.locator("#ref-1-long-long").focus()

    for _ in range(12):
        page.keyboard.press("Tab")
        box = page.evaluate(
            "(({top, bottom}) => [top, bottom])(document.activeElement.getBoundingClientRect())"
        )
        assert box[1] <= top, page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize(
    "anchor", ["listing-second", "model-acme-two", "provider-borealis", "ref-2-second-acme"]
)
def test_a_permalink_leads_to_what_it_names(page: Page, anchor: str):
    page.goto(f"/#{anchor}")

    expect(page.locator(f"#{anchor}:target")).to_be_in_viewport()
    labels = page.locator("thead").bounding_box()
    assert (
        page.locator(f"#{anchor}").bounding_box()["y"]
        >= labels["y"] + min(labels["height"], 80) - 1
    )


def test_a_row_has_a_link_to_itself(page: Page):
    page.goto("/")

    page.get_by_label("Link to row 3").click()

    assert page.url.endswith("/#listing-second")


def test_the_table_stays_a_table(page: Page):
    page.goto("/")

    table = page.get_by_role("table", name="Models and privacy")
    assert table.get_by_role("row").count() == 4
    assert table.get_by_role("columnheader", name="Retention").count() == 1
    assert table.get_by_role("cell").count() == 12
    assert table.get_by_role("rowheader").count() == 3


def test_a_screen_reader_hears_the_items_of_a_cell_as_a_list(page: Page):
    page.goto("/")

    header = page.get_by_role("rowheader").last
    assert header.get_by_role("list").count() == 1
    items = header.get_by_role("listitem").all_inner_texts()
    assert [item.strip() for item in items] == ["Acme One1", "Acme Two"]
    assert "," not in header.aria_snapshot()


def test_the_keyboard_reaches_the_content_first(page: Page):
    page.goto("/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")

    assert page.evaluate("location.hash") == "#main"


@pytest.mark.parametrize("path", ["/", *PAGES])
@pytest.mark.parametrize("width", [320, 360, 768, 960, 1280])
def test_nothing_scrolls_sideways(page: Page, width: int, path: str):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_narrow_row_labels_its_cells_with_the_columns(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")

    labels = [
        page.evaluate(
            f"getComputedStyle(document.querySelector('tbody {cell}'), '::before').content"
        )
        for cell in ("th", "td")
    ]

    assert labels == ['"Model"', '"Provider"']
    assert page.evaluate("getComputedStyle(document.querySelector('tbody tr')).display") == "grid"


def test_a_printed_page_shows_addresses_and_no_navigation(page: Page):
    page.emulate_media(media="print")
    page.goto("/")

    printed = page.evaluate(
        "getComputedStyle(document.querySelector('td:last-child a'), '::after').content"
    )

    assert "https://acme.example/privacy" in printed
    expect(page.locator("nav")).to_be_hidden()


def test_a_printed_page_keeps_rows_together_and_shows_no_form(page: Page):
    page.emulate_media(media="print")
    page.goto("/models-and-privacy/filter/?provider=acme#note-1")

    expect(page.locator("form")).to_be_hidden()
    assert (
        page.evaluate("getComputedStyle(document.querySelector('tbody tr')).breakInside") == "avoid"
    )
    assert page.evaluate("getComputedStyle(document.querySelector('#note-1')).position") == "static"


def test_the_page_loads_only_itself_and_its_style_sheets(page: Page):
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url.rpartition("/")[2]))

    page.goto("/", wait_until="networkidle")

    # The browser requests the icon for the window.
    assert sorted(set(requested) - {"icon.svg"}) == ["", "public.css", "tokens.css"]


def test_forced_colours_show_focus_and_target(page: Page):
    page.emulate_media(forced_colors="active")
    page.goto("/#listing-second")

    page.get_by_label("Link to row 1").focus()
    page.keyboard.press("Tab")

    outline = """(element => {
        const style = getComputedStyle(element);
        return [style.outlineStyle, style.outlineColor];
    })"""
    for element in ("document.activeElement", "document.querySelector(':target')"):
        style, colour = page.evaluate(f"{outline}({element})")
        assert style != "none"
        assert "rgba(0, 0, 0, 0)" not in colour


class TestForms:
    """The forms for filters and requirements, with JavaScript and without."""

    @pytest.fixture(params=[True, False], ids=["script", "no-script"])
    def page_and_submit(self, request, browser, site):
        """Open a page, and return a function that sends its form.

        With JavaScript the function does nothing, because the form is sent on every change.
        """
        context = browser.new_context(base_url=site, java_script_enabled=request.param)
        with watched(context, site) as page:

            def submit() -> None:
                if not request.param:
                    page.locator("form button").click()

            yield page, submit

    def test_rows_are_filtered_and_sorted(self, page_and_submit):
        page, submit = page_and_submit
        page.goto("/")
        page.get_by_role("link", name="Filter and sort").click()
        expect(page.get_by_role("status")).to_contain_text("3 of 3 rows")

        page.get_by_label("Model").fill("acme ONE")
        submit()
        expect(page.get_by_role("status")).to_contain_text("2 of 3 rows")

        page.get_by_label("Sort by").select_option("Model")
        page.get_by_label("Retention clause by clause").check()
        submit()
        expect(page.locator("tbody tr")).to_have_count(2)
        expect(page.locator("tbody tr").first).to_contain_text("all content kept 30 days")
        assert "clauses=1" in page.url

    def test_models_are_checked_against_requirements(self, page_and_submit):
        page, submit = page_and_submit
        page.goto("/models-and-privacy/fit/")
        expect(page.get_by_role("status")).to_contain_text("3 of 3 models fit")

        page.get_by_label("Longest retention you accept").select_option("Not kept at all")
        submit()

        expect(page.get_by_role("status")).to_contain_text("0 of 3 models fit")
        expect(
            page.get_by_role("table", name="Do not fit").get_by_role("link", name="Acme AI").first
        ).to_be_visible()
        assert page.url.endswith("longest=P0D")

    def test_an_old_result_is_not_shown_when_the_server_cannot_be_reached(self, browser, site):
        context = browser.new_context(base_url=site)
        page = context.new_page()
        page.goto("/models-and-privacy/filter/")
        context.set_offline(True)

        page.get_by_label("Model").fill("acme")
        expect(page.locator("form")).to_have_count(0)  # the browser says that it is offline

        context.close()

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_the_message_about_a_mistake_leads_to_its_field(self, page: Page, scheme: str):
        # The browser logs status 400 as an error, which the fixture would report.
        page.route("**/fit/?*", lambda route: route.fulfill(response=route.fetch(), status=200))
        page.emulate_media(color_scheme=scheme)
        page.goto("/models-and-privacy/fit/?longest=30+days")

        assert Axe().run(page).violations_count == 0
        page.get_by_role("region", name="This cannot be answered").get_by_role("link").click()
        expect(page.get_by_label("Longest retention you accept")).to_be_focused()


class TestOtherScripts:
    """Names that are long, or written from right to left."""

    NAME = "נובה " * 40

    @pytest.fixture(autouse=True)
    def _published(self, published_root):
        models = Model("m", self.NAME.strip()), Model("n", LONG[:200])
        row = listing("first", models=models_cell(*models))
        full = snapshot(row, models=models, title="דגמים ופרטיות", language="he")
        publish(full, changes={1: {"language": "he", "title": "דגמים ופרטיות"}})

    @pytest.mark.parametrize("width", [320, 390, 960, 1280])
    @pytest.mark.parametrize(
        "path", ["/", "/models-and-privacy/fit/?longest=P0D", "/models-and-privacy/filter/"]
    )
    def test_nothing_scrolls_sideways(self, page: Page, width: int, path: str):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path)

        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_the_table_runs_from_right_to_left(self, page: Page):
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto("/")

        columns = [
            page.get_by_role("columnheader").nth(place).bounding_box()["x"] for place in range(5)
        ]
        assert columns == sorted(columns, reverse=True)
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
