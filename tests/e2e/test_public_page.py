"""The public page in a real browser."""

from dataclasses import replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from compliance.snapshot import Model
from tests.published import listing, publish, snapshot

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
]
INTRO = "See [the assistant](https://help.example/assistant) *first*."


@pytest.fixture(autouse=True)
def _published(published_root):
    full = snapshot(listing("first"), listing("second"), intro=INTRO, notes=("One [link](https://a.example/).", "Two."))
    wide = replace(full, listings=(listing("long", models=(Model("long", LONG, (1,)),)), *full.listings))
    publish(full, wide)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PUBLICATIONS, *PAGES])
def test_axe_finds_nothing(page: Page, path: str, scheme: str):
    page.emulate_media(color_scheme=scheme)
    page.goto(path)

    results = Axe().run(page)

    assert results.violations_count == 0, results.generate_report()


def test_axe_would_find_something(page: Page):
    page.goto("/")
    page.evaluate("document.querySelector('h1').innerHTML = '<img src=\"/static/compliance/icon.svg\">'")

    assert Axe().run(page).violations_count > 0


def test_a_mark_leads_to_its_note_and_back(page: Page):
    page.goto("/")
    mark = page.locator("#ref-2-first-acme")

    mark.click()
    expect(page.locator("#note-2:target")).to_be_in_viewport()

    page.locator("#note-2").get_by_label("Back to Acme AI, row 2", exact=True).click()
    expect(page.locator("#ref-2-first-acme:target")).to_be_in_viewport()


def test_the_table_stays_a_table(page: Page):
    page.goto("/")

    table = page.get_by_role("table", name="Models and privacy")
    assert table.get_by_role("row").count() == 4
    assert table.get_by_role("columnheader", name="Retention").count() == 1
    assert table.get_by_role("cell").count() == 15


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


def test_a_narrow_row_says_its_columns(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")

    label = page.evaluate("getComputedStyle(document.querySelector('td'), '::before').content")

    assert label == '"Model"'


def test_paper_shows_addresses_and_no_navigation(page: Page):
    page.emulate_media(media="print")
    page.goto("/")

    printed = page.evaluate("getComputedStyle(document.querySelector('td:last-child a'), '::after').content")

    assert "https://acme.example/privacy" in printed
    expect(page.get_by_role("navigation", name="Files")).to_be_hidden()
