"""A text that is too long is refused before any of it is parsed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from markdown_it import MarkdownIt

from compliance.admin.components.fields import MultilineField
from compliance.models import Footnote, Section
from compliance.models.listings import cell_text
from compliance.page import inline, lengths
from compliance.page.formats import Unreadable, csv, markdown
from compliance.page.formats import json as json_format

_TABLE = "| Model | Provider | {label} |\n| --- | --- | --- |\n| GPT 5 | OpenAI | {cell} |\n"


@pytest.fixture
def no_long_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test when a text is parsed that is as long as those that are refused."""
    for name in ("parse", "parseInline"):
        monkeypatch.setattr(MarkdownIt, name, _refusing(getattr(MarkdownIt, name)))


def _refusing(parse: Callable[..., Any]) -> Callable[..., Any]:
    def parse_short(parser: MarkdownIt, source: str, *args: Any) -> Any:
        assert len(source) < lengths.ITEM.most, "A text that is too long is parsed."
        return parse(parser, source, *args)

    return parse_short


def too_long(limit: lengths.TextLimit) -> str:
    return "*" * (limit.most + 1)


def page(text: str = "Text", label: str = "Notes", cell: str = "Fast", note: str = "A note") -> str:
    return f"# Page\n\n{text}\n\n{_TABLE.format(label=label, cell=cell)}\n¹ {note}\n"


def test_a_fault_says_the_length_and_the_limit() -> None:
    limit = lengths.TextLimit("footnote", 20_000)

    assert limit.fault("a" * 20_000) is None
    assert limit.fault("a" * 20_001) == (
        "The footnote has 20,001 characters. Shorten it to 20,000."
    )


@pytest.mark.usefixtures("no_long_parsing")
@pytest.mark.parametrize(
    ("fault", "limit"),
    [
        (inline.fault, lengths.ITEM),
        (markdown.prose_fault, lengths.PROSE),
        (markdown.footnote_fault, lengths.FOOTNOTE),
    ],
)
def test_a_text_is_measured_before_it_is_parsed(fault, limit) -> None:
    assert fault(too_long(limit)) == limit.fault(too_long(limit))


@pytest.mark.usefixtures("no_long_parsing")
@pytest.mark.parametrize(
    ("source", "limit", "line"),
    [
        (f"# {too_long(lengths.ITEM)}\n\nText\n", lengths.ITEM, 1),
        (page(text=too_long(lengths.PROSE)), lengths.PROSE, 3),
        (page(text="\n".join(["a*" * 200] * 126)), lengths.PROSE, 3),
        (page(label=too_long(lengths.ITEM)), lengths.ITEM, 5),
        (page(cell=too_long(lengths.CELL)), lengths.CELL, 7),
        (page(note=too_long(lengths.PROSE)), lengths.PROSE, 9),
    ],
    ids=["title", "a line of a text", "lines of a text", "label", "cell", "a line of a footnote"],
)
def test_a_page_is_measured_before_it_is_parsed(source, limit, line) -> None:
    with pytest.raises(Unreadable, match=f"Shorten it to {limit.most:,}") as refused:
        markdown.read(source)

    assert refused.value.line == line


def test_a_footnote_of_a_page_is_measured() -> None:
    with pytest.raises(Unreadable, match=r"The footnote has 20,001 characters") as refused:
        markdown.read(page(cell="Fast ¹", note=too_long(lengths.FOOTNOTE)))

    assert refused.value.line == 9


@pytest.mark.usefixtures("no_long_parsing")
def test_a_cell_of_a_file_is_measured_before_it_is_parsed() -> None:
    with pytest.raises(Unreadable, match=r"The cell has 100,001 characters"):
        csv.read(f"Model,Notes\nGPT 5,{too_long(lengths.CELL)}\n", title="Page")


@pytest.mark.parametrize(
    ("place", "limit"),
    [
        ("Text", lengths.PROSE),
        ("GPT 5", lengths.ITEM),
        ("Fast", lengths.ITEM),
        ("A note", lengths.FOOTNOTE),
    ],
)
def test_a_text_in_json_is_measured_before_it_is_parsed(place, limit, request) -> None:
    source = json_format.render(markdown.parse(page(cell="Fast ¹")))
    written = json.dumps(place)
    assert written.encode() in source
    request.getfixturevalue("no_long_parsing")

    with pytest.raises(Unreadable, match=f"Shorten it to {limit.most:,}"):
        json_format.parse(source.replace(written.encode(), f'"{too_long(limit)}"'.encode()))


@pytest.mark.usefixtures("no_long_parsing")
def test_what_is_typed_is_measured_before_it_is_parsed() -> None:
    with pytest.raises(ValidationError, match=r"The text has 50,001 characters"):
        Section(prose=too_long(lengths.PROSE)).clean()
    with pytest.raises(ValidationError, match=r"The footnote has 20,001 characters"):
        Footnote(text=too_long(lengths.FOOTNOTE)).clean()
    with pytest.raises(ValidationError, match=r"The text has 5,001 characters"):
        cell_text(too_long(lengths.ITEM))


def test_a_browser_does_not_cut_what_is_pasted() -> None:
    field = MultilineField(max_length=10)

    assert "maxlength" not in field.widget.attrs
    with pytest.raises(ValidationError):
        field.clean("a" * 11)
