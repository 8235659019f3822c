import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from compliance.page import inline
from compliance.page.formats import csv as csv_format
from compliance.page.formats import markdown
from compliance.page.snapshot import Declared, Model, Snapshot
from compliance.page.table import Term
from compliance.page.vocabulary import TrainingUse
from tests.page.formats.markdown.test_sections import PAGE as SERVICES
from tests.page.formats.markdown.test_writer import PAGE


def records(source: str) -> Iterator[list[str]]:
    """Yield the records of a CSV file by the grammar of RFC 4180, section 2."""
    position, record = 0, []
    while position < len(source):
        field = re.compile(r'"((?:[^"]|"")*)"(,|\r\n)|([^",\r\n]*)(,|\r\n)').match(source, position)
        assert field, f"no field at {source[position : position + 20]!r}"
        quoted, after_quoted, bare, after_bare = field.groups()
        record.append(bare if quoted is None else quoted.replace('""', '"'))
        position = field.end()
        if "\r\n" in (after_quoted, after_bare):
            yield record
            record = []
    assert not record, "the last line does not end"


def lines(snapshot: Snapshot) -> list[dict[str, str]]:
    header, *rest = records(csv_format.render(snapshot).decode())
    return [dict(zip(header, record, strict=True)) for record in rest]


def column(snapshot: Snapshot, name: str) -> list[str]:
    return [line[name] for line in lines(snapshot)]


def with_name(snapshot: Snapshot, name: str) -> Snapshot:
    """Return a page whose last row alone names a model."""
    [section] = snapshot.sections
    row = section.listings[-1]
    cell = row.cells["models"]
    named = replace(cell, items=(replace(cell.items[0], text=inline.escape(name)),))
    changed = replace(row, cells={**row.cells, "models": named})
    return replace(snapshot, sections=(replace(section, listings=(changed,)),))


def test_each_offering_is_a_line():
    found = lines(markdown.parse(PAGE))

    assert [(line["model"], line["provider"]) for line in found] == [
        ("Uno", "Acme"),
        ("Uno", "Beta & Sons"),
        ("Due", "Acme"),
        ("Due", "Beta & Sons"),
        ("H²O [x] a_b _c & 3 * 4", ""),
    ]
    assert found[0]["documents"] == "FAQ <https://a.eu/?a=1&b=2>; Letter"
    assert (found[0]["training_use"], found[0]["training"], found[0]["retention"]) == (
        "never",
        "No",
        "30 days",
    )
    assert found[3]["footnotes"] == "1 2 4"


@pytest.mark.parametrize(
    ("providers", "found"),
    [
        ("Bolt", ["Acme Terms <https://acme.example/t>"]),
        (
            "Bolt<br>Coro",
            [
                "Acme Terms <https://acme.example/t>",
                "Acme Terms <https://acme.example/t>",
            ],
        ),
        ("Acme<br>Bolt", ["Acme Terms <https://acme.example/t>", ""]),
        ("", ["Acme Terms <https://acme.example/t>"]),
    ],
)
def test_a_document_of_a_provider_elsewhere_is_on_the_lines_of_its_row(
    providers: str, found: list[str]
):
    page = f"""# Page

| Model | Provider | Policy |
|---|---|---|
| Uno | Acme | [Acme Privacy Policy](https://acme.example/p) |
| Due | {providers} | [Acme Terms](https://acme.example/t)¹ |

¹ Of 2026.
"""

    read = lines(markdown.parse(page))[1:]

    assert [line["documents"] for line in read] == found
    assert [line["footnotes"] for line in read] == ["1" if documents else "" for documents in found]


@pytest.mark.parametrize(
    ("wording", "clauses", "kind", "duration"),
    [
        ("30 days", "all content kept 30 days", "duration", "P30D"),
        ("Not stored", "all content not kept", "none", ""),
        (
            "30 days (flagged prompts: 2 years)",
            "all content kept 30 days; flagged content kept 2 years if flagged",
            "duration",
            "P30D",
        ),
        ("Flagged prompts: 2 years", "flagged content kept 2 years if flagged", "not_stated", ""),
        ("Prompts: 1 day, outputs: 1 year", None, "duration", "P1Y"),
        ("Files: 7 days", "files kept 7 days", "not_stated", ""),
        ("Prompts: not stored", "prompts not kept", "not_stated", ""),
        ("30 days; files: 60 days", None, "duration", "P60D"),
        ("At will", "all content not understood", "unknown", ""),
        ("", "", "not_stated", ""),
    ],
)
def test_a_line_has_the_clauses_of_its_row_and_the_worst_of_them(
    wording: str, clauses: str | None, kind: str, duration: str
):
    page = PAGE.replace("| 30 days² |", f"| {wording} |")

    line = lines(markdown.parse(page))[0]

    assert (line["retention_kind"], line["retention_duration"]) == (kind, duration)
    assert clauses is None or line["retention_clauses"] == clauses


def test_a_line_says_what_its_provider_declares_and_who_it_is():
    snapshot = markdown.parse(PAGE)
    acme = replace(
        snapshot.providers[0],
        legal_entity="Acme Ltd.",
        website="https://acme.example/",
        processing_countries=("IE", "US"),
        storage_countries=("IE",),
        aliases=("ACME", "acme-eu"),
        declared=Declared(TrainingUse.OPT_OUT, Term("7 days", ())),
    )
    uno = Model("uno", "Uno", developer="Beta", aliases=("uno-1", "uno-2"))
    known = replace(
        snapshot,
        models=(uno, *snapshot.models[1:]),
        providers=(acme, *snapshot.providers[1:]),
    )

    line = lines(known)[0]

    assert (line["declared_training_use"], line["declared_retention"]) == ("opt_out", "7 days")
    assert (line["legal_entity"], line["website"]) == ("Acme Ltd.", "https://acme.example/")
    assert (line["processing_countries"], line["storage_countries"]) == ("IE US", "IE")
    assert (line["developer"], line["model_aliases"]) == ("Beta", "uno-1; uno-2")
    assert line["provider_aliases"] == "ACME; acme-eu"


def test_a_page_of_any_columns_has_a_line_for_each_listing():
    found = lines(markdown.parse(SERVICES))

    assert [(line["listing_id"], line["section"], line["providers"]) for line in found] == [
        ("acme", "Assistants", "Acme"),
        ("bolt", "Assistants", "Bolt"),
        ("v1-chat", "Endpoints", ""),
    ]
    acme, bolt, chat = found
    assert (acme["purpose"], acme["retention"], acme["retention-2"]) == (
        "Speech; Search",
        "Yes",
        "30",
    )
    assert acme["retention-2_clauses"] == "all content kept 30 days"
    assert (bolt["purpose"], bolt["retention"], bolt["retention_clauses"]) == ("", "", "")
    assert (chat["endpoint"], chat["retention"]) == ("/v1/chat", "30 days, see terms")
    assert [line["footnotes"] for line in found] == ["1", "", "2"]
    assert [line["provider_id"] for line in found] == ["acme", "bolt", ""]


def test_a_text_that_many_lines_repeat_is_parsed_once(monkeypatch):
    models = "<br>".join(f"• Model {number}" for number in range(5))
    providers = "<br>".join(f"• Provider {number}" for number in range(4))
    snapshot = markdown.parse(
        f"# A\n\n| Model | Provider | Purpose |\n|--|--|--|\n"
        f"| {models} | {providers} | Speech that many lines repeat |\n"
    )
    parsed, plain = [], inline.plain
    monkeypatch.setattr(inline, "plain", lambda text: parsed.append(text) or plain(text))

    found = lines(snapshot)

    assert {line["purpose"] for line in found} == {"Speech that many lines repeat"}
    assert len(found) == 20
    assert parsed.count("Speech that many lines repeat") == 1


def test_a_column_that_is_called_like_a_fact_has_a_name_of_its_own():
    snapshot = markdown.parse("# A\n\n| Section | Website |\n|--|--|\n| One | None |\n")

    [line] = lines(snapshot)

    assert (line["section"], line["section_column"], line["website_column"]) == ("", "One", "None")


@pytest.mark.parametrize("page", [PAGE, SERVICES, "# A\n\nNothing.\n"])
def test_every_column_is_described(page: str):
    snapshot = markdown.parse(page)

    header = next(records(csv_format.render(snapshot).decode()))

    assert header == list(csv_format.columns(snapshot))
    assert all(csv_format.columns(snapshot).values())
    assert len(set(header)) == len(header)


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@a", "＝1", "＋1", "－1", "＠a", "'a", 'a "b", c', "1,5"]
)
def test_no_cell_is_a_formula_and_every_name_comes_back(name: str):
    [cell] = column(with_name(markdown.parse(PAGE), name), "model")

    assert not cell.startswith(tuple("=+-@＝＋－＠"))
    assert cell.removeprefix("'") == name


def test_lines_end_as_rfc_4180_says():
    written = csv_format.render(markdown.parse(PAGE))

    assert written.count(b"\r\n") == written.count(b"\n") == 6
    assert written.startswith(b'"listing_id","section",')
