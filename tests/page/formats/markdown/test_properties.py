"""Properties that hold for every page and every snapshot."""

import os

import pytest
from hypothesis import HealthCheck, given, settings

from compliance.page.formats import csv, json, markdown
from compliance.page.formats.markdown.syntax import page_parser
from compliance.page.snapshot import Snapshot
from tests.strategies import HandWritten, hand_written_pages, snapshots

pytestmark = pytest.mark.slow

_TOO_SLOW = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
    HealthCheck.function_scoped_fixture,
]
settings.register_profile("fast", max_examples=100, deadline=None, suppress_health_check=_TOO_SLOW)
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
    assert markdown.render(read) == page


@every
@given(hand_written_pages())
def test_a_hand_written_page_is_read_as_it_was_meant(page: HandWritten):
    read = markdown.parse(page.source)

    assert read.printed() == page.printed
    assert markdown.parse(markdown.render(read)) == read


@every
@given(snapshots())
def test_a_markdown_renderer_shows_the_names_that_were_written(snapshot: Snapshot):
    page = markdown.render(snapshot)

    tokens = page_parser().enable("text_join").parse(page)

    shown = [
        _shown(tokens[index + 1]) for index, token in enumerate(tokens) if token.type == "td_open"
    ]
    assert shown[0::5] == [_listed(listing.models) for listing in snapshot.listings]
    assert shown[1::5] == [_listed(listing.providers) for listing in snapshot.listings]
    assert shown[2::5] == [
        _marked(listing.training.text, listing.training) for listing in snapshot.listings
    ]
    assert shown[4::5] == [
        "\n".join(_marked(f"• {document.label}", document) for document in listing.documents)
        for listing in snapshot.listings
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

    offerings = sum(
        max(len(listing.models), 1) * max(len(listing.providers), 1)
        for listing in snapshot.listings
    )
    assert len(lines) == offerings + 2


def _shown(inline) -> str:
    shown = {"html_inline": "\n"}
    return "".join(shown.get(token.type, token.content) for token in inline.children)


def _listed(items) -> str:
    return "\n".join(_marked(f"• {item.name}", item) for item in items)


def _marked(text: str, target) -> str:
    return text + " ".join(
        "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(number)) for number in target.footnotes
    )
