"""HTML comments: dropped where CommonMark shows nothing of them, never with anything it shows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from compliance.page.formats import Unreadable, markdown

_TABLE = "| Model | Provider |\n|---|---|\n| Uno | Acme |"


def _page(*blocks: str) -> str:
    return "\n\n".join(["# A", *blocks]) + "\n"


def _proses(page: str) -> list[str]:
    return [section.prose for section in markdown.parse(page).sections]


@pytest.mark.parametrize("beginning", [r"Like \<!-- this.", "Like `<!--` this.", "`<!--`"])
def test_what_is_escaped_or_code_begins_no_comment(beginning: str):
    page = _page(beginning, _TABLE, "They end with -->.", "## More", "Text.")

    reading = markdown.read(page)

    assert [model.name for model in reading.snapshot.models] == ["Uno"]
    assert _proses(page) == [beginning, "They end with -->.\n\n## More\n\nText."]
    assert not any("comment" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("prose", "kept"),
    [
        ("<!-- a -->\n\nB", "B"),
        ("   <!-- a\n\n| b | c |\n|---|---|\n# d -->\n\nB", "B"),
        ("<!-->\n\nB", "B"),
        ("<!--->\n\nB", "B"),
        ("<!-- a --> <!-- b -->\n\nB", "B"),
        ("A\n<!-- b -->\nC", "A\n\nC"),
        ("A\n<!-- b -->\n---\n\nC", "A\n\n---\n\nC"),
        ("A <!-- b --> c", "A c"),
        ("A <!-- b\nc\nd --> e\nf", "A\n e\nf"),
        ("A | b <!-- c -->", "A | b"),
        ("## A <!-- b -->\n\nB", "## A\n\nB"),
        ("- a\n\n  <!-- b -->\n- c <!-- d -->\n- e", "- a\n\n- c\n- e"),
        ("Use `<!-- x -->` here.", "Use `<!-- x -->` here."),
        ("A <!-->b<!---> c", "A b c"),
    ],
)
def test_a_comment_is_dropped_where_nothing_of_it_is_shown(prose: str, kept: str):
    page = _page(prose, _TABLE)

    written = markdown.canonical_prose(kept)

    assert _proses(page) == [written]
    assert _proses(markdown.render(markdown.parse(page))) == [written]


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("<!---> We keep all. -->", "Line 3, column 1: a text stands behind an HTML comment"),
        ("<!-- a --> We keep all.", "Line 3, column 1: a text stands behind an HTML comment"),
        ("<!-- a\nb --> c", "Line 4, column 1: a text stands behind an HTML comment"),
        ("<!-- a --> <!-- b", "Line 3, column 1: the HTML comment that begins here never ends"),
        ("<!-- a --!> b -->", "Line 3, column 1: programs disagree on where"),
        ("A <!-- b", "Line 3, column 3: the text cannot be read: An HTML comment begins in it"),
        ("A\nb <!-- c", "Line 4, column 3: the text cannot be read: An HTML comment begins in it"),
        ("A <!-- b --!> c -->", "Line 3, column 3: the text cannot be read: It holds an HTML"),
        ("> <!-- b\n> c -->", "Line 3, column 1: the text cannot be read: '> <!-- b' is HTML"),
    ],
)
def test_a_doubtful_comment_is_refused_with_its_line(block: str, message: str):
    with pytest.raises(Unreadable) as refusal:
        markdown.read(_page(block, _TABLE, "An end -->"))

    assert message in str(refusal.value)


def test_a_comment_in_a_footnote_is_dropped():
    page = _page(_TABLE.replace("Uno", "Uno¹"), "¹ One <!-- two --> three.")

    assert markdown.parse(page).footnotes[0].text == "One three."


_PIECES = (
    "<!--",
    "-->",
    "<!---->",
    "`<!--`",
    "`",
    "\\",
    "<!-- hidden -->",
    "\n",
    "\n\n",
    "\n| x | y |\n",
    "\n## Head\n",
    f"\n\n{_TABLE}\n\n",
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES) | st.integers(100, 999).map("w{}".format), max_size=12))
def test_no_word_that_commonmark_shows_goes_with_a_comment(pieces: list[str]):
    source = f"# A\n\nB{' '.join(pieces)}\n\nC\n"
    try:
        snapshot = markdown.parse(source)
    except Unreadable:
        return

    page = markdown.render(snapshot)

    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    assert _words(parser, page) == _words(parser, source)


def _words(parser: MarkdownIt, page: str) -> list[str]:
    return [
        word
        for token in parser.parse(page)
        for child in token.children or ()
        if child.type != "html_inline"
        for word in child.content.replace("•", " ").split()
    ]
