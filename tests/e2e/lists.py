"""Lists of names on the form of a row: comboboxes with script, lines without."""

from playwright.sync_api import Page


def write_lines(page: Page, label: str, text: str) -> None:
    """Make a list hold exactly these lines, as somebody would with or without script."""
    search = page.get_by_role("combobox", name=label, exact=True)
    if not search.count():
        page.get_by_label(label, exact=True).fill(text)
        return
    items = page.locator(".combo").filter(has=search).locator(".combo-remove")
    while items.count():
        items.first.click()
    for line in text.splitlines():
        search.fill(line)
        search.press("Enter")
