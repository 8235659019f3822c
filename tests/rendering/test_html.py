"""The HTML body, read with html5lib."""

import html5lib
import pytest

from compliance.page.snapshot import Document, Model, Snapshot
from compliance.page.vocabulary import DocumentKind
from compliance.rendering.html import artefacts, html_body, make_page_context
from tests.stores import listing, snapshot


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


def test_table_has_a_caption_and_column_headers():
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
    assert words(tree.find(".//caption")) == "Models and privacy"


def test_cells_contain_lists_and_name_their_column():
    tree = parsed(snapshot())

    cells = list(tree.find(".//tbody/tr"))
    assert [words(item) for item in cells[0].findall(".//li")] == ["Acme One1", "Acme Two"]
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
    assert words(headers[0]) == "Acme One1 Acme Two"
    link = row.find(".//a[@class='permalink']")
    assert (link.get("href"), link.get("aria-label")) == (f"#{row.get('id')}", "Link to row 1")


def test_the_id_of_a_model_or_provider_is_an_anchor_in_its_first_row():
    ids = by_id(
        parsed(snapshot(listing("a"), listing("b", models=(Model("acme-one", "Acme One", ()),))))
    )

    assert words(ids["model-acme-one"]) == "Acme One1"
    assert words(ids["provider-borealis"]) == "Borealis Cloud"
    assert not {id for id in ids if id.startswith(("model-", "provider-")) and id.endswith("-2")}


@pytest.mark.parametrize(
    ("language", "direction"), [("en", None), ("ar", "rtl"), ("he-IL", "rtl"), ("hen", None)]
)
def test_a_page_has_the_direction_of_its_language(language, direction):
    main = parsed(snapshot(language=language)).find(".//main")

    assert (main.get("lang"), main.get("dir")) == (language, direction)


def test_a_name_keeps_its_own_direction():
    tree = parsed(snapshot(listing(models=(Model("m", "נובה 2 (חשיבה)", (1,)),))))

    assert words(tree.find(".//tbody/tr/th//bdi")) == "נובה 2 (חשיבה)"


def test_clauses_are_shown_on_request():
    assert "all content kept 30 days" not in html_body(snapshot())
    retention = make_page_context(snapshot(), clauses=True).rows[0].cells[3]
    assert (retention.items[0].text, retention.clauses) == (
        "30 days",
        ("all content kept 30 days",),
    )


def test_ids_stay_the_same_if_a_row_is_added_before():
    alone = by_id(parsed(snapshot(listing("kept"))))
    second = by_id(parsed(snapshot(listing("added"), listing("kept"))))

    assert "listing-kept" in alone
    assert set(alone) <= set(second)


def test_ids_differ_if_a_row_names_a_model_twice():
    twice = listing(
        models=(Model("acme-one", "Acme One", (1,)), Model("acme-one", "Acme One", (1,)))
    )

    assert {"ref-1-first-acme-one", "ref-1-first-acme-one-2"} <= set(by_id(parsed(snapshot(twice))))


def test_an_id_is_safe_whatever_the_listing_is_called():
    hostile = listing('"><script>x</script> y')

    assert "listing-script-x-script-y" in by_id(parsed(snapshot(hostile)))


def test_a_document_without_url_is_text():
    tree = parsed(snapshot())

    documents = tree.findall(".//tbody/tr/td")[3]
    assert [link.get("href") for link in documents.findall(".//li//a")] == [
        "https://acme.example/privacy"
    ]
    assert words(documents.find("ul")).endswith("Agreement with Borealis Cloud")


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
    hostile = listing(documents=(Document(None, DocumentKind.OTHER, "Policy", url, ()),))

    documents = parsed(snapshot(hostile)).findall(".//tbody/tr/td")[3]

    assert documents.findall(".//li//a") == []
    assert words(documents.find("ul")) == f"Policy ({url})"


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
    tree = parsed(snapshot(listing(models=(Model("m", name, (1,)),)), title=name))

    assert words(tree.find(".//tbody/tr/th/ul/li")) == f"{name}1"
    assert words(tree.find(".//h1")) == name
    assert not list(tree.iter("script"))
    assert not list(tree.iter("img"))
    assert f"Back to {name}, row 1" in [link.get("aria-label") for link in tree.iter("a")]


def test_introduction_is_paragraphs_with_emphasis_and_links():
    tree = parsed(
        snapshot(intro="One *two* **three** [four](https://a.example/x).\n\nNext \\*line\\*.")
    )

    paragraphs = tree.findall(".//div[@class='intro']/p")
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
            intro="<b onclick=x>bold</b> ![image](https://a.example/i.png) <script>alert(1)</script>"
        )
    )

    intro = tree.find(".//div[@class='intro']")
    assert {element.tag for element in intro.iter()} == {"div", "p", "a"}
    assert "<script>alert(1)</script>" in words(intro)


def test_a_line_break_in_a_note_is_printed():
    note = by_id(parsed(snapshot(notes=("One line.\nAnother line.", "-"))))["note-1"]

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
