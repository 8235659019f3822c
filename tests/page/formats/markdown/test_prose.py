"""Tests of the one form of prose."""

import pytest

from compliance.page.formats import Unreadable, Unwritable, markdown
from compliance.page.snapshot import Register, Snapshot
from compliance.page.table import Column, Section
from compliance.page.vocabulary import ColumnRole

TABLE = "| Purpose |\n| :------ |"


def page_of(prose: str) -> Snapshot:
    columns = (Column("purpose", "Purpose", ColumnRole.TEXT),)
    return Snapshot(Register("a", "A"), (Section("section-1", prose, columns),))


@pytest.mark.parametrize(
    "prose",
    [
        "",
        "A *b*, `c` and [d](./d.md).",
        "## A\n\n###### B",
        "A\n\n* c\n* d\n  - nested\n\n    with a paragraph",
        "1. A\n2. B",
        "> A\n> - b",
        "A\n\n---\n\nB",
        "a | b",
        "\\| a |",
        "&sup1; A",
        "`²` and <https://x.eu/²>",
        "A[^](b)",
        "A\\\nB",
        "> A\n> ---",
        "- A\n\n  > B",
        "3. A\n4. B",
        "+ A\n  1) B",
        "<https://acme.example/a_b> and <a@acme.example>",
        "[https://acme.example](https://acme.example/)",
        "`https://acme.example`, `a@b.eu` and `~c~ ~d~`",
        "https\\://acme.example and www\\.acme.example",
        "~ 5 days, ~6 days",
        "&lt;b> &amp;lt; &copy;",
        "{{ a }} {b} ::: c :smile: @acme #1 $a$ [[b]]",
        "[a] [a][b] [ ] [x]",
        "A [NOTE] and [!NOTE]",
        "**&nbsp;a** and *b&nbsp;* c",
        "2&nbsp;*&nbsp;3&nbsp;*&nbsp;4",
        "a&shy;_b_",
        "- **&nbsp;a\n  b&nbsp;** c",
        "`a`&shy;`b`",
    ],
)
def test_prose_in_its_one_form_is_written_and_read_as_it_is(prose: str):
    page = markdown.render(page_of(prose))

    assert prose in page
    assert markdown.prose_fault(prose) is None
    assert markdown.parse(page).sections[0].prose == prose


@pytest.mark.parametrize(
    ("prose", "written"),
    [
        ("¹ A", "&sup1; A"),
        ("<sup>12</sup> A", "&sup1;&sup2; A"),
        ("[^1]: A", "\\[^1]: A"),
        ("> ¹ A\n> [^1]", "> &sup1; A\n> \\[^1]"),
        ("A\n[^b]: B", "A\n\\[^b]: B"),
        ("m²", "m&sup2;"),
        ("a\\²", "a\\\\&sup2;"),
        ("[a]: b c", "\\[a]: b c"),
        ("- [a]: b c", "- \\[a]: b c"),
        ("| a |\n| - |", "\\| a |\n\\| - |"),
        ("a | b\n- | -", "a | b\n- \\| -"),
        ("a | b\n:-|-:", "a | b\n\\:-|-:"),
        ("A\n---", "## A"),
        ("A\nB #\n---", "## A B \\#"),
        ("  A\n   B", "A\nB"),
        ("A\n    - b", "A - b"),
        (" - a\n   - b", "- a\n  - b"),
        ("A  \nB", "A\\\nB"),
        ("A\\  \nB", "A\\\\\\\nB"),
        ("> A   \n> B", "> A\\\n> B"),
        ("- A  \n  B  \n- C  ", "- A\\\n  B\n- C"),
        ("A\\\nB\n---", "## A B"),
        ("A  \n    - B", "A - B"),
        ("See https://acme.example/a_b.", "See <https://acme.example/a_b>."),
        ("(https://acme.example/a_(b))", "(<https://acme.example/a_(b)>)"),
        ("**https://acme.example/a**", "**<https://acme.example/a>**"),
        ("## At https://acme.example ##", "## At <https://acme.example> ##"),
        ("> - https://acme.example/a", "> - <https://acme.example/a>"),
        ("https://acme.example/(a", "https\\://acme.example/(a"),
        ("https://acme.example/a&amp;b", "https\\://acme.example/a&amp;b"),
        ("http://acme.example", "http\\://acme.example"),
        ("ftp://acme.example", "ftp\\://acme.example"),
        ("https://localhost/a", "https\\://localhost/a"),
        ("WWW.acme.example", "WWW\\.acme.example"),
        ("Write to a.b@acme.example.", "Write to <a.b@acme.example>."),
        ("a&#64;acme.example", "<a@acme.example>"),
        ("a\\@acme.example", "<a@acme.example>"),
        ("mailto:a@acme.example", "<mailto:a@acme.example>"),
        ("~a~ b~", "~a\\~ b\\~"),
        ("5~6 and 7~8", "5\\~6 and 7\\~8"),
        ("- [ ] A\n- [x] B", "- \\[ ] A\n- \\[x] B"),
        ("1. [X] A", "1. \\[X] A"),
        ("> [!NOTE]\n> A", "> \\[!NOTE]\n> A"),
        ("**A:**&nbsp;b", "**A:** b"),
        ("a&nbsp;**b**&nbsp;c&shy;", "a **b** c"),
        ("**A:**² b", "**A:\\*\\*&sup2; b"),
        ("**A**² (*b*)³", "**A**&sup2; (*b*)&sup3;"),
        ("\\\n    - a", "&#45; a"),
        ("a\n\\\n---", "## a"),
    ],
)
def test_what_would_be_read_as_something_else_is_escaped(prose: str, written: str):
    page = markdown.render(page_of(prose))

    assert page == f"# A\n\n{written}\n\n{TABLE}\n"
    assert markdown.canonical_prose(prose) == written
    assert markdown.parse(page).sections[0].prose == written


@pytest.mark.parametrize(
    ("prose", "problem"),
    [
        ("# A", "heading of the first level"),
        ("A\n===", "heading of the first level"),
        ("> # A", "heading of the first level"),
        ("A <!-- b -->", "HTML comment"),
        ("```\nA\n```", "is code"),
        ("    A", "is code"),
        ("- ```\n  a", "is code"),
        ("<pre>A</pre>", "is HTML"),
        ("[a\nb]: /c", "defines a link"),
        ("[a]: /b", "defines a link"),
        ("- [a]: /b", "defines a link"),
        ("Write to mailto:a@b.example² about it.", "GitHub makes a link of 'mailto:a@b.example'"),
        ("Write to ²mailto:a@b.example about it.", "GitHub makes a link of 'mailto:a@b.example'"),
        ("---", "only a dividing line"),
        ("~~A~~", "struck through"),
        ("A <b>b</b>", "<b> is HTML"),
        ("A<br>B", "<br> is HTML"),
        ("A <sup>b</sup>", "<sup> is HTML"),
        ("A ![b](c.png)", "an image"),
        ("[![a](b.png)](https://acme.example)", "an image"),
        ('[a](https://acme.example "b")', "a link with a title"),
        ("xmpp:a@acme.example", "GitHub makes a link of 'xmpp:a@acme.example'"),
        ("a@b_c.example", "GitHub makes a link of 'a@b_c.example'"),
        ("`a`b@acme.example", "GitHub makes a link of 'b@acme.example'"),
        ("A\u200b", "without width"),
        ("e\u0301", "normal form"),
        ("#&nbsp;A", "heading of the first level"),
        ("A\n\n&nbsp;***\n\n&nbsp;```", "is code"),
        ("A <b&nbsp;>", "is HTML"),
    ],
)
def test_prose_that_no_page_can_hold_is_refused(prose: str, problem: str):
    assert problem in (markdown.prose_fault(prose) or "")
    with pytest.raises(Unwritable, match=problem):
        markdown.render(page_of(prose))


def test_the_title_cites_no_footnote():
    with pytest.raises(Unreadable, match="Line 1, column 3: the text cites footnote 2"):
        markdown.read(f"# A²\n\n{TABLE}\n\n² Two.\n")
    assert markdown.parse(f"# A²\n\n{TABLE}\n").register.title == "A²"


@pytest.mark.parametrize(
    ("prose", "message"),
    [
        ("One.\n\n# Two\n", "Line 5, column 1: the text cannot be read: '# Two' is a heading"),
        ("One.\n\n```\ncode\n```\n", "Line 5, column 1: the text cannot be read: '```' is code"),
        ("One,\n*two* and\n<b>three</b>.\n", "Line 5, column 1: the text cannot be read: <b> is"),
        ("> One\\\n> two\n> ~~c~~\n", "Line 5, column 3: the text cannot be read: It holds text"),
        ("One,\n  see a@b_c.example\n", "Line 4, column 7: the text cannot be read: GitHub"),
        ("One <sup>2</sup>\n", "Line 3, column 5: the text cites footnote 2"),
        ("- [ ] ![a](b)\n", "Line 3, column 7: the text cannot be read: It holds an image"),
        ("See² below.\n", "Line 3, column 4: the text cites footnote 2, and only a cell can"),
        (
            "`²` See[^2] below.\n",
            "Line 3, column 8: the text cites footnote 2, and only a cell can",
        ),
    ],
)
def test_prose_that_cannot_be_read_is_refused_with_its_line(prose: str, message: str):
    with pytest.raises(Unreadable) as refusal:
        markdown.read(f"# A\n\n{prose}\n{TABLE}\n\n² Two.\n")

    assert message in str(refusal.value)


def test_a_superscript_that_no_footnote_answers_to_is_a_text():
    reading = markdown.read(f"# A\n\nm³ for[^4] us.\n\n{TABLE}\n\n² Two.\n")

    assert reading.snapshot.sections[0].prose == "m&sup3; for\\[^4] us."
    assert reading.notes == ("Line 3: The text was brought into the form in which it is written.",)


@pytest.mark.parametrize("place", ["{}\n\n[T]", "[T]\n\n{}", "> Quote\n\n- {}\n\n[T]"])
@pytest.mark.parametrize("definition", ["[p]: https://x.example/p", '[p]: </p> "Policy"'])
def test_the_definition_of_a_link_is_refused_wherever_it_stands(place: str, definition: str):
    blocks = place.replace("[T]", TABLE.replace("GPT", "[GPT][p]")).format(definition)
    page = f"# A\n\nSee our [policy][p].\n\n{blocks}\n"
    number = next(n for n, line in enumerate(page.split("\n"), 1) if definition in line)

    with pytest.raises(Unreadable, match=f"Line {number}, column 1: .*defines a link"):
        markdown.read(page)


def test_what_cannot_be_written_is_refused_with_its_line_when_it_is_read():
    page = f"# A\n\nOne.\n\nTwo and\nmailto:a@b.example² three.\n\n{TABLE}\n"

    with pytest.raises(Unreadable, match=r"Line 6, column 1: .*GitHub makes a link"):
        markdown.read(page)
