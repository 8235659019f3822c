import io
import zipfile

import pytest

from compliance.page.formats import FORMATS, TitleFault, Unreadable, json, markdown
from compliance.page.formats.reader import read
from compliance.page.formats.recognition import recognised
from tests.page.formats.csv.test_reader import SERVICES
from tests.page.formats.markdown.test_writer import PAGE


def archive(*names: str, mimetype: str = "") -> bytes:
    """Return a ZIP archive of empty files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        if mimetype:
            made.writestr("mimetype", mimetype)
        for name in names:
            made.writestr(name, "")
    return target.getvalue()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (PAGE, "md"),
        (f"\ufeff{PAGE}", "md"),
        ("", "md"),
        ("Models & privacy\n======\n\nText, and more, of it.\n", "md"),
        ("Text before, with commas,\nand more, of it.\n\n# Title\n\nText.\n", "md"),
        ("Uno, Due | Provider\n---|---\na, b | c\n", "md"),
        ("---\ntitle: a, b\n---\n\n# Title\n", "md"),
        ("We use AI, and say so.\nEach month, we look again.\n", "md"),
        (f"{'We use AI' * 20}, and say so, now.\nEach month, we look, again.\n", "md"),
        ("[A, b](https://acme.example/a,b)\n\n# Title\n", "md"),
        (SERVICES, "csv"),
        (f"\ufeff\n{SERVICES}", "csv"),
        (SERVICES.replace("\n", "\r\n"), "csv"),
        ("Model\tProvider\nUno\tAcme\nDue\tAcme\n", "csv"),
        ("#\tModel\tProvider\n1\tUno\tAcme\n", "csv"),
        ("#,Model,Provider\n1,Uno,Acme\n", "csv"),
        ("Model;Provider\nUno;Acme\n", "csv"),
        ("sep=;\nModel;Provider\n", "csv"),
        ("Our models,,\nModel,Provider,Policy\nUno,Acme,x\n", "csv"),
        ("Our models\nModel,Provider,Policy\nUno,Acme,x\n", "csv"),
        ("Model,Provider,Policy\nUno,Acme\nDue,Acme,x\n", "csv"),
        ('{"schema": "register/1"}', "json"),
        ("[1, 2]", "json"),
    ],
)
def test_a_format_is_recognised_by_the_content(source: str, name: str):
    assert recognised(source.encode()) == name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("page.csv", "csv"),
        ("PAGE.TSV", "csv"),
        ("a/page.json", "json"),
        ("page.md", "md"),
        ("page.txt", "md"),
        ("-", "md"),
    ],
)
def test_the_name_of_a_file_tells_its_format(file: str, name: str):
    assert recognised(b"Provider\nAcme\n", name=file) == name
    assert recognised(b'{"schema": "register/1"}', name=file) == "json"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (archive("[Content_Types].xml", "xl/workbook.xml")[:200], "an Excel workbook"),
        (archive("[Content_Types].xml", "word/document.xml"), "a Word document"),
        (archive("ppt/presentation.xml"), "a PowerPoint presentation"),
        (archive("Index/Document.iwa"), "a file of Numbers or Pages"),
        (
            archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
            "an OpenDocument spreadsheet",
        ),
        (archive(mimetype="application/vnd.oasis.opendocument.text"), "an OpenDocument text"),
        (archive("export/page.md"), "a ZIP archive"),
        (b"PK\x03\x04 and no more", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "a Word doc"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "an Office file with a password",
        ),
        (b"%PDF-1.7\n", "a PDF"),
        (rb"{\rtf1\ansi", "a text in RTF"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\xff\xd8\xff\xe0", "an image"),
        (b"\x1f\x8b\x08\x00", "a compressed file"),
        (b"<!DOCTYPE html>\n<html>", "a web page in HTML"),
        (b"\xef\xbb\xbf\r\n<!-- saved -->\n<HTML lang=en>", "a web page in HTML"),
        (b"<table><tr><td>Uno</td></tr></table>", "a web page in HTML"),
        (b'<?xml version="1.0"?>\n<html xmlns="x">', "a web page in HTML"),
        (b'<?xml version="1.0"?>\n<a/>', "a file in XML"),
        (
            b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "a file in XML. Open it, save the sheet",
        ),
        (b"Date: Mon, 1 Jan\r\nMIME-Version: 1.0\r\n", "a saved web page"),
    ],
)
@pytest.mark.parametrize("syntax", ["", *FORMATS])
def test_other_files_are_named_for_what_they_are(source: bytes, kind: str, syntax: str):
    with pytest.raises(Unreadable, match=kind) as refusal:
        read(source, syntax=syntax, title="Models & privacy")

    assert (
        "Markdown" in str(refusal.value)
        or "CSV" in str(refusal.value)
        or kind
        in (
            "a ZIP archive",
            "a compressed file",
        )
    )


@pytest.mark.parametrize(
    "source",
    [
        b'[{"name": "Acme", "purpose": "Hosting"}]',
        b'{"subprocessors": []}',
        b'{"name": "Acme"}\n{"name": "Bolt"}\n',
        b'\xef\xbb\xbf{"schema": "register/2"}',
    ],
)
def test_the_json_of_others_is_refused_with_what_to_do(source: bytes):
    with pytest.raises(Unreadable, match="save it as CSV"):
        read(source)


@pytest.mark.parametrize("source", [PAGE.encode(), json.render(markdown.parse(PAGE))])
def test_a_page_with_a_title_takes_no_other(source: bytes):
    with pytest.raises(Unreadable, match="a title of its own"):
        read(source, title="Models & privacy")


@pytest.mark.parametrize(
    "page", ["{}", "Some text.\n\n{}", "## Section\n\n{}", "---\nid: a\n---\n{}"]
)
def test_a_page_in_markdown_without_a_title_takes_one(page: str):
    source = page.format("| Model | Provider |\n|---|---|\n| Uno | Acme |\n").encode()

    snapshot = read(source, syntax="md", title="Our *models*").snapshot

    assert snapshot.register.title == "Our *models*"
    assert [model.name for model in snapshot.models] == ["Uno"]
    assert markdown.parse(markdown.render(snapshot)) == snapshot


def test_a_page_in_markdown_without_a_title_is_refused_with_what_to_do():
    source = b"\n| Model | Provider |\n|---|---|\n| Uno | Acme |\n"

    with pytest.raises(TitleFault, match=r"Line 2, column 1: the page has no title.* --title"):
        read(source)
    with pytest.raises(TitleFault, match="cannot be used"):
        read(source, title="a\x00b")


@pytest.mark.parametrize(
    "source",
    [
        b"||Model||Provider||\n|Uno|Acme|\n",
        b"h1. Vendors\r\n\r\n||Model||Provider||\r\n| Uno | Acme |\r\n",
        b"Our vendors\n|| Model || Provider || Trains ||\n|Uno|Acme|No|",
    ],
)
def test_wiki_markup_is_named(source: bytes):
    with pytest.raises(Unreadable, match="This is wiki markup of Confluence or Jira"):
        read(source)


@pytest.mark.parametrize(
    "table",
    [
        "||Provider||\n|---|---|---|\n|Uno|Acme|No|",
        "||Provider||\n| :-: |---|---|\n|Uno|Acme|No|",
        "|Model|Provider|Trains|\n|---|---|---|\n||Acme||\n|Uno|Acme|No|",
    ],
)
def test_a_table_in_markdown_with_empty_cells_is_no_wiki_markup(table: str):
    assert read(f"# A\n\n{table}\n".encode()).snapshot.register.title == "A"
