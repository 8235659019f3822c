"""What axe says of a page, and whether anything of it is cut off, at every width, light and dark."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 390, 320)


def assert_clean(page: Page) -> None:
    """Assert that at every width, light and dark, axe finds nothing and nothing is cut off."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert found_by_axe(page, "light") == ""
        assert (
            found_by_axe(page, "dark", runOnly=["color-contrast"]) == ""
        )  # the scheme changes colours alone


def found_by_axe(page: Page, scheme: str, **options: object) -> str:
    """Return what axe complains of in a colour scheme, as a text."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(
        "document.getAnimations().forEach(each => each.finish())"
    )  # links fade into their colour
    results = Axe().run(page, options={"resultTypes": ["violations"], **options})
    return results.generate_report() if results.violations_count else ""
