"""How our templates are laid out, and the tags and filters that they are laid out with."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

TEMPLATES = Path(settings.BASE_DIR) / "templates"
MOMENT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)


def rendered(source: str, **context) -> str:
    return engines["django"].from_string(source).render(context)


@pytest.mark.parametrize(("source", "expected"), [
    pytest.param("{% trim_lines %}\n<b>\n  one\n</b>\n", "<b>one</b>", id="beside tags nothing is left"),
    pytest.param("{% trim_lines %}\none,\n  two\n", "one, two", id="between words one blank is left"),
    pytest.param('{% trim_lines %}\n<a\n  id="x"\n  rel="y">', '<a id="x" rel="y">', id="between attributes too"),
    pytest.param("{% trim_lines %}\n{% if 1 %}\n  x\n{% endif %}\n", "x", id="beside template tags nothing is left"),
    pytest.param("{% trim_lines %}\na\n{{ ' ' }}\n<b>", "a <b>", id="a blank can be asked for"),
    pytest.param("{% trim_lines %}\na{% newline %}\n  b\n", "a\nb", id="a line break can be asked for"),
    pytest.param("{% trim_lines %}\n<b>one</b>  two\n", "<b>one</b>  two", id="blanks within a line stay"),
    pytest.param("a\n{% trim_lines %}\nb\n", "a\nb", id="what stands above stays"),
    pytest.param("a\n b\n", "a\n b\n", id="without the tag all stays"),
])  # fmt: skip
def test_trim_lines_leaves_out_the_layout(source, expected):
    assert rendered(source) == expected


def test_trim_lines_does_not_touch_values():
    assert (
        rendered("{% trim_lines %}\n<p>\n  {{ text }}\n</p>\n", text=" one\n  two\n")
        == "<p> one\n  two\n</p>"
    )


@pytest.mark.parametrize(("source", "expected"), [
    ("{{ moment|day_element }}", '<time datetime="2026-03-02T09:05:00Z">2 March 2026</time>'),
    ("{{ moment|minute_element }}", '<time datetime="2026-03-02T09:05:00+00:00">2 Mar 2026, 09:05 UTC</time>'),
    ("{{ moment|minute }}", "2 Mar 2026, 09:05 UTC"),
])  # fmt: skip
def test_a_moment_is_printed_as_its_readers_know_it(source, expected):
    assert rendered(source, moment=MOMENT) == expected


def test_no_line_of_a_template_has_more_than_100_characters():
    files = [path for path in TEMPLATES.rglob("*") if path.is_file()]

    assert files
    assert [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 100
    ] == []
