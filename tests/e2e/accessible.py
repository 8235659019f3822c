"""Accessibility of a page in the browser, at every width, in light and dark colours."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 390, 320)


def assert_clean(page: Page) -> None:
    """Assert that axe finds no violation and that the page does not scroll sideways."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert found_by_axe(page, "light") == ""
        # The dark scheme changes only colours.
        assert found_by_axe(page, "dark", runOnly=["color-contrast"]) == ""


def found_by_axe(page: Page, scheme: str, **options: object) -> str:
    """Return a report of the violations that axe finds in a colour scheme, or ""."""
    page.emulate_media(color_scheme=scheme)
    # Links fade into their colour. axe must measure the final one.
    page.evaluate("document.getAnimations().forEach(animation => animation.finish())")
    results = Axe().run(page, options={"resultTypes": ["violations"], **options})
    return results.generate_report() if results.violations_count else ""
