"""compliance.rendering: two pages, and two exports, as one."""

from dataclasses import replace

import html5lib
import pytest

from compliance.rendering.marked_lines import marked_lines
from compliance.rendering.marked_page import find_anchors, marked_body
from tests.stores import listing, snapshot


def reading(before, after):
    """Return the marked page as a tree, and its text."""
    fragment = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(
        marked_body(before, after)
    )
    return fragment, " ".join("".join(fragment.itertext()).split())


def marked(fragment, tag):
    return [" ".join("".join(each.itertext()).split()) for each in fragment.iter(tag)]


def test_a_page_that_stays_has_no_marks():
    fragment, text = reading(snapshot(), snapshot())

    assert "Acme One" in text
    assert not any("Acme" in each for each in [*marked(fragment, "ins"), *marked(fragment, "del")])


def test_a_model_that_came_and_one_that_went_are_marked():
    before = snapshot(listing())
    models = (
        replace(before.listings[0].models[0], name="Acme Three", id="acme-three"),
        before.listings[0].models[1],
    )

    fragment, _ = reading(before, snapshot(listing(models=models)))

    assert any("Acme Three" in each for each in marked(fragment, "ins"))
    assert any("Acme One" in each for each in marked(fragment, "del"))
    assert not any(
        "Acme Two" in each for each in [*marked(fragment, "ins"), *marked(fragment, "del")]
    )


def test_rows_that_came_went_and_moved_are_told_in_words():
    before = snapshot(listing("a"), listing("b"), listing("c"))

    _, text = reading(before, snapshot(listing("c"), listing("a"), listing("new")))

    assert "moved" in text
    assert "new" in text
    assert "removed" in text


def test_words_of_a_footnote_are_marked():
    fragment, _ = reading(
        snapshot(notes=("Kept for 30 days.",) * 2), snapshot(notes=("Kept for 60 days.",) * 2)
    )

    assert any("60" in each for each in marked(fragment, "ins"))
    assert any("30" in each for each in marked(fragment, "del"))


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "]]><img src=x onerror=x>", "\"'><svg/onload=x>"]
)
def test_hostile_texts_are_inert(hostile):
    row = listing()
    model = replace(row.models[0], name=hostile)
    after = snapshot(
        replace(row, models=(model,)), notes=(hostile, "x"), title=hostile, intro=hostile
    )

    fragment, text = reading(snapshot(), after)

    assert {"script", "img", "svg"}.isdisjoint(each.tag for each in fragment.iter())
    assert hostile.split()[0] in text


def test_the_lines_of_an_export_that_differ_are_given_with_two_lines_around():
    before = "\n".join(f"line {number}" for number in range(20))
    after = before.replace("line 10", "line ten")

    lines = marked_lines(before, after)

    assert [(line.sign, line.text) for line in lines] == [
        (" ", "line 8"), (" ", "line 9"), ("-", "line 10"), ("+", "line ten"), (" ", "line 11"), (" ", "line 12"),
    ]  # fmt: skip
    assert marked_lines(before, before) == ()


def test_what_differs_leads_back_to_the_sentence_about_it():
    before = snapshot(listing("a"), listing("gone"), notes=("Kept.", "Old wording."))
    after = snapshot(
        replace(listing("a"), models=listing().models[:1]),
        listing("new"),
        notes=("Kept.", "New wording."),
    )
    told = {"a": "said-1", "gone": "said-2", "new": "said-3", "note-2": "said-4"}

    body = marked_body(before, after, told)

    for anchor in told.values():
        assert body.count(f'href="#{anchor}"') == 1


def test_every_spot_is_on_the_page():
    before = snapshot(listing("a"), listing("gone"), notes=("Kept.", "Old wording.", "Removed."))
    after = snapshot(listing("new"), listing("a"), notes=("Kept.", "New wording."))

    fragment, _ = reading(before, after)
    found = find_anchors(before, after)

    assert {spot.anchor for spot in found.values()} <= {each.get("id") for each in fragment.iter()}
    assert found["new"].name == "row 1"
    assert found["gone"].name == "removed row 2"
    assert found["note-3"].name == "removed footnote 3"
