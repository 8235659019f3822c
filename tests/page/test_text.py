import pytest

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
        ("a\tb", "A control character"),
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


def test_a_text_of_several_lines_has_no_blanks_at_line_edges():
    assert text.fault("a\n\nb", multiline=True) is None
    assert "A line begins or ends" in str(text.fault("a \nb", multiline=True))
