"""A page reads the same, whatever characters its authors took for those that look like them."""

import re
from collections.abc import Callable

import pytest

from compliance.page.diff import compare
from compliance.page.formats import Reading, csv, json, markdown

PAGE = """\
# Models of Acme Inc.

Who gets the prompts of zero-day users. See [the whole policy](https://a.example/a-b).

- First of two
- Second of two

> A quote of words

## All models

| Model name | Model provider | Trains on prompts | Data retention | Privacy policy |
| --- | --- | --- | --- | --- |
| • Uno one¹<br>• Due pre-view | • Acme Inc.² | No | 30 days | • [Acme Inc. Policy](https://a.example/p) |
| • Café au lait | • Beta Sons | See the contract | Not stored | • Contract with Beta Sons |

¹ Not in the free plan, see [the terms](https://a.example/t).

² Also for Uno one of the old days.
"""


def _in_words(character: str, other: str) -> Callable[[str], str]:
    """Return a function that replaces a character outside of addresses and the delimiter row."""

    def replaced(line: str) -> str:
        if line.startswith("| ---"):
            return line
        pieces = re.split(r"(\]\([^)]*\)|<br>)", line)
        pieces[0::2] = [piece.replace(character, other) for piece in pieces[0::2]]
        return "".join(pieces)

    return lambda page: "\n".join(map(replaced, page.split("\n")))


def _between_words(other: str) -> Callable[[str], str]:
    """Return a function that replaces blanks between two letters, outside of addresses."""
    return lambda page: re.sub(r"(?<=[a-z,.])(?<!\n) (?=[A-Za-z\[])", other, page)


DISGUISES = {
    "no-break spaces": (
        _in_words(" ", "\u00a0"),
        "No-break spaces and the like became blanks.",
    ),
    "narrow no-break spaces": (
        _in_words(" ", "\u202f"),
        "No-break spaces and the like became blanks.",
    ),
    "fillers": (_in_words(" ", "\u3164"), "No-break spaces and the like became blanks."),
    "two blanks": (_between_words("  "), None),
    "references": (_between_words("&nbsp;"), None),
    "numbered references": (_between_words("&#160;&#x200b;"), None),
    "no-break hyphens": (_in_words("-", "\u2011"), "No-break hyphens became hyphens."),
    "soft hyphens": (_in_words("e", "\u00ade"), "Characters that cannot be seen were removed."),
    "references to soft hyphens": (_in_words("e", "e&shy;"), None),
    "joined words": (_in_words("e", "e\u2060"), "Characters that cannot be seen were removed."),
    "decomposed letters": (
        _in_words("é", "e\u0301"),
        "The text was put into Unicode normal form C.",
    ),
}


def _lists_stay(page: str) -> str:
    # `-` with no blank of its own behind it begins no list.
    return page.replace("\u2011 First", "- First").replace("\u2011 Second", "- Second")


@pytest.mark.parametrize("name", DISGUISES)
def test_a_page_in_other_characters_is_the_same_page(name: str):
    disguise, note = DISGUISES[name]
    disguised = _lists_stay(disguise(PAGE))
    assert disguised != PAGE

    plain, reading = markdown.read(PAGE), markdown.read(disguised)

    assert reading.snapshot == plain.snapshot
    assert compare(plain.snapshot, reading.snapshot) == ()
    assert note is None or any(note in sentence for sentence in reading.notes)


TABLE = (
    "Model name,Model provider,Trains on prompts,Data retention,Privacy policy\n"
    "Uno one,Acme Inc.,No,30 days,[Café of zero-day](https://a.example/a-b)\n"
)


@pytest.mark.parametrize("name", DISGUISES)
def test_a_table_in_other_characters_is_the_same_page(name: str):
    disguise, note = DISGUISES[name]
    disguised = disguise(TABLE)

    plain, reading = csv.read(TABLE, title="A"), csv.read(disguised, title="A")

    assert reading.snapshot == plain.snapshot
    assert disguised == TABLE or note is None or any(note in each for each in reading.notes)


@pytest.mark.parametrize(
    ("character", "other", "note"),
    [
        (" ", "\u00a0", "No-break spaces and the like became blanks."),
        (" ", "  ", ""),
        ("-", "\u2011", "No-break hyphens became hyphens."),
        ("e", "e\u2060", "Characters that cannot be seen were removed."),
        ("é", "e\u0301", "The text was put into Unicode normal form C."),
        ("Due", "\u00a0Due", "No-break spaces and the like became blanks."),
    ],
)
def test_json_in_other_characters_is_the_same_page(character: str, other: str, note: str):
    plain = markdown.parse(PAGE)
    written = json.render(plain)
    texts = re.compile(rb'"(label|name|prose|text|title)":"[^"]*"')

    def disguised(match: re.Match[bytes]) -> bytes:
        key, words = match.group().split(b":", 1)
        pieces = re.split(rb"(\]\([^)]*\)|\\n- )", words)
        pieces[0::2] = [piece.replace(character.encode(), other.encode()) for piece in pieces[0::2]]
        return key + b":" + b"".join(pieces)

    reading: Reading = json.parse(texts.sub(disguised, written))

    assert reading.snapshot == plain
    assert reading.notes[0] == "The JSON was not in canonical form."
    assert not note or any(note in sentence for sentence in reading.notes[1:])


def test_json_names_the_places_of_what_was_replaced():
    written = json.render(markdown.parse(PAGE)).replace(b"Uno one", "Uno\u00a0one".encode())

    _, note = json.parse(written).notes

    assert note == ("$.footnotes[1].text and 2 more: No-break spaces and the like became blanks.")


def test_what_names_something_for_programs_stays_as_it_is():
    written = json.render(markdown.parse(PAGE)).replace(b"uno-one", "uno\u2011one".encode())

    assert json.parse(written).snapshot.models[0].id == "uno\u2011one"


@pytest.mark.parametrize(
    ("prose", "stored"),
    [
        ("One.\n\n&nbsp;\n\nTwo.", "One.\n\nTwo."),
        ("One\n&nbsp;\ntwo.", "One\ntwo."),
        ("&nbsp;&nbsp;&nbsp;&nbsp;One.", "One."),
        ("\u00a0\u00a0\u00a0\u00a0One.", "One."),
        ("##\u00a0One", "## One"),
        ("-\u00a0One\n-\u00a0\u00a0Two", "- One\n- Two"),
        ("One  two   three", "One two three"),
        ("`a  b` and [c  d](https://a.example/e)", "`a  b` and [c d](https://a.example/e)"),
        ("`&nbsp;` is a blank", "`&nbsp;` is a blank"),
        ("\\&nbsp; and \\\\&nbsp;x", "\\&nbsp; and \\\\ x"),
        ("&amp;nbsp; &copy; &eacute;", "&amp;nbsp; &copy; &eacute;"),
        ("One\n\n\n\nTwo", "One\n\nTwo"),
        ("One\u00a0\u00a0\ntwo", "One\ntwo"),
        ("-   One\n- Two\n\n>   Three", "- One\n- Two\n\n> Three"),
        ("-   One\n    - Two\n\n    Three", "-   One\n    - Two\n\n    Three"),
        ("- One\n  - Two\n    - Three", "- One\n  - Two\n    - Three"),
    ],
)
def test_prose_is_stored_as_it_is_seen(prose: str, stored: str):
    page = f"# A\n\n{prose}\n"

    [section] = markdown.parse(page).sections

    assert section.prose == stored
    assert markdown.parse(markdown.render(markdown.parse(page))).sections[0].prose == stored


@pytest.mark.parametrize(
    "note", ["One&nbsp;two.", "One\u00a0 two.", "\u00a0One\u2007two.", "One two.&#8203;"]
)
def test_a_footnote_is_stored_as_it_is_seen(note: str):
    [footnote] = markdown.parse(f"{PAGE.split('¹ Not')[0]}¹ {note}\n\n² B\n").footnotes[:1]

    assert footnote.text == "One two."
