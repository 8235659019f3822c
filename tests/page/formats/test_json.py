import json as standard_json
from dataclasses import replace

import pytest

from compliance.page.formats import Unreadable, json, markdown
from compliance.page.snapshot import Declared
from compliance.page.table import Clause, Term
from compliance.page.vocabulary import Bound, ClauseKind, DataClass, TrainingUse, Trigger
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
        (
            b'{"schema": "register/1"}',
            r'\$ has no "register"\. Add it: an object with "slug", "title"',
        ),
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


def test_wordings_of_declarations_and_floors_are_read_as_texts_of_cells_are():
    days = Clause(DataClass.ALL_CONTENT, ClauseKind.DURATION, "P30D", Bound.EXACT, Trigger.ALWAYS)
    page = declaring(Term("30&nbsp;days \\(flagged\\)", (days,)))

    read = json.parse(json.render(page)).snapshot

    assert read.models[0].retention_floor.text == "30 days (flagged)"
    assert read.providers[0].declared.retention.text == "30 days (flagged)"
    assert json.parse(json.render(read)).snapshot == read


def declaring(term):
    """Return a page of which a model and a provider have a term, and the others none."""
    page = markdown.parse(PAGE)
    model, provider = page.models[0], page.providers[0]
    return replace(
        page,
        models=(replace(model, retention_floor=term), *page.models[1:]),
        providers=(
            replace(provider, declared=Declared(TrainingUse.NEVER, term)),
            *page.providers[1:],
        ),
    )


@pytest.mark.parametrize("text", ["", "&#32;"])
def test_an_empty_text_is_refused_with_its_place(text):
    page = json.render(declaring(Term("30 days", ())))
    value = standard_json.loads(page)
    cells = value["sections"][0]["listings"][0]["cells"]
    for place, part, key in (
        (r"\$\.register\.title", value["register"], "title"),
        (rf"{FIRST}\.models\.items\[0\]\.text", cells["models"]["items"][0], "text"),
        (r"\$\.models\[0\]\.retention_floor\.text", value["models"][0]["retention_floor"], "text"),
    ):
        if key == "title" and text:
            continue
        before, part[key] = part[key], text

        with pytest.raises(Unreadable, match=rf"{place} is empty\. Give it"):
            json.parse(standard_json.dumps(value).encode())

        part[key] = before


def test_a_footnote_that_is_cited_twice_is_refused_with_its_place():
    value = standard_json.loads(json.render(markdown.parse(PAGE)))
    [number, *_] = [note["number"] for note in value["footnotes"]]
    item = value["sections"][0]["listings"][0]["cells"]["models"]["items"][0]
    item["footnotes"] = [number, number]

    with pytest.raises(
        Unreadable, match=rf"{FIRST}\.models\.items\[0\]\.footnotes cites footnote {number} twice"
    ):
        json.parse(standard_json.dumps(value).encode())
