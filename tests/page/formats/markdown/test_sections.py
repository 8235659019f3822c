"""Tests of the sections of a page, and of tables of any columns."""

import pytest

from compliance.page.formats import Unreadable, markdown
from compliance.page.snapshot import Snapshot
from compliance.page.table import Row
from tests.pages import page, row

PAGE = """\
# Services

Whom we use.

## Assistants

| Subprocessor | Purpose | Logs kept | Data retention (days) |
| :----------- | :------ | :-------- | :-------------------- |
| • Acme¹ | • Speech<br>• [Search](https://acme.example/) | Yes | 30 |
| • Bolt |  |  |  |

## Endpoints

- by address
- by method

| Endpoint | Data retention |
| :------- | :------------- |
| /v1/chat | 30 days, see [terms](https://bolt.example/terms)² |

### Contact

> Write to us.

¹ Ireland.

² Since May.
"""


@pytest.fixture
def services() -> Snapshot:
    return markdown.parse(PAGE)


def roles(snapshot: Snapshot) -> list[list[str]]:
    return [[column.role.value for column in part.columns] for part in snapshot.sections]


def first_rows(snapshot: Snapshot) -> list[Row]:
    return list(snapshot.rows())


def test_footnotes_below_the_last_table_make_no_section():
    snapshot = page(row("GPT 6¹", "Acme"), notes="¹ A note.\n")

    assert len(snapshot.sections) == 1


def test_a_page_of_several_sections_comes_back_byte_for_byte(services: Snapshot):
    assert markdown.render(services) == PAGE


def test_each_table_begins_a_section_with_the_prose_above_it(services: Snapshot):
    assert roles(services) == [
        ["providers", "text", "retention", "retention"],
        ["text", "retention"],
        [],
    ]
    assert [section.id for section in services.sections] == ["section-1", "section-2", "section-3"]
    assert [section.prose for section in services.sections] == [
        "Whom we use.\n\n## Assistants",
        "## Endpoints\n\n- by address\n- by method",
        "### Contact\n\n> Write to us.",
    ]


def test_a_table_may_lack_models_and_have_several_texts(services: Snapshot):
    acme, bolt, chat = services.rows()

    assert services.models == ()
    assert [provider.name for provider in services.providers] == ["Acme", "Bolt"]
    assert [item.text for item in acme.listing.cells["purpose"].items] == [
        "Speech",
        "[Search](https://acme.example/)",
    ]
    assert acme.providers[0].footnotes == (1,)
    assert [item.plain for item in chat.header.items] == ["/v1/chat"]
    assert [acme.id, bolt.id, chat.id] == ["acme", "bolt", "v1-chat"]


def test_an_empty_claim_is_not_stated(services: Snapshot):
    cell = first_rows(services)[1].listing.cells["retention"]

    assert (cell.items, cell.clauses, cell.basis) == ((), (), "stated")


def test_a_bare_number_counts_what_the_label_says(services: Snapshot):
    [clause] = first_rows(services)[0].listing.cells["retention-2"].clauses or ()

    assert clause.duration == "P30D"


def test_a_link_stays_where_it_stands_in_a_claim(services: Snapshot):
    [item] = first_rows(services)[2].listing.cells["retention"].items

    assert item.text == "30 days, see [terms](https://bolt.example/terms)"
    assert item.plain == "30 days, see terms"
    assert item.footnotes == (2,)


@pytest.mark.parametrize("label", ["Website", "Provider", "Data retention"])
def test_an_address_is_a_link_in_every_cell(label: str):
    snapshot = markdown.parse(f"# A\n\n| {label} |\n|--|\n| See https://acme.example/a_b. |\n")

    [only] = snapshot.rows()
    assert [item.text for item in only.header.items] == [
        "See [https\\://acme.example/a_b](https://acme.example/a_b)."
    ]


def test_a_page_may_have_two_columns_of_retention():
    snapshot = markdown.parse(
        "# A\n\n| Endpoint | Keeps prompts | Data retention |\n|--|--|--|\n| /a | No | 7 days |\n"
    )

    [only] = snapshot.rows()
    prompts, retention = only.listing.cells["retention"], only.listing.cells["retention-2"]
    assert [clause.kind for clause in prompts.clauses or ()] == ["none"]
    assert [clause.duration for clause in retention.clauses or ()] == ["P7D"]


@pytest.mark.parametrize(
    "source",
    [
        "# A\n\n¹ Only a note.\n",
        "# A\n\nOnly text.\n",
        "# A\n\nOnly text.\n\n¹ And a note.\n",
        "# A\n\n| Purpose |\n| :------ |\n",
        "# A\n\n| Purpose |\n| :------ |\n\n---\n\nText behind it.\n",
        "# A\n\n|  |\n| :- |\n|  |\n",
    ],
)
def test_a_page_may_lack_tables_prose_and_rows(source: str):
    snapshot = markdown.parse(source)

    assert markdown.render(snapshot) == source


def test_footnotes_may_stand_below_each_table_and_between_texts():
    snapshot = markdown.parse(
        "# A\n\n| X |\n| - |\n| a² |\n\n² Two.\n\nMore.\n\n| Y |\n| - |\n| b¹ |\n\n"
        "One thing.\n\n¹ One,\nand more.\n\nAnother.\n"
    )

    assert snapshot.printed()["footnotes"] == [(1, "One,\nand more."), (2, "Two.")]
    assert [section.prose for section in snapshot.sections] == [
        "",
        "More.",
        "One thing.\n\nAnother.",
    ]


def test_footnotes_that_begin_anew_below_a_table_are_numbered_through():
    source = (
        "# A\n\n| X |\n| - |\n| a¹ ² |\n\n¹ One.\n\n² Two.\n\n"
        "| Y |\n| - |\n| b¹ |\n| c² |\n\n¹ Three.\n"
    )

    reading = markdown.read(source)

    printed = reading.snapshot.printed()
    assert printed["footnotes"] == [(1, "One."), (2, "Two."), (3, "Three.")]
    assert [item.footnotes for row in reading.snapshot.rows() for item in row.header.items] == [
        (1, 2),
        (3,),
        (2,),
    ]
    assert reading.notes == (
        "Line 16: Footnotes that begin anew below a table were numbered through.",
    )


def test_a_footnote_that_is_twice_in_one_place_is_refused():
    source = "# A\n\n| X |\n| - |\n| a¹ |\n\n¹ One.\n\nText.\n\n¹ Two.\n"

    with pytest.raises(Unreadable, match="Line 11, column 1: footnote 1 is there twice"):
        markdown.read(source)


@pytest.mark.parametrize("above", ["Text", "- item\n## Heading", "a\\\nb", "> quote\n"])
def test_a_table_may_begin_directly_below_a_text_or_a_heading(above: str):
    snapshot = markdown.parse(f"# A\n\n{above}\n| X |\n| - |\n| a |\n")

    [section] = snapshot.sections
    assert section.prose == above.strip()
    assert len(section.listings) == 1


@pytest.mark.parametrize("next_block", ["## Next", "> Quoted", "***", "---\nA | B"])
def test_another_block_ends_a_table(next_block: str):
    snapshot = markdown.parse(f"# A\n\n| X |\n| - |\n| a |\n{next_block}\n\nText.\n")

    assert [len(section.listings) for section in snapshot.sections] == [1, 0]
    assert snapshot.sections[1].prose == f"{next_block}\n\nText."
