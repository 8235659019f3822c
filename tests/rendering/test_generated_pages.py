"""Generated pages of any shape as HTML, alone and marked against another page."""

import re
from itertools import pairwise

import html5lib
import pytest
from hypothesis import assume, given, settings
from markdown_it import MarkdownIt

from compliance.page.snapshot import Register, Snapshot
from compliance.page.urls import url_fault
from compliance.rendering.html import html_body
from compliance.rendering.markdown import Headings, prose_html
from compliance.rendering.marked_page import find_anchors, marked_body
from tests import strategies

pytestmark = pytest.mark.slow
EMPTY = Snapshot(Register("empty", "Empty"), ())


def fragment(html: str):
    """Return the parsed HTML; fails if its markup is invalid."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(html)


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


def blocks(tree) -> list[str]:
    """Return the tags without those of links, of which not all may be published."""
    tags = [str(element.tag) for element in tree.iter()]
    return [re.sub("h[1-6]", "heading", tag) for tag in tags if tag != "a"]


def ids(tree) -> list[str]:
    return [element.get("id") for element in tree.iter() if element.get("id")]


def expected(item) -> str:
    """Return what the page prints of an item; an address that is no link is a text."""
    url = getattr(item, "url", None)
    is_text = url is not None and url_fault(url) is not None
    return " ".join((f"{item.plain} ({url})" if is_text else item.plain).split())


@settings(max_examples=25)
@given(strategies.snapshots())
def test_a_page_prints_every_item_in_its_cell(snapshot):
    tree = fragment(html_body(snapshot))

    printed = tree.findall(".//tbody/tr")
    for row, element in zip(snapshot.rows(), printed, strict=True):
        assert [cell.tag for cell in element] == ["th"] + ["td"] * (len(row.cells) - 1)
        for (_, cell), shown in zip(row.cells, element, strict=True):
            assert [words(item) for item in shown.iter("bdi")] == list(map(expected, cell.items))


@settings(max_examples=25)
@given(strategies.snapshots())
def test_the_ids_of_a_page_are_unique_and_its_links_lead_to_them(snapshot):
    tree = fragment(html_body(snapshot))

    found = ids(tree)
    assert len(found) == len(set(found))
    targets = {link.get("href")[1:] for link in tree.iter("a") if link.get("href")[0] == "#"}
    assert targets <= set(found)
    assert {table.get("aria-labelledby") for table in tree.iter("table")} <= set(found)


@settings(max_examples=25)
@given(strategies.snapshots())
def test_the_headings_of_a_page_leave_no_level_out(snapshot):
    tree = fragment(html_body(snapshot))

    levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@settings(max_examples=60)
@given(strategies.proses)
def test_prose_is_shown_as_commonmark_shows_it(prose):
    shown = fragment(prose_html(prose, Headings(lambda words: "id")))

    reference = fragment(MarkdownIt("commonmark").render(prose))
    assert words(shown) == words(reference)
    assert blocks(shown) == blocks(reference)


@settings(max_examples=25)
@given(strategies.snapshots(), strategies.snapshots())
def test_a_marked_page_has_an_anchor_for_everything_and_unique_ids(before, after):
    tree = fragment(marked_body(before, after))

    found = ids(tree)
    assert len(found) == len(set(found))
    assert {anchor.anchor for anchor in find_anchors(before, after).values()} <= set(found)


@settings(max_examples=25)
@given(strategies.snapshots(), strategies.snapshots())
def test_the_rows_that_differ_are_marked_alike_without_the_others(before, after):
    whole = fragment(marked_body(before, after))
    only = fragment(marked_body(before, after, only_differing=True))

    differing = [
        row
        for row in whole.findall(".//tbody/tr")
        if row.find(".//th//*[@class='said']") is not None
    ]
    assert [words(row) for row in only.findall(".//tbody/tr")] == [words(row) for row in differing]
    found = set(ids(only))
    assert {row.get("id") for row in differing} <= found
    assert {
        anchor.anchor for anchor in find_anchors(before, after, only_differing=True).values()
    } <= found


@settings(max_examples=25)
@given(strategies.snapshots(), strategies.snapshots())
def test_a_page_that_prints_something_else_is_marked(before, after):
    assume(before.printed() != after.printed())

    marked, unmarked = (words(fragment(marked_body(before, page))) for page in (after, before))

    assert "Nothing that is printed differs" not in marked
    assert "Nothing that is printed differs" in unmarked


@settings(max_examples=25)
@given(strategies.snapshots())
def test_a_page_marked_against_nothing_is_marked_as_new(snapshot):
    tree = fragment(marked_body(EMPTY, snapshot))

    rows = tree.findall(".//tbody/tr")
    assert {row.get("class") for row in rows} <= {"added"}
    assert len(rows) == len(list(snapshot.rows()))
