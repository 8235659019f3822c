"""Ten registers in ten shapes: made in the admin, published, exported and imported again."""

import csv
import json
from functools import partial
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import TestCase
from jsonschema import Draft202012Validator

from compliance.models import Register
from compliance.page import inline, snapshot
from compliance.published import writer
from compliance.workingcopy.resolve import capture
from tests.forms import read
from tests.shapes.desk import make_public, typed_texts
from tests.shapes.registers import SHAPES, Shape

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def build(shape: Shape) -> Register:
    """Make the register public; what follows a commit happens although a test commits nothing."""
    writer.complete()
    with TestCase.captureOnCommitCallbacks(execute=True):
        return make_public(shape)


# One object for each shape, so that its scene is built once.
BUILDERS = {shape: partial(build, shape) for shape in SHAPES}


# Of the module, so that the tests of a shape follow each other, and most run where its scene is.
@pytest.fixture(params=SHAPES, ids=str, scope="module")
def shape(request) -> Shape:
    return request.param


@pytest.fixture
def register(scene, shape) -> Register:
    """The register, made in the admin and published."""
    return scene(BUILDERS[shape])


def export(capsysbinary, register: Register, to: str) -> bytes:
    """Return what the command `export_page` writes."""
    capsysbinary.readouterr()
    call_command("export_page", register=register.slug, to=to)
    return capsysbinary.readouterr().out


def import_file(path, slug: str) -> tuple[str, str]:
    """Import a page; return what the command says, and its notes."""
    said, notes = StringIO(), StringIO()
    call_command("import_page", path, register=slug, reason="Again", stdout=said, stderr=notes)
    return said.getvalue(), notes.getvalue()


def words(text: str) -> str:
    return " ".join(inline.plain(text).split())


def test_the_public_page_shows_every_text_that_was_typed(client, shape, register):
    page = client.get(f"/{register.slug}/")

    shown = read(page)
    assert page.status_code == 200
    assert [text for text in typed_texts(shape) if words(text) not in shown] == []
    assert [note for note in shape.notes if words(note) not in shown] == []


def test_each_format_is_exported_and_served_alike(client, capsysbinary, shape, register):
    files = {to: export(capsysbinary, register, to) for to in ("md", "json", "csv")}

    for name, content in files.items():
        assert client.get(f"/{register.slug}.{name}").content == content
    markdown = files["md"].decode()
    assert [label for part in shape.parts for label in _labels(part) if label not in markdown] == []
    assert snapshot.Snapshot.from_dict(json.loads(files["json"])) == capture(register)
    lines = list(csv.DictReader(StringIO(files["csv"].decode())))
    assert len(lines) >= sum(len(part.rows) for part in shape.parts)


def _labels(part):
    return [column.label for column in part.columns]


@pytest.mark.parametrize("to", ["md", "json"])
def test_an_export_is_imported_again_without_a_difference(capsysbinary, tmp_path, register, to):
    file = tmp_path / f"page.{to}"
    file.write_bytes(export(capsysbinary, register, to))
    before = capture(register)

    said, _ = import_file(file, register.slug)

    assert said == "Nothing differs.\n"
    assert capture(register) == before


def test_markdown_is_imported_as_another_register_that_prints_the_same(
    capsysbinary, tmp_path, register
):
    file = tmp_path / "page.md"
    file.write_bytes(export(capsysbinary, register, "md"))

    import_file(file, "another")

    other = capture(Register.objects.get(slug="another"))
    assert other.printed() == capture(register).printed()


def test_the_api_answers_as_its_document_says(client, register):
    document = client.get("/api/v1/openapi.json").json()
    faults = {}

    for name in ("listings", "offerings", "models", "providers", "fit", "export"):
        path = f"/api/v1/registers/{{slug}}/{name}/"
        answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
        schema = {**answer["schema"], "components": document["components"]}
        given = client.get(path.format(slug=register.slug)).json()
        faults[name] = list(Draft202012Validator(schema).iter_errors(given))

    assert [name for name, found in faults.items() if found] == []


def test_the_api_gives_every_listing_in_the_order_of_the_page(client, register):
    given = client.get(f"/api/v1/registers/{register.slug}/listings/").json()

    assert [entry["id"] for entry in given["results"]] == [
        str(listing.pk) for listing in register.listings
    ]


@pytest.mark.parametrize("question", ["fit", "filter"])
def test_a_reader_s_question_is_answered(client, register, question):
    page = client.get(f"/{register.slug}/{question}/?training=never&longest=P30D")

    assert page.status_code == 200


def test_the_site_is_exported_with_the_register(settings, tmp_path, register):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://privacy.example", ["privacy.example"]
    settings.STATIC_ROOT = settings.BASE_DIR / "compliance" / "static"

    call_command("export_site", tmp_path / "site", stdout=StringIO(), stderr=StringIO())

    public = tmp_path / "site" / "current" / "public"
    for name in (f"{register.slug}/index.html", f"{register.slug}.md", f"{register.slug}.json"):
        assert (public / name).stat().st_size
