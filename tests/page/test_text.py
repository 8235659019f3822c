import pytest

from compliance.page import slugs, text, urls


@pytest.mark.parametrize(
    "sound", ["", "GPT 5 (chat)", "模型", "Модель 2", "🦙", "a\u00a0b", "हिन्दी"]
)
def test_a_text_that_may_be_shown(sound: str):
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
def test_a_text_that_may_not_be_shown(unsound: str, problem: str):
    assert problem in str(text.fault(unsound))


def test_a_text_of_several_lines_has_no_blanks_at_line_edges():
    assert text.fault("a\n\nb", multiline=True) is None
    assert "A line begins or ends" in str(text.fault("a \nb", multiline=True))


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("GLM-4.5", "glm-4-5"),
        ("Модель 2", "модель-2"),
        ("¹!", "unnamed"),
        ("Claude 4.5 (x)", "claude-4-5-x"),
    ],
)
def test_slug(name: str, slug: str):
    assert slugs.slug(name) == slug
    assert slugs.free_slug(name, {slug, f"{slug}-2"}) == f"{slug}-3"


@pytest.mark.parametrize(
    "url", ["https://x.eu/", "http://x.eu/a?b=1#c", "https://xn--bcher-kva.example/"]
)
def test_an_address_that_may_be_a_link(url: str):
    assert urls.url_fault(url) is None


@pytest.mark.parametrize(
    "url",
    ["", "x.eu", "ftp://x.eu/", "javascript:alert(1)", "https://u:p@x.eu/", "https://x.eu:8080/", "https://127.0.0.1/",
     "https://x.eu\\@y.eu/", "https://x/", "https://x.local/", "https://x.eu/é", "https://x.eu/" + "a" * 2000],
)  # fmt: skip
def test_an_address_that_may_not_be_a_link(url: str):
    assert urls.url_fault(url)
