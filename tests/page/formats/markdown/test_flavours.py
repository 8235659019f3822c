import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from markdown_it import MarkdownIt

from compliance.page import inline
from compliance.page.formats import Unwritable
from compliance.page.formats.markdown import FLAVOURS, footnote_fault, prose_fault, read, render
from compliance.rendering.markdown import Headings, prose_html
from tests.strategies import raw_proses, texts

BUILDERS = ["vitepress", "mdx", "mkdocs"]
# What a builder runs, or takes for something else than text. Inside of a link's address `:` and `/`
# must stay, so addresses are taken out before.
ACTING = {
    "vitepress": r"\{|\}|\\|<(?!br>|/?(?:em|strong|code|span)\b)|^:::|:\w+:|\[\[|@\w|\w\.(?:ai|com)\b",
    "mdx": r"\{(?!\"[:@.]\"\})|(?<!\")\}|\\|<(?!br />|/?(?:em|strong|code)>)|^(?:import|export)\b|\w+@\w",
    "mkdocs": r"\{|\}|\\|<(?!br>|/?(?:em|strong|code)>|!-- -->)|^(?:!!!|\?\?\?|:::|===)|\[TOC|\$",
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

_SECOND_LINES = [f"A text\n{inline.escape(words)}" for words in HOSTILE]
PROSES = [prose for prose in _SECOND_LINES if not prose_fault(prose) and not footnote_fault(prose)]


def _shown(markdown: str) -> str:
    """Return the words that a builder shows of inline Markdown."""
    html = MarkdownIt().renderInline(_without_strings(markdown))
    return unescape(re.sub(r"<[^>]*>", "", html))


def _without_strings(markdown: str) -> str:
    """Return MDX with references for its strings in braces."""
    return re.sub(r'\{"(.)"\}', lambda match: f"&#{ord(match[1])};", markdown)


def _built(name: str, prose: str) -> str:
    return MarkdownIt().render(_without_strings(FLAVOURS[name].prose(prose)))


def _public(prose: str) -> str:
    return prose_html(prose, Headings(str))


def _lines(html: str) -> list[str]:
    """Return the words of each block of HTML, and of each line within it."""
    parts = re.split(r"</?(?:p|h\d|li|ul|ol|blockquote|hr|br)\b[^>]*>|\n", html)
    return [words for part in parts if (words := unescape(re.sub(r"<[^>]*>", "", part)).strip())]


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


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_acts_in_a_builder(name, words):
    page = render(read(_page(words).encode()).snapshot, FLAVOURS[name])

    found = re.search(ACTING[name], page.replace("(https://x.eu/)", ""), re.MULTILINE)
    assert found is None


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("prose", PROSES)
def test_nothing_acts_in_prose_and_footnotes(name, prose):
    source = f"# Title\n\n{prose}\n\n| Model |\n|--|\n| Uno¹ |\n\n¹ {prose}\n"
    page = render(read(source.encode()).snapshot, FLAVOURS[name])

    # Where a link leads to is no text.
    shown = re.sub(r"\]\(\S*?\)", "]", page)
    assert re.search(ACTING[name], shown, re.MULTILINE) is None
    assert _lines(_built(name, prose)) == _lines(_public(prose))


@pytest.mark.parametrize("name", ["vitepress", "mdx"])
@given(prose=raw_proses)
def test_prose_is_shown_as_on_the_public_page(name, prose):
    assume(prose_fault(prose) is None)

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

    assert FLAVOURS["mkdocs"].prose(prose) == (
        "-   a\n\n<!-- -->\n\n-   b\n\n<!-- -->\n\n-   3&#46; c\n-   4&#46; d\n\n> e\n\n<!-- -->\n\n> f"
    )


def test_the_first_flavour_is_the_canonical_page():
    source = Path("fixtures/llms-privacy.md").read_bytes()

    assert render(read(source).snapshot, FLAVOURS["gfm"]).encode() == source
