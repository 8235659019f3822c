import re
import unicodedata

import pytest

from compliance.page import joiners, names, text


def joined(shown: str) -> str:
    """Return a text in which `_` stands for U+200C and `+` for U+200D."""
    return shown.replace("_", "\u200c").replace("+", "\u200d")


@pytest.mark.parametrize(
    "shown",
    [
        "می_دهد",  # Persian: two parts of one word
        "نمی_خواهم خانه_ها",
        "مَ_دهد",  # with a vowel mark before it
        "ه+",  # the letter in the form in which it begins a word
        "۱۴۰۳ ه+.ش.",
        "क्_ष",  # Devanagari: no conjunct
        "क्+ष",  # a half letter
        "ශ්+රී",  # Sinhala
        "ക്+",  # Malayalam
        "র+্যাব",  # Bengali: before the virama
        "👩+💻",
        "👩🏽+💻",
        "❤️+🔥",
        "🙂+↔️",
    ],
)
def test_a_joiner_that_can_be_seen_may_be_shown(shown: str):
    assert text.fault(unicodedata.normalize("NFC", joined(shown))) is None


@pytest.mark.parametrize(
    "shown",
    [
        "Ac_me",
        "Ac+me",
        "_می",
        "می_",
        "می_ دهد",
        "کار_ها",  # the first letter joins no other
        "م+ی",  # they join anyway
        "می__دهد",
        "می_+دهد",
        "क_ष",
        "a+💻",
        "💻+",
        "+",
        "1_2",
    ],
)
def test_a_joiner_that_nobody_sees_may_not_be_shown(shown: str):
    assert "without width" in str(text.fault(joined(shown)))


def test_a_text_is_searched_without_joiners():
    assert joiners.without(joined("می_دهد")) == "میدهد"


@pytest.mark.parametrize("words", ["می_دهد", "میدهد", "یده"])
def test_words_are_found_with_joiners_and_without(words: str):
    for name in ("مدل می_دهد ۲", "مدل میدهد ۲"):
        assert re.search(joiners.search_pattern(joined(words)), joined(name))
        assert names.fold(joined(words)) in names.fold(joined(name))
