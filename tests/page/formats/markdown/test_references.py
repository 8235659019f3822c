"""References to blanks and to what cannot be seen, read as the characters themselves."""

import re
from pathlib import Path

import pytest

from compliance.page.formats import markdown

_SEED = (Path(__file__).parents[4] / "fixtures" / "llms-privacy.md").read_text()
_BLANKS = ["&nbsp;", "&#160;", "&#xA0;", "&thinsp;", "&ensp;", "&#32;", "&Tab;", "&#x3164;"]
_UNSEEN = [
    "&shy;",
    "&#173;",
    "&zwj;",
    "&zwnj;",
    "&ZeroWidthSpace;",
    "&lrm;",
    "&#xFE0F;",
    "&NoBreak;",
]


def _providers(cell: str) -> list[tuple[str, tuple[int, ...]]]:
    page = (
        f"# A\n\n| Model | Provider |\n|---|---|\n| Uno² ³ | {cell} |\n"
        "\n¹ One.\n\n² Two.\n\n³ Three.\n"
    )
    [section] = markdown.parse(page).sections
    items = section.listings[0].cells["providers"].items
    return [(item.text, item.footnotes) for item in items]


@pytest.mark.parametrize("reference", [*_BLANKS, *_UNSEEN])
@pytest.mark.parametrize(
    "cell",
    [
        "OpenAI¹{}",
        "OpenAI¹{} ",
        "OpenAI{}¹",
        "{}OpenAI¹",
        "• {}OpenAI¹",
        "[OpenAI](https://openai.example)¹{}",
    ],
)
def test_a_reference_beside_a_mark_leaves_it_a_mark(cell: str, reference: str):
    [(text, footnotes)] = _providers(cell.format(reference))

    assert text in ("OpenAI", "[OpenAI](https://openai.example)")
    assert footnotes == (1,)


@pytest.mark.parametrize("reference", _BLANKS)
@pytest.mark.parametrize("cell", ["OpenAI¹{}²", "OpenAI¹,{}²", "OpenAI[^1]{}[^2]", "OpenAI ¹{} ²"])
def test_a_reference_between_marks_leaves_them_marks(cell: str, reference: str):
    assert _providers(cell.format(reference)) == [("OpenAI", (1, 2))]


@pytest.mark.parametrize("reference", _UNSEEN)
def test_an_unseen_reference_between_marks_leaves_them_marks(reference: str):
    assert _providers(f"OpenAI¹ {reference}²") == [("OpenAI", (1, 2))]


@pytest.mark.parametrize("reference", _BLANKS)
def test_references_to_blanks_divide_a_list_as_blanks_do(reference: str):
    assert _providers(f"Acme{reference}/{reference}Bolt¹") == [("Acme", ()), ("Bolt", (1,))]
    assert _providers(f"-{reference}Acme<br>-{reference}Bolt¹") == [("Acme", ()), ("Bolt", (1,))]


def test_what_is_seen_of_joiners_and_selectors_stays():
    assert _providers("می&zwnj;دهد¹") == [("می\u200cدهد", (1,))]
    assert _providers("⚠&#xFE0F;¹") == [("⚠\ufe0f", (1,))]
    assert _providers("👩&zwj;🚀") == [("👩\u200d🚀", ())]


def test_a_referenced_bullet_or_superscript_is_a_text_still():
    assert _providers("OpenAI&sup1;") == [("OpenAI&sup1;", ())]


@pytest.mark.parametrize("reference", _BLANKS)
def test_no_reference_to_a_blank_changes_the_seed(reference: str):
    disguised = "\n".join(_with_references(line, reference) for line in _SEED.split("\n"))

    assert disguised != _SEED
    assert markdown.parse(disguised) == markdown.parse(_SEED)


def _with_references(line: str, reference: str) -> str:
    """Put references for the blanks between words, marks and bullets."""
    if line.startswith(("#", "| :")):
        return line
    return re.sub(r"(?<=[^\s|]) (?=[^\s|])", lambda _: reference, line)
