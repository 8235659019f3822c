from dataclasses import replace

import pytest

from compliance.page.formats import Unreadable, json, markdown
from tests.page.formats.markdown.test_writer import PAGE

FIRST = r"\$\.sections\[0\]\.listings\[0\]\.cells"


def test_json_is_the_canonical_bytes_and_reads_back():
    snapshot = markdown.parse(PAGE)

    written = json.render(snapshot)

    assert written == snapshot.canonical_bytes()
    assert json.parse(written) == json.Reading(snapshot, has_facts=True)


def test_json_that_is_not_canonical_is_read_with_a_note():
    written = json.render(markdown.parse(PAGE))

    assert json.parse(written + b"\n").notes == ("The JSON was not in canonical form.",)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"", "Line 1, column 1: the text is not JSON"),
        (b'{\n "a": ]', "Line 2, column 7: the text is not JSON"),
        (b"[]", "The JSON is not a page"),
        (b'{"schema": "register/1"}', r'\$ has no "register"'),
        (b'{"a": 1, "a": 2}', "names one twice"),
        (b'{"a": ' + b"9" * 6000 + b"}", "6000 digits"),
        (b'{"a": NaN}', "NaN is not a JSON value"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": "\xff"}', "Line 1, column 8: the byte 0xFF is not UTF-8"),
        (
            json.render(markdown.parse(f"{PAGE}\n¹³ Thirteen.\n")).replace(
                b'"number":13,', b'"number":99999999999999999999,'
            ),
            "no canonical JSON",
        ),
        (json.render(markdown.parse(PAGE)).replace(b"One.", b"\\ud800"), "no canonical JSON"),
    ],
)
def test_what_is_no_snapshot_is_refused(source: bytes, message: str):
    with pytest.raises(Unreadable, match=message):
        json.parse(source)


@pytest.mark.parametrize(
    ("shown", "unfit", "place"),
    [
        (
            b"Models & hosts",
            b"Models\\nhosts",
            r"\$\.register\.title is 'Models.nhosts', .* A line break",
        ),
        (
            b"Letter",
            b"Let\\u202eter",
            rf"{FIRST}\.documents\.items\[1\]\.text is .* changes the direction",
        ),
        (
            b"https://a.eu/",
            b"https://a.eu/\\u0007",
            rf"{FIRST}\.documents\.items\[0\]\.url is .* control character",
        ),
        (b'"30 days"', b'"30\\ndays"', rf"{FIRST}\.retention\.items\[0\]\.text is .* A line break"),
        (b'"30 days"', b'"<b>30 days</b>"', rf"{FIRST}\.retention\.items\[0\]\.text is .*<b> has"),
        (b"Who gets what.", b"# Who", r"\$\.sections\[0\]\.prose is .* heading of the first level"),
        (b"Four.", b"Fo\\u000bur.", r"\$\.footnotes\[2\]\.text is .* control character"),
    ],
)
def test_a_text_that_no_page_can_show_is_refused_with_its_place(
    shown: bytes, unfit: bytes, place: str
):
    written = json.render(markdown.parse(PAGE))
    assert json.parse(written).notes == ()

    with pytest.raises(Unreadable, match=place):
        json.parse(written.replace(shown, unfit))


def test_texts_are_read_into_the_form_in_which_they_are_written():
    snapshot = markdown.parse(PAGE)
    [section] = snapshot.sections
    written = json.render(replace(snapshot, sections=(replace(section, prose="A\n---\n¹ B"),)))

    reading = json.parse(written.replace(b'"30 days"', b'"*30* days\\\\!"'))

    [section] = reading.snapshot.sections
    assert section.prose == "## A\n&sup1; B"
    assert section.listings[0].cells["retention"].items[0].text == "30 days!"
    assert reading.notes == ("The JSON was not in canonical form.",)
