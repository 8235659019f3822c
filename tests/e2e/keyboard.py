"""A person who uses the keyboard and no mouse."""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def tab_to(page: Page, target: Locator, presses: int = 200) -> None:
    """Press the tabulator until the target has the focus."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached with the keyboard")


class Keyboard:
    """A person at a page, whose every act is a key."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, role: str, name: str) -> None:
        """Go to a link or button and press it."""
        self._go_to(self.page.get_by_role(role, name=name, exact=True).first)
        self.page.keyboard.press("Enter")

    def write(self, label: str, text: str) -> None:
        """Go to a field and write over what it holds."""
        self._go_to(self.page.get_by_label(label).first)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, label: str, option: str) -> None:
        """Go to a list and choose what begins like the option."""
        self._go_to(self.page.get_by_label(label).first)
        self.page.keyboard.type(option)

    def tick(self, label: str) -> None:
        """Go to a box and tick it."""
        self._go_to(self.page.get_by_label(label).first)
        self.page.keyboard.press("Space")

    def picture(self, name: str, of: Locator) -> None:
        """Keep a picture for docs/editing.md, when it is asked for: `PICTURES=1 make e2e ARGS="-k commonest"`."""
        if os.environ.get("PICTURES"):
            PICTURES.mkdir(exist_ok=True)
            of.screenshot(path=PICTURES / f"{name}.png")

    def _go_to(self, target: Locator) -> None:
        tab_to(self.page, target, presses=400)
