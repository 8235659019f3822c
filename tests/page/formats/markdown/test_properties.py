"""Properties that hold for every page and every snapshot."""

import os
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from compliance.page.formats import Unreadable, csv, json, markdown
from compliance.page.formats.markdown.syntax import page_parser
from compliance.page.snapshot import Register, Snapshot
from compliance.page.table import Cell, Column, Section
from compliance.page.vocabulary import ColumnRole
from tests.strategies import (
    HandWritten,
    hand_written_pages,
    raw_proses,
    snapshots,
    untidy_pages,
)

pytestmark = pytest.mark.slow

_TOO_SLOW = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
    HealthCheck.function_scoped_fixture,
]
settings.register_profile("fast", max_examples=50, deadline=None, suppress_health_check=_TOO_SLOW)
settings.register_profile(
    "thorough", max_examples=5000, deadline=None, suppress_health_check=_TOO_SLOW
)
every = settings(settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast")))


@every
@given(snapshots())
def test_a_written_snapshot_prints_the_same_when_read(snapshot: Snapshot):
    page = markdown.render(snapshot)

    read = markdown.parse(page)

    assert read.printed() == snapshot.printed()
    again = markdown.render(read)
    assert markdown.render(markdown.parse(again)) == again


@every
@given(snapshots())
def test_no_break_spaces_between_words_make_no_other_page(snapshot: Snapshot):
    page = markdown.render(snapshot)

    disguised = re.sub(r"(?<=\S) (?=\S)", "\u00a0", page)

    assert markdown.parse(disguised) == markdown.parse(page)


@every
@given(snapshots())
def test_a_page_that_is_read_with_its_columns_has_the_same_meaning(snapshot: Snapshot):
    tables = [section for section in snapshot.sections if section.columns][:1]
    assume(tables)
    columns = tables[0].columns
    assume(len({column.label for column in columns}) == len(columns))
    page = markdown.render(replace(snapshot, sections=tuple(tables)))

    read = markdown.parse(page, sections=tables)

    assert [section.columns for section in read.sections] == [columns]
    assert markdown.render(read) == page


@every
@given(raw_proses)
def test_prose_comes_back_in_its_one_form(prose: str):
    canonical = markdown.canonical_prose(prose)
    assume(canonical)
    snapshot = Snapshot(Register("a", "A"), (Section("s", prose),))

    read = markdown.parse(markdown.render(snapshot))

    assert [section.prose for section in read.sections] == [canonical]
    assert markdown.prose_fault(canonical) is None
    assert markdown.canonical_prose(canonical) == canonical


@every
@given(hand_written_pages())
def test_a_hand_written_page_is_read_as_it_was_meant(page: HandWritten):
    read = markdown.parse(page.source)

    assert read.printed() == page.printed
    assert markdown.parse(markdown.render(read)) == read


@every
@given(untidy_pages)
def test_an_untidy_page_comes_back_or_is_refused_with_its_line(source: str):
    snapshot, line = None, None
    try:
        snapshot = markdown.parse(source)
    except Unreadable as refusal:
        line = refusal.line
    if snapshot is None:
        assert line
        return

    page = markdown.render(snapshot)

    assert markdown.parse(page).printed() == snapshot.printed()
    assert markdown.render(markdown.parse(page)) == page


_TOUCHING = (
    *(
        "a@b.example",
        "mailto:a@b.example",
        "xmpp:a@b.example",
        "https://x.example/a",
        "www.x.example",
    ),
    *(
        "²",
        "<sup>2</sup>",
        "[^2]",
        "&sup2;",
        "&nbsp;",
        "&shy;",
        "&Tab;",
        "&amp;",
        "&lt;b>",
        "&#42;",
    ),
    *(
        "*",
        "**",
        "_",
        "~",
        "~~",
        "`",
        "\\\\",
        "<",
        ">",
        "|",
        "!",
        "[",
        "]",
        "(",
        ")",
        "#",
        "•",
        "†",
    ),
    *("[a](https://x.example)", "[a][p]", "[p]: /b", "<https://x.example>", "<!--", "-->", "word"),
    *(" ", " ", " ", "\n", "- ", "1. ", "> ", "## ", "  \n", "\n---\n"),
)
_texts = st.lists(st.sampled_from(_TOUCHING), min_size=1, max_size=7).map("".join)


@every
@given(prose=_texts, cell=_texts, note=_texts)
def test_a_page_that_is_read_can_be_written(prose: str, cell: str, note: str):
    table = "| Model | Provider | Note |\n|---|---|---|\n| Uno | Acme | {} |"
    pages = (
        f"# A\n\n{prose}\n\n{table.format('b')}\n",
        f"# A\n\n{table.format(cell.replace(chr(10), ' '))}\n\n² Two.\n",
        f"# A\n\n{table.format('b')}\n\n{prose}\n\n² {note}\n",
        f"# A\n\n{prose}\n",
    )
    for page in pages:
        try:
            snapshot = markdown.parse(page)
        except Unreadable as refusal:
            snapshot = None
            line = refusal.line
            assert line
        if snapshot:
            written = markdown.render(snapshot)
            assert markdown.parse(written).printed() == snapshot.printed()


@every
@given(snapshots())
def test_a_markdown_renderer_shows_the_names_that_were_written(snapshot: Snapshot):
    page = markdown.render(snapshot)

    tokens = page_parser().enable("text_join").parse(page)

    shown = [
        _shown(tokens[index + 1]) for index, token in enumerate(tokens) if token.type == "td_open"
    ]
    assert shown == [
        _printed(column, cell) for row in snapshot.rows() for column, cell in row.cells
    ]
    assert _shown(tokens[1]) == snapshot.register.title


@every
@given(snapshots())
def test_json_gives_the_snapshot_back(snapshot: Snapshot):
    assert Snapshot.from_dict(snapshot.to_dict()) == snapshot
    assert json.parse(json.render(snapshot)).snapshot == snapshot


@every
@given(snapshots())
def test_csv_can_be_written_of_every_snapshot(snapshot: Snapshot):
    lines = csv.render(snapshot).decode().split("\r\n")

    offerings = sum(max(len(row.models), 1) * max(len(row.providers), 1) for row in snapshot.rows())
    assert len(lines) == offerings + 2


_SHOWN = {"html_inline": "\n", "softbreak": " ", "link_open": "", "link_close": ""}
_LISTED = (ColumnRole.MODELS, ColumnRole.PROVIDERS, ColumnRole.DOCUMENTS)


def _shown(token) -> str:
    return "".join(_SHOWN.get(part.type, part.content) for part in token.children)


def _printed(column: Column, cell: Cell) -> str:
    bullet = "• " if column.role in _LISTED or len(cell.items) > 1 else ""
    return "\n".join(_marked(f"{bullet}{item.plain}", item) for item in cell.items)


def _marked(text: str, target) -> str:
    return text + " ".join(
        "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(number)) for number in target.footnotes
    )
