from dataclasses import replace

import pytest

from compliance.page.formats import Unwritable, markdown
from compliance.page.snapshot import Document, Footnote, Snapshot
from compliance.page.vocabulary import DocumentKind

PAGE = """\
# Models & hosts

Who gets what. See [the policy](./policy.md).

| Model | Host | Trains | Kept | Papers |
| :---- | :--- | :----- | :--- | :----- |
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


def test_a_canonical_page_comes_back_byte_for_byte(snapshot: Snapshot):
    assert markdown.render(snapshot) == PAGE
    assert markdown.read(PAGE).notes == ()
    assert snapshot.printed()["listings"][1] == {
        "models": [("H²O [x] a_b _c & 3 * 4", ())],
        "providers": [],
        "training": ("", ()),
        "retention": ("", ()),
        "documents": [],
    }


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
    listing = snapshot.listings[1]
    named = replace(listing, models=(replace(listing.models[0], name=name),))

    page = markdown.render(replace(snapshot, listings=(named,)))

    assert f"\n| • {written} |" in page
    assert markdown.parse(page).listings[0].models[0].name == name


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
    document = Document(None, DocumentKind.OTHER, "A", url, ())

    page = markdown.render(
        replace(snapshot, listings=(replace(snapshot.listings[1], documents=(document,)),))
    )

    assert f"• [A]({written}) |" in page
    assert markdown.parse(page).listings[0].documents[0].url == url


@pytest.mark.parametrize(
    ("wording", "written"),
    [
        ("30 days – or more", "30 days – or more"),
        ("– none", "&#8211; none"),
        ("+ none", "&#43; none"),
        ("▪ none", "&#9642; none"),
        ("\\– a", "\\– a"),
    ],
)
def test_a_plain_cell_escapes_a_bullet_only_at_its_start(
    snapshot: Snapshot, wording: str, written: str
):
    listing = snapshot.listings[1]
    said = replace(listing, retention=replace(listing.retention, text=wording))

    page = markdown.render(replace(snapshot, listings=(said,)))

    assert f"| {written} |" in page
    assert markdown.parse(page).listings[0].retention.text == wording


@pytest.mark.parametrize("title", ["A #", "#", "# A", "A \\#", "a | b", "=", "***", "1. A"])
def test_a_title_comes_back(snapshot: Snapshot, title: str):
    register = replace(snapshot.register, title=title)

    assert (
        markdown.parse(markdown.render(replace(snapshot, register=register))).register.title
        == title
    )


def test_empty_parts_leave_no_blank_lines(snapshot: Snapshot):
    bare = replace(
        snapshot, register=replace(snapshot.register, intro=""), listings=(), footnotes=()
    )

    assert markdown.render(bare) == (
        "# Models & hosts\n\n| Model | Host | Trains | Kept | Papers |\n| :---- | :--- | :----- | :--- | :----- |\n"
    )


@pytest.mark.parametrize(
    "intro",
    [
        "# A",
        "A\n===",
        "A\n---",
        "| a |\n| - |",
        "A <!-- b -->",
        "¹ A",
        "[^1]: A",
        "[a]: /b",
        "```",
        "<pre>",
        "A \nb",
        "A\u200b",
    ],
)
def test_an_introduction_that_would_change_the_page_is_refused(snapshot: Snapshot, intro: str):
    assert markdown.intro_fault(intro)
    with pytest.raises(Unwritable, match="The intro cannot be written"):
        markdown.render(replace(snapshot, register=replace(snapshot.register, intro=intro)))


@pytest.mark.parametrize(
    "intro", ["", "A *b*\n\n* c\n* d", "> A", "```\na\n```", "a | b", "1. A\n2. B"]
)
def test_an_introduction_may_be_any_other_markdown(intro: str):
    assert markdown.intro_fault(intro) is None


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


@pytest.mark.parametrize("name", ["", " A", "A\nB", "A\u202e", "e\u0301"])
def test_a_name_that_may_not_be_shown_is_not_written(snapshot: Snapshot, name: str):
    listing = snapshot.listings[1]
    named = replace(listing, models=(replace(listing.models[0], name=name),))

    with pytest.raises(Unwritable, match="A model's name"):
        markdown.render(replace(snapshot, listings=(named,)))
