"""A page as the working copy writes it: each text in the one form in which it is printed."""

from collections.abc import Sequence
from dataclasses import replace

from compliance.page import inline
from compliance.page.formats import markdown
from compliance.page.snapshot import Snapshot
from compliance.page.table import Cell, Item, Listing, Section


def normal_page(page: Snapshot) -> Snapshot:
    """Return a page with its texts in the form of the working copy, and its proses joined.

    Pages in Markdown are read so. JSON may write the same words in other ways, and two sections of
    prose after each other, which no reader of the page could tell apart.
    """
    sections = _joined([_normal_section(section) for section in page.sections])
    return replace(page, sections=tuple(sections))


def _joined(sections: Sequence[Section]) -> list[Section]:
    joined: list[Section] = []
    for section in sections:
        if joined and not joined[-1].columns:
            before = joined.pop()
            proses = [prose for prose in (before.prose, section.prose) if prose]
            section = replace(section, prose="\n\n".join(proses))
        joined.append(section)
    return joined


def _normal_section(section: Section) -> Section:
    return replace(
        section,
        prose=markdown.canonical_prose(section.prose),
        listings=tuple(map(_normal_listing, section.listings)),
    )


def _normal_listing(listing: Listing) -> Listing:
    cells = {key: _normal_cell(cell) for key, cell in listing.cells.items()}
    return replace(listing, cells=cells)


def _normal_cell(cell: Cell) -> Cell:
    return replace(cell, items=tuple(map(_normal_item, cell.items)))


def _normal_item(item: Item) -> Item:
    text = inline.normal(item.text)
    return item if text == item.text else replace(item, text=text)
