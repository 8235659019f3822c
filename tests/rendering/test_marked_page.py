"""The marked page and the marked lines of an export."""

from dataclasses import replace

import html5lib
import pytest

from compliance.page.snapshot import Model, Snapshot
from compliance.page.table import Cell, ClaimItem, Column, Listing, Section, TextItem
from compliance.page.vocabulary import Basis, ColumnRole, TrainingUse
from compliance.rendering import marked_page
from compliance.rendering.marked_lines import marked_lines
from compliance.rendering.marked_page import find_anchors, marked_body, marked_rows
from tests.stores import listing, models_cell, snapshot


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
    models = models_cell(Model("acme-three", "Acme Three"), Model("acme-two", "Acme Two"))

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
    row = listing(models=models_cell(Model("acme-one", hostile)))
    after = snapshot(row, notes=(hostile, "x"), title=hostile, prose=hostile)

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
        listing("a", models=models_cell(Model("acme-one", "Acme One"))),
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


def text_table(id: str, *rows: str, keys=("name", "purpose"), prose: str = "") -> Section:
    """Return a section of text columns; a row is "Acme: Hosting", and its id is its name."""
    columns = tuple(Column(key, key.title(), ColumnRole.TEXT) for key in keys)
    listings = []
    for row in rows:
        texts = row.split(": ")
        cells = {
            key: Cell((TextItem(text),) if text else ())
            for key, text in zip(keys, texts, strict=True)
        }
        listings.append(Listing(texts[0], cells))
    return Section(id, prose, columns, tuple(listings))


def text_page(*sections: Section) -> Snapshot:
    """Return a register of some sections."""
    return replace(snapshot(notes=()), sections=sections, models=(), providers=())


def rows(fragment):
    """Return the rows of all tables as lists of the texts of their cells."""
    return [
        [" ".join(" ".join(cell.itertext()).split()) for cell in row]
        for row in fragment.findall(".//tbody/tr")
    ]


def test_sections_are_matched_by_id_and_prose_is_marked():
    before = text_page(Section("a", "## Chat\n\nOne."), Section("b", "Gone."))
    after = text_page(Section("new", "Hello."), Section("a", "## Chat\n\nTwo."))

    fragment, text = reading(before, after)

    assert "+ Section 1 is new" in text
    assert "Section 2 differs" in text
    assert "− Section removed, was number 2" in text
    assert any("Gone." in words for words in marked(fragment, "del"))
    assert any("Hello." in words for words in marked(fragment, "ins"))
    assert [words for words in marked(fragment, "ins") if "Two" in words] == ["added: Two (end)"]
    assert [element.tag for element in fragment.iter() if element.tag in ("h3", "h4")] == [
        "h3",
        "h4",
    ]


def test_a_row_in_another_table_is_the_same_row():
    before = text_page(text_table("a", "Acme: Mail", "Bolt: Logs"), text_table("b", "Core: Data"))
    after = text_page(text_table("a", "Bolt: Logs"), text_table("b", "Core: Data", "Acme: Letters"))

    fragment, text = reading(before, after)

    assert "↕ Row moved here from another table, was number 1, now 3" in text
    assert "is new" not in text
    assert "removed, was" not in text
    assert len(fragment.findall(".//tbody/tr")) == 3
    assert any("Letters" in words for words in marked(fragment, "ins"))


def test_columns_are_matched_by_key():
    before = text_page(text_table("a", "Acme: Mail: Berlin", keys=("name", "purpose", "seat")))
    after = text_page(text_table("a", "Acme: Berlin: Weekly", keys=("name", "seat", "audits")))

    fragment, _ = reading(before, after)

    headers = [" ".join("".join(e.itertext()).split()) for e in fragment.findall(".//thead//th")]
    assert headers == [
        "Name",
        "removed: Purpose (end)",
        "Seat",
        "added: Audits (end)",
    ]
    assert rows(fragment) == [
        ["Row 1 differs Acme", "removed: Mail", "Berlin", "added: Weekly"],
    ]


def test_a_new_label_of_a_column_is_marked():
    before = text_page(text_table("a", "Acme: Mail"))
    [section] = before.sections
    columns = (section.columns[0], replace(section.columns[1], label="Its purpose"))

    fragment, text = reading(before, text_page(replace(section, columns=columns)))

    assert any("Its" in words for words in marked(fragment, "ins"))
    assert "Nothing that is printed differs" not in text
    assert rows(fragment) == [["Acme", "Mail"]]


def test_a_claim_that_is_left_empty_is_marked_as_removed():
    empty = Cell((), basis=Basis.STATED, use=TrainingUse.NOT_STATED)

    fragment, _ = reading(snapshot(), snapshot(listing(training=empty)))

    assert marked(fragment, "del") == ["removed", "removed: No"]


def test_a_link_in_a_cell_stays_a_link_and_a_new_address_is_marked():
    def page(url: str) -> Snapshot:
        text = f"[see](https://a.example/{url})"
        return snapshot(listing(retention=Cell((ClaimItem(text),), basis=Basis.STATED, clauses=())))

    same, _ = reading(page("x"), page("x"))
    other, _ = reading(page("x"), page("y"))

    assert "https://a.example/x" in [link.get("href") for link in same.iter("a")]
    assert any("https://a.example/x" in words for words in marked(other, "del"))
    assert any("https://a.example/y" in words for words in marked(other, "ins"))


def test_rows_that_differ_are_shown_by_table_up_to_a_number():
    before = text_page(text_table("a", "Acme: Mail", "Bolt: Logs"), text_table("b", "Core: Data"))
    after = text_page(text_table("a", "Acme: Post", "Bolt: Texts"), text_table("b", "Core: Files"))

    fragment = html5lib.parseFragment(
        marked_rows(before, after, most=2), namespaceHTMLElements=False
    )
    whole = html5lib.parseFragment(marked_rows(before, after, most=3), namespaceHTMLElements=False)

    assert len(fragment.findall(".//table")) == 1
    assert "1 more row differs." in "".join(fragment.itertext())
    assert [len(table.findall(".//tbody/tr")) for table in whole.iter("table")] == [2, 1]
    assert marked_rows(before, before, most=3) == ""


def test_every_row_of_the_first_page_is_new_in_an_excerpt():
    excerpt = marked_rows(None, text_page(text_table("a", "Acme: Mail")), most=3)

    fragment = html5lib.parseFragment(excerpt, namespaceHTMLElements=False)
    assert rows(fragment) == [["+ Row 1 is new Acme", "Mail"]]


def test_sections_have_anchors_and_link_back_to_their_sentence():
    before, after = text_page(Section("a", "One."), Section("b")), text_page(Section("a", "Two."))

    anchors = find_anchors(before, after)

    assert (anchors["a"].name, anchors["b"].name) == ("section 1", "removed section 2")
    body = marked_body(before, after, {"a": "said-1", "b": "said-2"})
    assert f'id="{anchors["a"].anchor}"' in body
    assert f'id="{anchors["b"].anchor}"' in body
    assert body.count('href="#said-1"') == body.count('href="#said-2"') == 1


def test_only_the_rows_that_differ_are_shown_and_the_others_counted():
    models = models_cell(Model("kimi", "Kimi K3"))
    before = snapshot(listing("a"), listing("b"), listing("c"))
    after = snapshot(listing("a"), listing("b", models=models), listing("c"))

    body = marked_body(before, after, only_differing=True)

    assert body.count('role="row"') == 2  # the head of the table, and the row
    assert "Kimi K3" in body
    assert "2\n        rows stay as they are." in body
    assert marked_body(before, after).count('role="row"') == 4


@pytest.mark.parametrize("is_first", [True, False])
def test_of_very_many_rows_that_differ_the_first_are_shown_and_the_others_counted(
    monkeypatch, is_first
):
    monkeypatch.setattr(marked_page, "MOST_ROWS", 2)
    models = models_cell(Model("kimi", "Kimi K3"))
    after = snapshot(*(listing(id, models=models) for id in "abcd"))
    before = None if is_first else snapshot(listing("a"), listing("b"), listing("c"), listing("e"))

    body = marked_body(before, after, only_differing=True)
    anchors = find_anchors(before, after, only_differing=True)

    assert body.count('role="row"') == 3  # the head of the table, and two rows
    assert "2 more rows are not shown here." in body
    assert "as they are" not in body
    assert {"a", "b"} == {"a", "b", "c", "d", "e"} & anchors.keys()
    assert marked_body(before, after).count("Kimi K3") == 4 * body.count("Kimi K3") / 2


def test_a_first_page_is_shown_whole():
    assert marked_body(None, snapshot(), only_differing=True) == marked_body(None, snapshot())
