"""Tests of whole pages of many shapes, written by hand as people write them."""

from pathlib import Path

import pytest

from compliance.page.formats import Reading, json, markdown

PAGES = Path(__file__).parent.parent / "pages"
NOTES = {
    "daggers": [
        "Line 6: Emphasis was dropped.",
        "Line 8: The footnote `*` became footnote 1.",
        "Line 9: The footnote `†` became footnote 2.",
        "Line 11: The footnote `‡` became footnote 3.",
        "Line 13: The footnote `**` became footnote 4.",
        "Line 9: Footnote 2 says that it ends on 2030-01-31. Enter that day as its last.",
    ],
    "docusaurus": [
        "Line 1: The front matter up to line 8 was taken off "
        "(id, sidebar_label, description, tags).",
        "Line 9: The text before the title was put behind it.",
    ],
    "hugo": [
        "Line 1: The front matter up to line 7 was taken off (title, date, draft).",
        "Line 2: The title is that of the front matter.",
        "Line 17: The text was brought into the form in which it is written.",
    ],
    "links-in-claims": [],
    "no-table": ["Line 4: The text was brought into the form in which it is written."],
    "plans": [],
    "products": [
        "Line 2: An HTML comment was dropped.",
        "Line 11: The list was written with `•` and `<br>`.",
        "Line 24: Footnotes that begin anew below a table were numbered through.",
    ],
    "quotes-and-lists": ["Line 20: The text was brought into the form in which it is written."],
    "rtl": [
        "Line 9: The footnote `†` became footnote 1.",
        "Line 9: Footnote 1 says that it ends on 2030-06-30. Enter that day as its last.",
    ],
    "subprocessors": [
        "Line 1: The front matter up to line 5 was taken off (layout, title, nav_order).",
        "Line 3: The title is that of the front matter.",
        "Line 13: Emphasis was dropped.",
        "Line 15: The text was brought into the form in which it is written.",
    ],
    "thirteen-columns": [
        "Line 7: 'N/A' names no document; it is kept as text. Link the document, or leave the cell "
        "empty.",
        "Line 7: Emphasis was dropped.",
    ],
    "two-tables-with-notes": [
        "Lines 19, 20: The ':' behind a footnote's number was dropped.",
        "Line 22: A dividing line was dropped.",
        "Line 19: Footnotes that begin anew below a table were numbered through.",
    ],
    "windows": [
        "Line 1: Line ends became line feeds.",
        "Lines 3, 5, 7 and 1 more: Tabs became blanks.",
        "Lines 3, 5, 7: No-break spaces and the like became blanks.",
        "Line 8: Characters that cannot be seen were removed.",
        "Line 8: The text was put into Unicode normal form C.",
    ],
}
every_page = pytest.mark.parametrize("name", sorted(path.stem for path in PAGES.glob("*.md")))


def reading_of(name: str) -> Reading:
    return markdown.read((PAGES / f"{name}.md").read_bytes())


@every_page
def test_an_untidy_page_is_written_in_canonical_form(name: str):
    canonical = (PAGES / "canonical" / f"{name}.md").read_text()

    assert markdown.render(reading_of(name).snapshot) == canonical


@every_page
def test_what_was_normalised_in_an_untidy_page_is_noted(name: str):
    notes = [note for note in reading_of(name).notes if "is not understood" not in note]

    assert notes == NOTES[name]


@every_page
def test_an_untidy_page_comes_back_from_markdown_and_json(name: str):
    snapshot = reading_of(name).snapshot

    again = markdown.read(markdown.render(snapshot))

    assert again.snapshot == snapshot
    assert [note for note in again.notes if "became" in note or "was brought" in note] == []
    assert json.parse(json.render(snapshot)).snapshot == snapshot
