from dataclasses import replace

import pytest

from compliance.page import inline
from compliance.page.formats import Unwritable, markdown
from compliance.page.snapshot import Footnote, Model, Snapshot
from compliance.page.table import (
    Cell,
    ClaimItem,
    Column,
    DocumentItem,
    Listing,
    ModelItem,
    ProviderItem,
    Section,
    TextItem,
)
from compliance.page.vocabulary import Basis, ColumnRole, DocumentKind

PAGE = """\
# Models & hosts

Who gets what. See [the policy](./policy.md).

| Model | Host | Trains | Kept | Policies |
| :---- | :--- | :----- | :--- | :------- |
| • Uno¹²<br>• Due² ⁴ | • Acme<br>• Beta & Sons¹ | No | 30 days² | • [FAQ](https://a.eu/?a=1&b=2)¹<br>• Letter |
| • H&sup2;O \\[x\\] a_b \\_c & 3 * 4 |  |  |  |  |

¹ One.

² Two,
over two lines.

⁴ Four.

¹² Twelve.
"""


@pytest.fixture
def snapshot() -> Snapshot:
    return markdown.parse(PAGE)


def with_cell(snapshot: Snapshot, key: str, cell: Cell) -> Snapshot:
    """Return a page with a cell in its last row alone."""
    [section] = snapshot.sections
    listing = section.listings[-1]
    changed = replace(listing, cells={**listing.cells, key: cell})
    return replace(snapshot, sections=(replace(section, listings=(changed,)),))


def with_prose(snapshot: Snapshot, prose: str) -> Snapshot:
    [section] = snapshot.sections
    return replace(snapshot, sections=(replace(section, prose=prose),))


def cell_read(page: str, key: str) -> Cell:
    [row] = markdown.parse(page).rows()
    return row.listing.cells[key]


def test_a_canonical_page_comes_back_byte_for_byte(snapshot: Snapshot):
    assert markdown.render(snapshot) == PAGE
    assert markdown.read(PAGE).notes == ()
    assert snapshot.printed()["sections"][0]["listings"][1] == [
        [("H&sup2;O \\[x\\] a_b \\_c & 3 * 4", ())],
        [],
        [],
        [],
        [],
    ]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("GPT 5 (chat), v1.0 - new!", "GPT 5 (chat), v1.0 - new!"),
        ("a|b", "a\\|b"),
        ("a\\", "a\\\\"),
        ("a\\b", "a\\b"),
        ("a\\|b", "a\\\\\\|b"),
        ("a*b * c", "a\\*b * c"),
        ("a_b _c_", "a_b \\_c\\_"),
        ("~~a~~", "\\~\\~a\\~\\~"),
        ("[a](b)", "\\[a\\](b)"),
        ("`a`", "\\`a\\`"),
        ("<b> > c", "&lt;b> > c"),
        ("A&B &amp; &c", "A&B &amp;amp; &c"),
        ("x² •", "x&sup2; &bull;"),
        ("https://x.eu www.x.eu", "https\\://x.eu www\\.x.eu"),
        ("- a", "- a"),
        ("[^1]<sup>1</sup>", "\\[^1\\]&lt;sup>1&lt;/sup>"),
    ],
)
def test_a_name_is_escaped_only_where_it_could_act(snapshot: Snapshot, name: str, written: str):
    named = Cell((ModelItem("h2o", inline.escape(name)),))
    model = Model("h2o", name)

    page = markdown.render(replace(with_cell(snapshot, "models", named), models=(model,)))

    assert f"\n| • {written} |" in page
    assert cell_read(page, "models").plain == name
    assert [model.name for model in markdown.parse(page).models] == [name]


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://x.eu/a_(b)*c", "https://x.eu/a_(b)*c"),
        ("https://x.eu/(", "https://x.eu/\\("),
        ("https://x.eu/?a&copy=2", "https://x.eu/?a&copy=2"),
        ("https://x.eu/?a&copy;", "https://x.eu/?a&amp;copy;"),
        ("a|b\\c", "a\\|b\\\\c"),
        ("a b", "<a b>"),
    ],
)
def test_an_address_keeps_every_byte(snapshot: Snapshot, url: str, written: str):
    document = DocumentItem("a", None, DocumentKind.OTHER, "A", url)

    page = markdown.render(with_cell(snapshot, "documents", Cell((document,), Basis.STATED)))

    assert f"• [A]({written}) |" in page
    assert cell_read(page, "documents").items[0].url == url


@pytest.mark.parametrize(
    ("wording", "written"),
    [
        ("30 days – or more", "30 days – or more"),
        ("– none", "&#8211; none"),
        ("+ none", "&#43; none"),
        ("▪ none", "&#9642; none"),
        ("\\– a", "\\– a"),
        ("* none", "\\* none"),
        ("none \\†", "none \\\\&dagger;"),
    ],
)
def test_a_plain_cell_escapes_a_bullet_only_at_its_start(
    snapshot: Snapshot, wording: str, written: str
):
    claim = Cell((ClaimItem(inline.escape(wording)),), Basis.STATED, clauses=())

    page = markdown.render(with_cell(snapshot, "retention", claim))

    assert f"| {written} |" in page
    assert cell_read(page, "retention").plain == wording


@pytest.mark.parametrize("title", ["A #", "#", "# A", "A \\#", "a | b", "=", "***", "1. A"])
def test_a_title_comes_back(snapshot: Snapshot, title: str):
    register = replace(snapshot.register, title=title)

    assert (
        markdown.parse(markdown.render(replace(snapshot, register=register))).register.title
        == title
    )


def test_rows_of_dashes_begin_no_table():
    page = "# Services\n\n| Note |\n| :--- |\n| a |\n| &#45; |\n| &#45;-- |\n"

    snapshot = markdown.parse(page)

    assert markdown.render(snapshot) == page
    assert [cell.items[0].plain for row in snapshot.rows() for _, cell in row.cells] == [
        "a",
        "-",
        "---",
    ]


def test_empty_parts_leave_no_blank_lines(snapshot: Snapshot):
    [section] = snapshot.sections
    empty = replace(section, prose="", listings=())
    bare = replace(snapshot, sections=(empty,), footnotes=())

    assert markdown.render(bare) == (
        "# Models & hosts\n\n| Model | Host | Trains | Kept | Policies |\n| :---- | :--- | :----- | :--- | :------- |\n"
    )


@pytest.mark.parametrize(
    "note",
    [
        "",
        "A\n\nB",
        "A\n² B",
        "A\n[^b]: B",
        "A\n| B",
        "A\n---",
        "A\n- b",
        "A\n# b",
        "A\n```",
        "A <!-- b -->",
        " A",
    ],
)
def test_a_footnote_that_could_not_be_read_back_is_refused(snapshot: Snapshot, note: str):
    assert markdown.footnote_fault(note)
    with pytest.raises(Unwritable, match="Footnote 1 cannot be written"):
        markdown.render(
            replace(snapshot, footnotes=(Footnote("n", 1, note), *snapshot.footnotes[1:]))
        )


def test_a_mark_without_a_footnote_is_not_written(snapshot: Snapshot):
    with pytest.raises(Unwritable, match="Footnote 1 is cited, but there is none"):
        markdown.render(replace(snapshot, footnotes=snapshot.footnotes[1:]))


@pytest.mark.parametrize(
    "text",
    ["", " A", "A\nB", "A\u202e", "e\u0301", "<b>A</b>", "![A](b)", "~~A~~", "[](u)", "[A](u 'T')"],
)
def test_a_text_that_may_not_be_shown_is_not_written(snapshot: Snapshot, text: str):
    named = Cell((ModelItem("h2o", text),))

    with pytest.raises(Unwritable):
        markdown.render(with_cell(snapshot, "models", named))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("See [the *terms*](https://x.eu/a_(b))", "See [the terms](https://x.eu/a_(b))"),
        ("Wow\\![A](b)", "Wow\\![A](b)"),
        ("[\\^1](b)", "[\\^1](b)"),
        ("[A|B](c|d)", "[A\\|B](c\\|d)"),
        ("a\\_b **c**", "a_b c"),
    ],
)
def test_a_text_of_any_cell_keeps_its_links(snapshot: Snapshot, text: str, written: str):
    claim = Cell((ClaimItem(text),), Basis.STATED, clauses=())

    page = markdown.render(with_cell(snapshot, "retention", claim))

    assert f"| {written} |" in page
    assert cell_read(page, "retention").items[0].text == written


def test_only_names_documents_and_several_items_are_lists(snapshot: Snapshot):
    columns = tuple(
        Column(role.value, role.value.title(), role)
        for role in (ColumnRole.TEXT, ColumnRole.PLACES, ColumnRole.PROVIDERS)
    )
    cells = {
        "text": Cell((TextItem("Speech"),)),
        "places": Cell((TextItem("Ireland"), TextItem("Iowa", footnotes=(1,)))),
        "providers": Cell((ProviderItem("acme", "Acme"),)),
    }
    section = Section("s", "", columns, (Listing("a", cells),))

    page = markdown.render(replace(snapshot, sections=(section,)))

    assert "\n| Speech | • Ireland<br>• Iowa¹ | • Acme |\n" in page


def test_sections_come_one_after_the_other_and_footnotes_last(snapshot: Snapshot):
    [section] = snapshot.sections
    second = Section("b", "## Voices", (Column("voice", "Voice", ColumnRole.TEXT),))
    last = Section("c", "> The end.")

    page = markdown.render(replace(snapshot, sections=(section, second, last)))

    assert page == PAGE.replace(
        "\n¹ One.", "\n## Voices\n\n| Voice |\n| :---- |\n\n> The end.\n\n¹ One."
    )


@pytest.mark.parametrize(
    "text", ["See [a](https://x.eu).", "## Links\n\n- [b](./b.md)\n- [c](mailto:c@x.eu)"]
)
def test_links_to_sites_paths_and_mail_addresses_may_be_published(text):
    assert markdown.links_fault(text) is None


@pytest.mark.parametrize(
    "text", ["See [a](javascript:alert(1)).", "> - [b](data:text/html,x)", "[c](https://u:p@x.eu/)"]
)
def test_links_to_anything_else_may_not(text):
    assert markdown.links_fault(text)
