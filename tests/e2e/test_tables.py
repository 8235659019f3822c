"""Tables of any number of columns, and pages in other scripts, in a real browser."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from compliance.page.snapshot import Snapshot
from compliance.page.table import Cell, Column, Listing, Section, TextItem
from compliance.page.vocabulary import ColumnRole
from tests.e2e.accessible import assert_clean
from tests.stores import publish, snapshot

pytestmark = pytest.mark.e2e

PROSE = """## Hosts

- In the *European Union* first.
- Elsewhere with [clauses](https://acme.example/scc).

> Told 30 days before.

#### Details"""


def table(id: str, *labels: str, texts: tuple[str, ...]) -> Section:
    """Return a section with a table of text columns, of which the last holds two items."""
    columns = tuple(Column(f"c{n}", label, ColumnRole.TEXT) for n, label in enumerate(labels))
    cells = {
        column.key: Cell((TextItem(text),)) for column, text in zip(columns, texts, strict=True)
    }
    cells[columns[-1].key] = Cell((TextItem(texts[-1]), TextItem("Fireworks.ai")))
    rows = tuple(Listing(f"{id}-{number}", cells) for number in range(3))
    return Section(id, PROSE, columns, rows)


def page_of(*sections: Section, language: str = "en") -> Snapshot:
    """Return a register of some sections."""
    return replace(snapshot(notes=(), language=language), sections=sections)


LABELS = tuple(f"Label number {number}" for number in range(13))
WORDS = ("meta-llama/Llama-3.3-70B-Instruct-Turbo", *["Yes, unless you opt out"] * 12)


@pytest.mark.parametrize("columns", [1, 2, 7, 8, 13])
def test_a_table_of_any_width_is_accessible_and_never_scrolls_sideways(
    page: Page, published_root, columns
):
    publish(page_of(table("a", *LABELS[:columns], texts=WORDS[:columns])))
    page.goto("/")

    assert_clean(page)


@pytest.mark.parametrize(
    ("columns", "width", "display"),
    [
        (7, 960, "table-row"),
        (7, 959, "grid"),
        (8, 1280, "table-row"),
        (8, 1279, "grid"),
        (13, 1280, "table-row"),
        (1, 320, "grid"),
    ],
)
def test_a_row_is_a_card_where_its_columns_have_no_room(
    page: Page, published_root, columns, width, display
):
    publish(page_of(table("a", *LABELS[:columns], texts=WORDS[:columns])))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/")

    assert page.evaluate("getComputedStyle(document.querySelector('tbody tr')).display") == display


def test_a_heading_names_the_table_below_it(page: Page, published_root):
    publish(page_of(table("a", "Host", "Purpose", texts=("Acme", "Logs"))))
    page.goto("/")

    expect(page.get_by_role("heading", level=2, name="Hosts")).to_be_visible()
    expect(page.get_by_role("table", name="Details")).to_be_visible()


def test_a_page_in_arabic_is_read_from_right_to_left(page: Page, published_root):
    section = table("a", "المزوّد", "الغرض", texts=("أكمي", "تخزين السجلات"))
    publish(page_of(section, language="ar"))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/")

    header = page.get_by_role("columnheader", name="المزوّد").bounding_box()
    other = page.get_by_role("columnheader", name="الغرض").bounding_box()
    assert header["x"] > other["x"]
    assert_clean(page)
