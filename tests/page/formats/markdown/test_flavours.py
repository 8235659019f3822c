import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from compliance.page import inline
from compliance.page.formats import Unwritable
from compliance.page.formats.markdown import (
    FLAVOURS,
    canonical_prose,
    footnote_fault,
    prose_fault,
    read,
    render,
)
from compliance.rendering.markdown import Headings, prose_html
from tests.strategies import proses, texts

BUILDERS = ["vitepress", "mdx", "mkdocs"]
# What a builder runs, or takes for something else than text, where it is not escaped.
ACTING = {
    "vitepress": r"[{}*`~|$#^\[\]]|<(?!br>|/?(?:em|strong|code)>)|:\S|@|\w\.(?:ai|com)\b|^:::",
    "mdx": r"[{}*`~|$#^\[\]]|<(?!br />|/?(?:em|strong|code)>)|:\S|@|^(?:im|ex)port\b|^:::",
    "mkdocs": r"[{}*`~|$#^\[\]\\]|<(?!br>|/?(?:em|strong|code)>|!-- -->)|:\S|@|^(?:!!!|\?\?\?|===)",
}
HOSTILE = [
    "{{ 6*7 }}", "{{{ a }}}", "{x}", "<b>z</b>", "<Badge/>", "<!-- x -->", "${7*7}", "{#id .red}",
    "{: .red }", "{% raw %}", "[[toc]]", "[TOC]", "[x](javascript:alert)", "![x](y.png)", "$a$",
    "`code`", ":smile:", ":-)", "8-)", ";-)", "*a* _b_ ~~c~~", r"a\:b\~c\*d", "&lt;", "&amp;lt;",
    "Acme.ai", "a@b.eu", "www.acme.eu", "https://acme.eu/x", "//acme.eu", "import x from 'y'",
    "export const x = 1", "::: danger", "!!! note", "??? note", '=== "Tab"', "--8<-- \"x\"", "---",
    "# x", "x #", "1. x", "1) x", "- x", "+ x", "> x", "| x |", "==a== ++b++ ^c^", "*[AI]: x", "a_b",
    "^[note]", "[^1]: x", "[a]: b", "•", "a² • b", "#tag", "C++", "fin!", "\u00fc{{\u00fc", "~~~", "```",
]  # fmt: skip

_BEGINNINGS = [f"{inline.escape(words)} a" for words in HOSTILE]
_SECOND_LINES = [f"A text\n{inline.escape(words)}" for words in HOSTILE]
PROSES = [prose for prose in [*_BEGINNINGS, *_SECOND_LINES] if not prose_fault(prose)]
FOOTNOTES = [note for note in _SECOND_LINES if not footnote_fault(note)]


def _shown(markdown: str) -> str:
    """Return the words that a builder shows of inline Markdown."""
    html = MarkdownIt().renderInline(_without_strings(markdown))
    return unescape(re.sub(r"<[^>]*>", "", html))


def _without_strings(markdown: str) -> str:
    """Return MDX with references for its strings in braces."""
    return re.sub(r'\{"(.)"\}', lambda match: f"&#{ord(match[1])};", markdown)


def _built(name: str, prose: str) -> str:
    return MarkdownIt().render(_without_strings(_blocks(name, prose)))


def _blocks(name: str, markdown: str) -> str:
    return FLAVOURS[name].blocks(canonical_prose(markdown))


def _public(prose: str) -> str:
    return prose_html(prose, Headings(str))


def _lines(html: str) -> list[str]:
    """Return the words of each block of HTML, and of each line that a `<br>` ends."""
    parts = re.split(r"</?(?:p|h\d|li|ul|ol|blockquote|hr|br)\b[^>]*>", html)
    lines = [" ".join(unescape(re.sub(r"<[^>]*>", "", part)).split()) for part in parts]
    return [line for line in lines if line]


def _acting(name: str, page: str) -> str | None:
    """Return what acts of some Markdown without escapes and the syntax that the page needs."""
    bare = re.sub(r'&#\d+;|\{"."\}|<span v-pre>\\\{\\\{</span>', "…", page)
    if name != "mkdocs":
        bare = re.sub(r"\\[!-/:-@\[-`{-~]", "…", bare)
    bare = re.sub(r"\[([^\[\]\n]*)\]\((?:https://x\.eu/|mailto:a@b\.eu)\)", r"\1", bare)
    bare = re.sub(
        r"^\| :-.*|^(?:#+|[-*+]|>)(?= )|^\||\|$| \| |^\*\*\*$", "\n… ", bare, flags=re.MULTILINE
    )
    found = re.search(ACTING[name], bare, re.MULTILINE)
    return found and found.group()


def _page(*words: str) -> str:
    rows = "\n".join(
        f"| {inline.escape(word)} | [{inline.escape(word)}](https://x.eu/) |" for word in words
    )
    return f"# Title {inline.escape(words[0])}\n\n| Model | {inline.escape(words[0])} |\n|--|--|\n{rows}\n"


@pytest.mark.parametrize("name", FLAVOURS)
@pytest.mark.parametrize("words", HOSTILE)
def test_words_are_shown_as_they_are(name, words):
    assert _shown(FLAVOURS[name].words(words)) == words


@pytest.mark.parametrize("name", BUILDERS)
@given(words=texts)
def test_any_words_are_shown_as_they_are(name, words):
    assert _shown(FLAVOURS[name].words(words)) == words


@pytest.mark.slow  # hundreds of texts
@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_acts_in_a_title_a_label_and_a_row(name, words):
    page = render(read(_page(words).encode()).snapshot, FLAVOURS[name])

    assert _acting(name, page) is None


@pytest.mark.slow  # hundreds of texts
@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("prose", PROSES)
def test_nothing_acts_in_prose(name, prose):
    assert _acting(name, _blocks(name, prose)) is None
    assert _lines(_built(name, prose)) == _lines(_public(prose))


@pytest.mark.slow  # hundreds of texts
@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("note", FOOTNOTES)
def test_nothing_acts_in_a_footnote(name, note):
    source = f"# Title\n\n| Model |\n|--|\n| Uno¹ |\n\n¹ {note}\n"
    page = render(read(source.encode()).snapshot, FLAVOURS[name])

    assert _acting(name, page) is None
    assert page.endswith(f"\n¹ {_blocks(name, note)}\n")


@pytest.mark.parametrize("name", ["vitepress", "mdx"])
@given(prose=proses)
def test_prose_is_shown_as_on_the_public_page(name, prose):
    assert _lines(_built(name, prose)) == _lines(_public(prose))


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize(
    "address", ["javascript:a()", "data:text/html,x", " JavaScript:a()", "vbscript:a"]
)
def test_an_address_that_may_run_a_script_is_refused(name, address):
    with pytest.raises(Unwritable, match="begins with https"):
        FLAVOURS[name].address(address)


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("address", [
    "https://x.eu/a(b", "https://x.eu/{{a}}", "https://x.eu/?a=1&copy;=2", "./a_b*c*.md",
    "https://x.eu/a|b", "https://x.eu/`a`", "mailto:a@x.eu", "#a", "https://x.eu/a\\b",
])  # fmt: skip
def test_an_address_is_kept(name, address):
    [link] = [token for block in MarkdownIt().parse(f"[x]({FLAVOURS[name].address(address)})")
              for token in block.children or () if token.type == "link_open"]  # fmt: skip

    assert unquote(link.attrs["href"]) == address


def test_lists_and_quotes_stay_apart_in_mkdocs():
    prose = "- a\n\n* b\n\n3. c\n4. d\n\n> e\n\n> f"

    assert _blocks("mkdocs", prose).split("\n\n") == [
        "-   a", "<!-- -->", "-   b", "<!-- -->", "-   3&#46; c\n-   4&#46; d", "> e", "<!-- -->", "> f"
    ]  # fmt: skip


def test_blocks_in_items_are_indented_by_four_blanks_in_mkdocs():
    prose = "10. a\n\n    - b\n11. > c\n    > d\n12.\n\n1) - e\n   - f"

    assert _blocks("mkdocs", prose) == (
        "-   10&#46; a\n\n    -   b\n\n-   11&#46;\n\n    > c d\n\n-   12&#46;\n\n<!-- -->\n\n"
        "1.  <!-- -->\n\n    -   e\n    -   f"
    )


def test_a_paragraph_is_one_line_because_vue_drops_line_breaks_between_tags():
    assert _blocks("vitepress", "**a**\n**b**\\\nc") == "**a** **b**<br>c"


def test_emphasis_and_code_stay_as_they_are_in_mdx_which_reads_commonmark():
    prose = "x**y**z *_a_* `{{ b }}` `` c` `` **&#9;d**"

    assert _blocks("mdx", prose) == prose


def test_code_is_a_tag_in_vitepress_because_vue_runs_what_stands_between_backticks():
    prose = "x**y**z `{{ b }}`"

    assert _blocks("vitepress", prose) == r"x**y**z <code><span v-pre>\{\{</span> b \}\}</code>"


def test_emphasis_and_code_are_tags_in_mkdocs_and_so_are_headings_within_blocks():
    prose = "## a\n\nx**y**z `{{ b }}`\n\n- ## c\n\n> *d*"

    assert _blocks("mkdocs", prose).split("\n\n") == [
        "## a", "x<strong>y</strong>z <code>&#123;&#123; b &#125;&#125;</code>",
        "-   <strong>c</strong>", "> <em>d</em>",
    ]  # fmt: skip


def test_the_first_flavour_is_the_canonical_page():
    source = Path("fixtures/llms-privacy.md").read_bytes()

    assert render(read(source).snapshot, FLAVOURS["gfm"]).encode() == source
