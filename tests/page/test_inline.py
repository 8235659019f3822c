"""Tests of inline Markdown: the texts of items."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page import inline
from compliance.page.inline import Run
from tests.page.formats.markdown.test_properties import every
from tests.strategies import names, texts, urls


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("30 days", "30 days"),
        ("See [the *terms*](https://x.eu/_a_)", "See the terms"),
        ("[a](javascript:b)", "a"),
        ("H&sup2;O \\[x\\] a_b", "H²O [x] a_b"),
        ("`a` ![b](c) <b>d</b>", "a b d"),
        ("", ""),
    ],
)
def test_a_reader_sees_the_words_alone(text: str, words: str):
    assert inline.plain(text) == words


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("30 days", "30 days"),
        ("**30** days", "30 days"),
        ("a\\-b", "a-b"),
        ("x²", "x&sup2;"),
        ("Wow\\![A](b)", "Wow\\![A](b)"),
        ("<https://x.eu>", "[https\\://x.eu](https://x.eu)"),
        ("[A]( <b c> )", "[A](<b c>)"),
        ("[A](b_(c)_d)[B](b)", "[A](b_(c)_d)[B](b)"),
    ],
)
def test_a_text_has_one_form(text: str, form: str):
    assert inline.normal(text) == form
    assert inline.normal(form) == form


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<b>A</b>", "<b> has no place"),
        ("![A](b)", "An image"),
        ("~~A~~", "struck through"),
        ("[A](b 'c')", "a link with a title"),
        ("[](b)", "a link without a text or an address"),
        ("[A]()", "a link without a text or an address"),
    ],
)
def test_a_text_holds_words_escapes_and_links_alone(text: str, problem: str):
    assert problem in (inline.fault(text) or "")


@pytest.mark.parametrize("text", ["A", "[A](b)", "2 < 3", "*A*", "\\<b>", "&lt;b>"])
def test_other_texts_have_no_fault(text: str):
    assert inline.fault(text) is None


@pytest.mark.slow
@every
@given(st.lists(st.builds(Run, texts.filter(bool)) | st.builds(Run, names, urls), max_size=4))
def test_runs_of_words_and_links_come_back(runs: list[Run]):
    written = inline.written(runs)

    assert inline.plain(written) == "".join(run.words for run in runs)
    assert [run for run in inline.runs(written) if run.url] == [run for run in runs if run.url]
    assert inline.fault(written) is None
    assert inline.normal(written) == written
