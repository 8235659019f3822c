"""The HTML body, read with html5lib."""

from dataclasses import replace

import html5lib
import pytest

from compliance.page import inline
from compliance.page.snapshot import Model, Snapshot
from compliance.page.table import (
    Cell,
    ClaimItem,
    Column,
    DocumentItem,
    Listing,
    ModelItem,
    ProviderItem,
    Section,
    TextItem,
)
from compliance.page.vocabulary import Basis, ColumnRole, DocumentKind, TrainingUse
from compliance.rendering.html import artefacts, html_body, make_page_context
from tests.stores import listing, models_cell, retention_cell, snapshot


def parsed(value: Snapshot):
    """Return the parsed body; fails if its markup is invalid."""
    page = (
        f"<!doctype html><html><head><title>t</title></head><body>{html_body(value)}</body></html>"
    )
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_id(tree):
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    return {element.get("id"): element for element in tree.iter() if element.get("id")}


def items(cell):
    """Return the items of a cell that is a list, without the commas that are not shown."""
    found = cell.findall("./span[@role='list']/span[@role='listitem']")
    for item in found:
        for comma in item.findall("./span[@class='comma']"):
            item.remove(comma)
    return found


def text_page(*sections: Section, notes: tuple[str, ...] = ()) -> Snapshot:
    """Return a register of some sections."""
    return replace(snapshot(notes=notes), sections=sections)


def text_table(*rows: tuple[str, ...], id: str = "s", prose: str = "", labels=("Name", "Purpose")):
    """Return a section with a table of text columns."""
    columns = tuple(
        Column(f"c{index}", label, ColumnRole.TEXT) for index, label in enumerate(labels)
    )
    listings = []
    for number, texts in enumerate(rows):
        cells = {
            column.key: Cell((TextItem(text),) if text else ())
            for column, text in zip(columns, texts, strict=True)
        }
        listings.append(Listing(f"{id}-{number}", cells))
    return Section(id, prose, columns, tuple(listings))


def test_table_is_named_by_the_title_and_has_column_headers():
    tree = parsed(snapshot())

    headers = tree.findall(".//thead/tr/th")
    assert [words(header) for header in headers] == [
        "Model",
        "Provider",
        "Trains on prompts",
        "Retention",
        "Documents",
    ]
    assert {header.get("scope") for header in headers} == {"col"}
    table = tree.find(".//table")
    assert words(by_id(tree)[table.get("aria-labelledby")]) == "Models and privacy"


def test_cells_contain_lists_and_name_their_column():
    tree = parsed(snapshot())

    cells = list(tree.find(".//tbody/tr"))
    assert [words(item) for item in items(cells[0])] == ["Acme One1", "Acme Two"]
    assert words(cells[2]) == "No"
    assert [cell.get("data-label") for cell in cells] == [
        words(header) for header in tree.findall(".//thead//th")
    ]


def test_footnote_numbers_link_to_notes_and_notes_link_back():
    tree = parsed(snapshot())

    elements = by_id(tree)
    marks = [link for link in tree.iter("a") if link.get("role") == "doc-noteref"]
    backs = [link for link in tree.iter("a") if link.get("role") == "doc-backlink"]
    assert [words(elements[mark.get("href")[1:]])[:6] for mark in marks] == [
        "First ",
        "First ",
        "Second",
        "Second",
    ]
    assert {back.get("href")[1:] for back in backs} == {mark.get("id") for mark in marks}
    assert [back.get("aria-label") for back in backs] == [
        "Back to Acme One, row 1",
        "Back to Acme AI, row 1",
        "Back to Acme AI, row 1",
        "Back to 30 days, row 1",
    ]


def test_a_row_is_headed_by_its_models_and_has_a_link_to_itself():
    row = parsed(snapshot(listing("kept"))).find(".//tbody/tr")

    headers = row.findall("th")
    assert [(header.get("scope"), header.get("role")) for header in headers] == [
        ("row", "rowheader")
    ]
    assert [words(item) for item in items(headers[0])] == ["Acme One1", "Acme Two"]
    link = row.find(".//a[@class='permalink']")
    assert (link.get("href"), link.get("aria-label")) == (f"#{row.get('id')}", "Link to row 1")


def test_the_id_of_a_model_or_provider_is_an_anchor_in_its_first_row():
    again = listing("b", models=models_cell(Model("acme-one", "Acme One")))
    ids = by_id(parsed(snapshot(listing("a"), again)))

    assert words(ids["model-acme-one"].find("bdi")) == "Acme One"
    assert words(ids["provider-borealis"].find("bdi")) == "Borealis Cloud"
    assert not {id for id in ids if id.startswith(("model-", "provider-")) and id.endswith("-2")}


@pytest.mark.parametrize(
    ("language", "direction"), [("en", None), ("ar", "rtl"), ("he-IL", "rtl"), ("hen", None)]
)
def test_a_page_has_the_direction_of_its_language(language, direction):
    main = parsed(snapshot(language=language)).find(".//main")

    assert (main.get("lang"), main.get("dir")) == (language, direction)


def test_a_name_keeps_its_own_direction():
    tree = parsed(snapshot(listing(models=models_cell(Model("m", "נובה 2 (חשיבה)")))))

    assert words(tree.find(".//tbody/tr/th//bdi")) == "נובה 2 (חשיבה)"


def test_clauses_are_shown_on_request():
    assert "all content kept 30 days" not in html_body(snapshot())
    retention = make_page_context(snapshot(), clauses=True).rows[0].cells[3]
    assert (retention.items[0].words, retention.clauses) == (
        "30 days",
        ("all content kept 30 days",),
    )


def test_clauses_say_what_a_row_leaves_open():
    flagged = listing(retention=retention_cell("Flagged prompts: 2 years"))

    retention = make_page_context(snapshot(flagged), clauses=True).rows[0].cells[3]

    assert retention.clauses == (
        "flagged content kept 2 years if flagged",
        "all content not stated",
    )


def test_ids_stay_the_same_if_a_row_is_added_before():
    alone = by_id(parsed(snapshot(listing("kept"))))
    second = by_id(parsed(snapshot(listing("added"), listing("kept"))))

    assert "listing-kept" in alone
    assert set(alone) <= set(second)


def test_ids_differ_if_a_row_names_a_model_twice():
    item = ModelItem("acme-one", "Acme One", (1,))
    twice = listing(models=Cell((item, item)))

    assert {"ref-1-first-acme-one", "ref-1-first-acme-one-2"} <= set(by_id(parsed(snapshot(twice))))


def test_an_id_is_safe_whatever_the_listing_is_called():
    hostile = listing('"><script>x</script> y')

    assert "listing-script-x-script-y" in by_id(parsed(snapshot(hostile)))


def test_a_document_without_url_is_text():
    tree = parsed(snapshot())

    documents = tree.findall(".//tbody/tr/td")[3]
    with_url, without_url = items(documents)
    assert with_url.find(".//a").get("href") == "https://acme.example/privacy"
    assert words(without_url) == "Agreement with Borealis Cloud"
    assert without_url.find(".//a") is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//evil.com/",
        "https://good.example@evil.com/",
        'https://a.example/" onclick="alert(1)',
        "ftp://a.example/",
    ],
)
def test_a_document_with_a_hostile_url_is_text(url):
    item = DocumentItem("d", None, DocumentKind.OTHER, "Policy", url)
    hostile = listing(documents=Cell((item,), basis=Basis.STATED))

    documents = parsed(snapshot(hostile)).findall(".//tbody/tr/td")[3]

    assert documents.find("span").findall(".//a") == []
    assert words(documents.find("span")) == f"Policy ({url})"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7|add:7 }}",
        "&lt;b&gt;",
        "'; --",
        "</td>",
    ],
)
def test_a_hostile_name_is_printed_as_it_is(name):
    item = ModelItem("m", inline.escape(name), (1,))
    tree = parsed(snapshot(listing(models=Cell((item,))), title=name))

    assert words(tree.find(".//tbody/tr/th/span")) == f"{name}1"
    assert words(tree.find(".//h1")) == name
    assert not list(tree.iter("script"))
    assert not list(tree.iter("img"))
    assert f"Back to {name}, row 1" in [link.get("aria-label") for link in tree.iter("a")]


def test_prose_is_paragraphs_with_emphasis_and_links():
    tree = parsed(
        snapshot(prose="One *two* **three** [four](https://a.example/x).\n\nNext \\*line\\*.")
    )

    paragraphs = tree.findall(".//div[@class='prose']/p")
    assert [words(paragraph) for paragraph in paragraphs] == ["One two three four.", "Next *line*."]
    assert [link.get("href") for link in paragraphs[0].iter("a")] == ["https://a.example/x"]
    assert words(paragraphs[0].find("em")) == "two"
    assert words(paragraphs[0].find("strong")) == "three"


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("mailto:a@a.example", "mailto:a@a.example"),
        ("./assistant.md", "https://help.example/docs/assistant.md"),
        ("/assistant", "https://help.example/assistant"),
        ("../../..//evil.com", None),
        ("//evil.com", None),
        ("///evil.com", None),
        ("/\\evil.com", None),
        ("\\\\evil.com", None),
        ("javascript:alert(1)", None),
        ("java&#115;cript:alert(1)", None),
        ("data:text/html,x", None),
        ("http://a.example/", None),
    ],
)
def test_a_link_in_a_note_is_kept_only_if_its_address_may_be_published(link, href):
    tree = parsed(
        snapshot(notes=(f"See [the words]({link}).",) * 2, link_base="https://help.example/docs/")
    )

    note = by_id(tree)["note-1"]
    hrefs = [
        a.get("href") for a in note.iter("a") if a.get("role") != "doc-backlink" and a.get("href")
    ]
    assert all(
        not found.startswith("//") and "evil.com" not in found.split("/")[2:3] for found in hrefs
    )
    if href:
        assert hrefs == [href]
    else:
        assert not any(found.startswith(("http:", "javascript", "data")) for found in hrefs)
    assert "the words" in words(note)


def test_a_path_only_link_without_a_base_is_text():
    note = by_id(parsed(snapshot(notes=("See [the words](./x.md).", "-"))))["note-1"]

    assert [a.get("href") for a in note.iter("a") if a.get("role") != "doc-backlink"] in (
        [],
        [None],
    )
    assert words(note).startswith("See the words.")


def test_html_and_images_in_markdown_are_text():
    tree = parsed(
        snapshot(
            prose="<b onclick=x>bold</b> ![image](https://a.example/i.png) <script>alert(1)</script>"
        )
    )

    prose = tree.find(".//div[@class='prose']")
    assert {element.tag for element in prose.iter()} == {"div", "p", "a"}
    assert "<script>alert(1)</script>" in words(prose)


def test_a_line_break_in_a_note_is_printed():
    note = by_id(parsed(snapshot(notes=("One line.\\\nAnother\nline.", "-"))))["note-1"]

    assert len(note.findall("br")) == 1


def test_the_body_does_not_name_a_publication():
    assert "ublication" not in html_body(snapshot())


def test_artefacts_are_the_file_of_every_format_and_the_body():
    value = snapshot()

    files = artefacts(value)

    assert set(files) == {"json", "md", "csv", "html"}
    assert files["json"] == value.canonical_bytes()
    assert files["html"] == html_body(value).encode()
    assert files["md"].decode().startswith("# Models and privacy\n")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pw@evil.example/",
        "https://127.0.0.1/",
        "http://acme.example/",
        "./page.md",
        "//evil.example",
    ],
)
def test_a_link_that_may_not_be_published_becomes_text(url):
    html = html_body(snapshot(notes=(f"See [the *text*]({url}).", "Two.")))

    assert "See the <em>text</em>." in html
    assert "<a>" not in html


def test_the_first_column_is_the_row_header_whatever_its_role():
    tree = parsed(text_page(text_table(("Acme GmbH", "Hosting"), ("Borealis", "Mail"))))

    headers = [words(row.find("th")) for row in tree.findall(".//tbody/tr")]
    assert headers == ["Acme GmbH", "Borealis"]
    assert {row.find("th").get("scope") for row in tree.findall(".//tbody/tr")} == {"row"}


def test_a_table_with_one_column_has_a_link_in_its_row_header():
    row = parsed(text_page(text_table(("Acme",), labels=("Name",)))).find(".//tbody/tr")

    assert words(row.find("th/span")) == "Acme"
    assert row.find("th/a[@class='permalink']").get("href") == "#listing-s-0"


def test_prose_without_a_table_prints_no_table():
    tree = parsed(text_page(Section("s", "Nothing is sent to anybody.")))

    assert words(tree.find(".//div[@class='prose']")) == "Nothing is sent to anybody."
    assert tree.find(".//table") is None


def test_prose_has_headings_lists_quotes_and_rules():
    prose = "## Chat\n\n- one\n- two\n\n3. three\n\n> quoted\n\n***\n\nEnd."
    block = parsed(text_page(Section("s", prose))).find(".//div[@class='prose']")

    assert [element.tag for element in block] == ["h2", "ul", "ol", "blockquote", "hr", "p"]
    assert [words(item) for item in block.findall("ul/li")] == ["one", "two"]
    assert block.find("ol").get("start") == "3"


def test_headings_leave_no_level_out_below_the_title():
    sections = (
        Section("a", "### Chat\n\n##### In private\n\n### Search"),
        Section("b", "## More\n\n# Title"),
    )

    tree = parsed(text_page(*sections))

    headings = [e for e in tree.find(".//main").iter() if e.tag in {f"h{n}" for n in range(1, 7)}]
    assert [(heading.tag, words(heading)) for heading in headings] == [
        ("h1", "Models and privacy"),
        ("h2", "Chat"),
        ("h3", "In private"),
        ("h2", "Search"),
        ("h2", "More"),
        ("h2", "Title"),
    ]


def test_a_table_is_named_by_the_nearest_heading_above_it():
    tree = parsed(
        text_page(
            text_table(("One", "x"), id="a", prose="Before any heading."),
            text_table(("Two", "x"), id="b", prose="## Chat\n\n### Private\n\n> #### Quoted"),
            text_table(("Three", "x"), id="c"),
        )
    )

    ids = by_id(tree)
    named = [words(ids[table.get("aria-labelledby")]) for table in tree.iter("table")]
    assert named == ["Models and privacy", "Private", "Private"]


def test_two_headings_of_one_wording_have_ids_of_their_own():
    ids = by_id(parsed(text_page(Section("a", "## Chat"), Section("b", "## Chat"))))

    assert {"section-chat", "section-chat-2"} <= set(ids)


def test_rows_are_counted_through_all_tables():
    tree = parsed(
        text_page(text_table(("One", "x"), id="a"), text_table(("Two", "x"), id="b")),
    )

    links = [link.get("aria-label") for link in tree.iter("a") if link.get("class") == "permalink"]
    assert links == ["Link to row 1", "Link to row 2"]


def test_an_empty_claim_prints_an_empty_cell():
    empty = Cell((), basis=Basis.STATED, use=TrainingUse.NOT_STATED)

    cell = parsed(snapshot(listing(training=empty))).findall(".//tbody/tr/td")[1]

    assert (list(cell), words(cell)) == ([], "")


def test_a_link_in_a_claim_stays_where_it_stands():
    text = "30 days, [see the terms](https://acme.example/terms) \\*"
    claim = Cell((ClaimItem(text, (1,)),), basis=Basis.STATED, clauses=())

    cell = parsed(snapshot(listing(retention=claim))).findall(".//tbody/tr/td")[2]

    assert words(cell) == "30 days, see the terms *1"
    assert cell.find(".//bdi/a").get("href") == "https://acme.example/terms"
    assert words(cell.find(".//bdi/a")) == "see the terms"


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("mailto:a@a.example", "mailto:a@a.example"),
        ("./assistant.md", "https://help.example/docs/assistant.md"),
        ("//evil.com", None),
        ("/\\evil.com", None),
        ("javascript:alert(1)", None),
        ("java&#115;cript:alert(1)", None),
        ("data:text/html,x", None),
        ("http://a.example/", None),
        ("https://user@evil.example/", None),
    ],
)
def test_a_link_in_a_cell_is_kept_only_if_its_address_may_be_published(url, href):
    provider = Cell((ProviderItem("acme", f"[Acme]({url}) Inc."),))
    page = snapshot(listing(providers=provider), link_base="https://help.example/docs/")

    cell = parsed(page).find(".//tbody/tr/td")

    assert [link.get("href") for link in cell.iter("a")] == ([href] if href else [])
    assert words(cell) == "Acme Inc."


def test_several_items_are_a_list_and_one_is_none():
    places = Cell((TextItem("Germany", "DE"), TextItem("Ireland", "IE", (1,))))
    section = Section(
        "s",
        columns=(
            Column("name", "Name", ColumnRole.TEXT),
            Column("places", "Where", ColumnRole.PLACES),
        ),
        listings=(Listing("l", {"name": Cell((TextItem("Acme"),)), "places": places}),),
    )

    row = parsed(text_page(section, notes=("A note.",))).find(".//tbody/tr")

    assert items(row.find("th")) == []
    assert [words(item) for item in items(row.find("td"))] == ["Germany", "Ireland1"]


def test_a_text_without_style_has_a_comma_and_a_line_break_between_items():
    header = parsed(snapshot()).find(".//tbody/tr/th")

    assert words(header) == "Acme One1, Acme Two"
    assert len(list(header.iter("br"))) == 2


def test_a_model_alone_in_its_cell_has_its_anchor():
    row = listing(models=models_cell(Model("acme-one", "Acme One")))

    assert words(by_id(parsed(snapshot(row)))["model-acme-one"]) == "Acme One"


def test_a_label_is_words_and_no_markdown():
    tree = parsed(text_page(text_table(("Acme",), labels=("[Where](https://a.example/) <b>*",))))

    assert words(tree.find(".//thead//th")) == "[Where](https://a.example/) <b>*"
    assert tree.find(".//thead//th/a") is None
    assert tree.find(".//tbody//th").get("data-label") == "[Where](https://a.example/) <b>*"


@pytest.mark.parametrize(("columns", "is_wide"), [(1, False), (7, False), (8, True), (13, True)])
def test_a_table_of_many_columns_is_given_more_room(columns, is_wide):
    texts = ("x",) * columns

    table = parsed(text_page(text_table(texts, labels=texts))).find(".//table")

    assert ("many" in table.get("class").split()) is is_wide
