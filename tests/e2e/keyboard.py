"""Use of a page with the keyboard alone."""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def tab_to(page: Page, target: Locator, presses: int = 200) -> None:
    """Press the Tab key until the target has the focus."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with the keyboard")


class Keyboard:
    """A person who uses a page with the keyboard alone."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def field(self, label: str, *, within: str = "") -> Locator:
        """Return the first field with a label; `within` is the legend of the group it stands in."""
        place: Page | Locator = self.page
        if within:
            place = self.page.get_by_role("group", name=within).first
        # A group may have the same name as the field in it.
        controls = self.page.locator("input, select, textarea")
        return place.get_by_label(label).and_(controls).first

    def press(self, role: str, name: str) -> None:
        """Focus a link or a button and press Enter."""
        self._go_to(self.page.get_by_role(role, name=name, exact=True).first)
        self.page.keyboard.press("Enter")

    def write(self, label: str, text: str, *, within: str = "") -> None:
        """Focus a field and replace its value."""
        self._go_to(self.field(label, within=within))
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)

    def choose(self, label: str, option: str, *, within: str = "") -> None:
        """Focus a select and choose the option that begins with a text."""
        self._go_to(self.field(label, within=within))
        self.page.keyboard.type(option)

    def tick(self, label: str, *, within: str = "") -> None:
        """Focus a checkbox and press Space."""
        self._go_to(self.field(label, within=within))
        self.page.keyboard.press("Space")

    def open(self, summary: str, *, within: str = "") -> None:
        """Focus the summary of hidden details and press Enter."""
        place: Page | Locator = self.page
        if within:
            place = self.page.get_by_role("group", name=within).first
        self._go_to(place.locator("summary", has_text=summary).first)
        self.page.keyboard.press("Enter")

    def picture(self, name: str, of: Locator) -> None:
        """Save a picture for docs/editing.md: `PICTURES=1 make e2e ARGS="-k commonest"`."""
        if os.environ.get("PICTURES"):
            PICTURES.mkdir(exist_ok=True)
            of.screenshot(path=PICTURES / f"{name}.png")

    def _go_to(self, target: Locator) -> None:
        tab_to(self.page, target, presses=400)
