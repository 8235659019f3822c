import pytest

from compliance.page.lookalikes import difference, intruders, skeleton, spelling


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("Acme", "Аcme"),
        ("Acme", "Αcme"),
        ("Acme", "Ａｃｍｅ"),
        ("OpenAI", "OpenAl"),
        ("o1", "ol"),
        ("O3", "03"),
        ("files", "ﬁles"),
        ("acme.ai", "acme․ai"),
        ("Acme AI", "Acme\u2009AI"),
        ("Acme", "Ac\u200cme"),
    ],
)
def test_texts_that_look_alike_have_one_skeleton(words: str, other: str):
    assert skeleton(words) == skeleton(other)


@pytest.mark.parametrize(
    ("words", "other"),
    [("GPT-4o", "GPT-40"), ("H²O", "H2O"), ("Acme", "acme"), ("α", "a"), ("a–b", "a-b")],
)
def test_texts_that_a_reader_tells_apart_have_two(words: str, other: str):
    assert skeleton(words) != skeleton(other)


@pytest.mark.parametrize(
    ("words", "other"),
    [
        ("30 Days", "30 days"),
        ("a – b", "a - b"),
        ("Acme’s", "Acme's"),
        ("“a”", '"a"'),
        ("a…", "a..."),
    ],
)
def test_capitals_dashes_and_quotes_make_no_other_spelling(words: str, other: str):
    assert spelling(words) == spelling(other)


def test_the_first_difference_is_named():
    assert difference("Acme", "Acmе") == (
        "LATIN SMALL LETTER E in one, CYRILLIC SMALL LETTER IE in the other"
    )
    assert difference("Acme", "Acmes") == "nothing in one, LATIN SMALL LETTER S in the other"


def test_a_letter_that_looks_like_one_of_the_word_is_an_intruder():
    found = intruders("Аcme, Мoдель, Асmе; GPT-модель HTTPсервер μTransfer Тест ΔE")

    assert found == [("Аcme", "А"), ("Мoдель", "o"), ("Асmе", "А")]
