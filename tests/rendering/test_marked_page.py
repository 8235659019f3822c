"""The marked page and the marked lines of an export."""

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
    """Return the text of each element with the tag `ins` or `del`."""
    return [" ".join("".join(element.itertext()).split()) for element in fragment.iter(tag)]


def test_an_unchanged_page_has_no_marks():
    fragment, text = reading(snapshot(), snapshot())

    assert "Acme One" in text
    assert not any("Acme" in text for text in [*marked(fragment, "ins"), *marked(fragment, "del")])


def test_an_added_and_a_removed_model_are_marked():
    before = snapshot(listing())
    models = (
        replace(before.listings[0].models[0], name="Acme Three", id="acme-three"),
        before.listings[0].models[1],
    )

    fragment, _ = reading(before, snapshot(listing(models=models)))

    assert any("Acme Three" in text for text in marked(fragment, "ins"))
    assert any("Acme One" in text for text in marked(fragment, "del"))
    assert not any(
        "Acme Two" in text for text in [*marked(fragment, "ins"), *marked(fragment, "del")]
    )


def test_added_removed_and_moved_rows_are_described_in_words():
    before = snapshot(listing("a"), listing("b"), listing("c"))

    _, text = reading(before, snapshot(listing("c"), listing("a"), listing("new")))

    assert "moved" in text
    assert "new" in text
    assert "removed" in text


def test_changed_words_of_a_footnote_are_marked():
    fragment, _ = reading(
        snapshot(notes=("Kept for 30 days.",) * 2), snapshot(notes=("Kept for 60 days.",) * 2)
    )

    assert any("60" in text for text in marked(fragment, "ins"))
    assert any("30" in text for text in marked(fragment, "del"))


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "]]><img src=x onerror=x>", "\"'><svg/onload=x>"]
)
def test_html_in_texts_is_escaped(hostile):
    row = listing()
    model = replace(row.models[0], name=hostile)
    after = snapshot(
        replace(row, models=(model,)), notes=(hostile, "x"), title=hostile, intro=hostile
    )

    fragment, text = reading(snapshot(), after)

    assert {"script", "img", "svg"}.isdisjoint(element.tag for element in fragment.iter())
    assert hostile.split()[0] in text


def test_changed_lines_of_an_export_are_shown_with_two_equal_lines_on_each_side():
    before = "\n".join(f"line {number}" for number in range(20))
    after = before.replace("line 10", "line ten")

    lines = marked_lines(before, after)

    assert [(line.sign, line.text) for line in lines] == [
        (" ", "line 8"),
        (" ", "line 9"),
        ("-", "line 10"),
        ("+", "line ten"),
        (" ", "line 11"),
        (" ", "line 12"),
    ]
    assert marked_lines(before, before) == ()


def test_each_marked_change_links_back_to_the_sentence_that_describes_it():
    before = snapshot(listing("a"), listing("gone"), notes=("Kept.", "Old wording."))
    after = snapshot(
        replace(listing("a"), models=listing().models[:1]),
        listing("new"),
        notes=("Kept.", "New wording."),
    )
    sentence_ids = {"a": "said-1", "gone": "said-2", "new": "said-3", "note-2": "said-4"}

    body = marked_body(before, after, sentence_ids)

    for sentence_id in sentence_ids.values():
        assert body.count(f'href="#{sentence_id}"') == 1


def test_every_anchor_is_the_id_of_an_element_on_the_page():
    before = snapshot(listing("a"), listing("gone"), notes=("Kept.", "Old wording.", "Removed."))
    after = snapshot(listing("new"), listing("a"), notes=("Kept.", "New wording."))

    fragment, _ = reading(before, after)
    anchors = find_anchors(before, after)

    assert {anchor.anchor for anchor in anchors.values()} <= {
        element.get("id") for element in fragment.iter()
    }
    assert anchors["new"].name == "row 1"
    assert anchors["gone"].name == "removed row 2"
    assert anchors["note-3"].name == "removed footnote 3"
