import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.page import text


@pytest.mark.parametrize(
    "sound", ["", "GPT 5 (chat)", "模型", "Модель 2", "🦙", "a\u00a0b", "हिन्दी"]
)
def test_a_text_that_may_be_shown_has_no_fault(sound: str):
    assert text.fault(sound) is None


@pytest.mark.parametrize(
    ("unsound", "problem"),
    [
        (" a", "begins or ends with a blank"),
        ("a\u00a0", "begins or ends with a blank"),
        ("a\nb", "A line break"),
        ("a\tb", "A tab (U+0009)"),
        ("a\x07b", "A control character"),
        ("a\u202eb", "direction"),
        ("a\u200bb", "without width"),
        ("a\u2028b", "line separator"),
        ("a\uffffb", "no character"),
        ("a\ud800b", "no character"),
        ("e\u0301", "normal form C"),
    ],
)
def test_a_text_that_may_not_be_shown_has_a_fault(unsound: str, problem: str):
    assert problem in str(text.fault(unsound))


def test_a_character_that_nobody_sees_is_named_with_its_place():
    assert text.fault("GPT\u200e 5") == (
        "A character that changes the direction of the text (U+200E) is not allowed. Remove it. "
        "It stands behind “GPT”."
    )
    assert str(text.fault("\u200eGPT")).endswith("Remove it.")


def test_no_more_marks_stand_upon_a_letter_than_any_writing_has():
    crowded = "a" + "\u0323" * 31
    allowed = unicodedata.normalize("NFC", "a" + "\u0323" * 30)

    assert text.fault(allowed) is None
    assert text.fault(crowded) == "More than 30 marks stand upon one letter. Remove them."
    assert text.normalised(crowded) == crowded


def test_a_text_of_several_lines_has_no_blanks_at_line_edges():
    assert text.fault("a\n\nb", multiline=True) is None
    assert "A line begins or ends" in str(text.fault("a \nb", multiline=True))


_OTHER_BLANKS = "\u00a0\u1680\u2000\u2003\u2007\u2009\u200a\u202f\u205f\u2800\u3000\u3164\uffa0"
_UNSEEN = "\u00ad\u034f\u200b\u2060\u2063\ufeff\u200c\u200d\ufe0f\U000e0041\U000e0100"


@pytest.mark.parametrize("blank", [*_OTHER_BLANKS, "  ", " \u00a0 "])
def test_blanks_of_other_kinds_become_one_plain_blank(blank: str):
    assert text.normalised(f"Acme{blank}GmbH") == "Acme GmbH"
    assert text.normalised(f"{blank}beside a link") == " beside a link"


@pytest.mark.parametrize("unseen", _UNSEEN)
def test_what_cannot_be_seen_is_removed(unseen: str):
    assert text.normalised(f"Ac{unseen}me") == "Acme"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("zero\u2011day", "zero-day"),
        ("zero\u2010day", "zero-day"),
        ("e\u0301", "é"),
        ("e\u034f\u0301", "é"),
        ("\u212b", "Å"),
    ],
)
def test_characters_that_look_like_a_plain_one_become_it(written: str, kept: str):
    assert text.normalised(written) == kept


@pytest.mark.parametrize(
    "visible",
    [
        "a – b — c",
        "“Acme’s”",
        "⚠️ flagged",
        "✔︎",
        "1️⃣ first",
        "‼️",
        "葛\U000e0100",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "Ａｃｍｅ",
        "ﬁles",
        "می‌دهد",
        "👩‍💻",
    ],
)
def test_what_a_reader_can_see_stays(visible: str):
    assert text.normalised(visible) == visible
    assert text.normalisations(visible) == []


@pytest.mark.parametrize("marked", ["\u200eAcme AI", "\u202aAcme\u202c AI", "Acme\u2069 AI"])
def test_a_mark_from_left_to_right_goes_where_all_goes_so(marked: str):
    assert text.normalised(marked) == "Acme AI"
    assert text.normalisations(marked) == ["Characters that cannot be seen were removed."]


@pytest.mark.parametrize("marked", ["\u200eנייר (3)", "Acme\u202e AI", "\u200fAcme\u200e!"])
def test_a_mark_of_direction_stays_where_it_moves_something_and_is_refused(marked: str):
    assert text.normalised(marked) == marked
    assert "changes the direction" in str(text.fault(marked))


def test_a_line_is_not_indented_by_blanks_of_other_kinds():
    assert text.plain_line("  - \u00a0Acme  GmbH") == "  -  Acme  GmbH"
    assert text.plain_line("  \u00a0\u00a0\u00a0\u00a0Acme") == "  Acme"
    assert text.plain_line("Acme\u00a0\u00a0") == "Acme"
    assert text.plain_line("Acmé  ") == "Acmé  "
    assert text.normalised_lines("\u00a0A  b\n\u200b\nc\u00a0") == "A b\n\nc"


def test_each_kind_of_character_that_is_replaced_is_named_once():
    assert text.normalisations("a\u00a0b\u2007c\u2011d\u00ade e\u0301") == [
        "No-break spaces and the like became blanks.",
        "No-break hyphens became hyphens.",
        "Characters that cannot be seen were removed.",
        "The text was put into Unicode normal form C.",
    ]


_LETTERS = "a1 é\u0301\n⚠葛می💻👩क\u094d\u20e3\u2011\U0001f3f4\U000e007f"


@given(st.text(st.sampled_from(_LETTERS + _OTHER_BLANKS + _UNSEEN)))
def test_a_normalised_text_stays_as_it_is(words: str):
    normalised = text.normalised(words)

    assert text.normalised(normalised) == normalised
    assert text.normalisations(normalised) == []
