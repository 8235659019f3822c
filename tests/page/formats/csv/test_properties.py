"""Whatever stands in a table is read and comes back from the page, or is refused."""

import csv as python_csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page.formats import FormatFault, csv, json, markdown

# What acts in Markdown, in CSV or in neither.
_CHARACTERS = "a¹²*†`|\\:-\"'=•#<>[{_! \t\n\v\u00a0\u200b\u200c\u2028\ufeff"
_FRAGMENTS = [
    "Yes",
    "30 days",
    "~~",
    "<br>",
    "<b>",
    "</b>",
    "&amp;",
    "&nbsp;",
    "&#45;",
    "می",
    "\r\n",
]
_MORE = ["1.", "[x](https://a.example/)", "https://a.example/p", "](", "|---|", "e\u0301", "!["]
_CELLS = st.lists(st.sampled_from([*_CHARACTERS, *_FRAGMENTS, *_MORE]), max_size=5).map("".join)
_LABELS = ("Model", "Provider", "Trains", "Retention", "Policy", "Note")


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    labels = draw(st.lists(st.sampled_from(_LABELS), min_size=1, max_size=4, unique=True))
    row = st.lists(_CELLS, min_size=len(labels), max_size=len(labels))
    return [labels, *draw(st.lists(row, min_size=1, max_size=3))]


@pytest.mark.slow
@given(tables(), st.sampled_from(",;\t"))
def test_a_table_that_is_read_comes_back_from_every_format(table: list[list[str]], delimiter: str):
    source = io.StringIO()
    python_csv.writer(source, delimiter=delimiter).writerows(table)
    try:
        snapshot = csv.read(source.getvalue(), title="Our AI").snapshot
    except FormatFault:
        return

    page = markdown.render(snapshot)

    assert markdown.parse(page).printed() == snapshot.printed()
    assert markdown.render(markdown.parse(page)) == page
    assert json.parse(json.render(snapshot)).snapshot == snapshot
