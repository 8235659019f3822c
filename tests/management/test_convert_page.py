import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.page.formats.markdown.test_writer import PAGE

ROOT = Path(__file__).resolve().parents[2]


def _run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command as an operator does: no database, no secret key."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "sqlite:////nowhere/registry.sqlite3",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "convert_page", *arguments],
        cwd=ROOT, env=environment, input=given, capture_output=True, check=False,
    )  # fmt: skip


def _convert(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> bytes:
    call_command("convert_page", *arguments)
    return capsysbinary.readouterr().out


def test_a_page_goes_to_json_and_back(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]):
    page, data = tmp_path / "page.md", tmp_path / "page.json"
    page.write_text(PAGE)

    data.write_bytes(_convert(capsysbinary, str(page), "--to", "json"))

    assert _convert(capsysbinary, str(data), "--to", "md").decode() == PAGE
    assert _convert(capsysbinary, str(data), "--from", "json", "--to", "csv").startswith(
        b'"listing_id"'
    )


@pytest.mark.parametrize(("target", "is_told"), [("json", True), ("csv", True), ("md", False)])
def test_made_up_ids_are_said_to_be_no_published_ones(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], target: str, is_told: bool
):
    page = tmp_path / "page.md"
    page.write_text(PAGE)

    call_command("convert_page", str(page), "--to", target)

    errors = capfdbinary.readouterr().err.decode()
    assert ("no published ones" in errors) is is_told


@pytest.mark.parametrize("slug", ["record", "a/b", "語" * 67], ids=["taken", "path", "long"])
def test_a_slug_that_no_register_can_have_is_refused_with_its_place(
    tmp_path: Path, capsysbinary, slug
):
    page, data = tmp_path / "page.md", tmp_path / "page.json"
    page.write_text(PAGE)
    content = json.loads(_convert(capsysbinary, str(page), "--to", "json"))
    data.write_text(json.dumps(content | {"register": {**content["register"], "slug": slug}}))

    with pytest.raises(CommandError, match=r"page\.json: \$\.register: "):
        call_command("convert_page", str(data), "--to", "md")


def test_a_page_whose_title_is_a_reserved_word_gets_another_slug(tmp_path: Path, capsysbinary):
    page, data = tmp_path / "page.md", tmp_path / "page.json"
    page.write_text(PAGE.replace(PAGE.splitlines()[0], "# Record"))

    data.write_bytes(_convert(capsysbinary, str(page), "--to", "json"))

    assert json.loads(data.read_text())["register"]["slug"] == "record-2"
    assert _convert(capsysbinary, str(data), "--to", "md").startswith(b"# Record\n")


def test_standard_input_and_output_carry_the_exact_bytes():
    done = _run("-", "--to", "md", given=PAGE.replace("\n", "\r\n").encode())

    assert (done.returncode, done.stdout.decode()) == (0, PAGE)
    assert done.stderr.decode().endswith("-: Line 1: Line ends became line feeds.\n")


def test_bad_input_ends_with_one_sentence_and_status_2():
    done = _run("-", "--to", "json", given=b"# Title\n")

    assert (done.returncode, done.stdout) == (2, b"")
    message = "-: Line 2, column 1: the page ends after its title. Add a text or a table.\n"
    assert done.stderr.decode().endswith(message)
    assert done.stderr.count(b"\n") == 1


def test_wrong_usage_ends_with_status_2():
    assert _run("-", "--to", "docx").returncode == 2


@pytest.mark.parametrize("name", ["missing.md", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str):
    with pytest.raises(CommandError, match="cannot be read") as refusal:
        call_command("convert_page", str(tmp_path / name), "--to", "md")

    assert refusal.value.returncode == 2


def test_a_table_is_recognised_and_gets_its_title(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
):
    table = tmp_path / "vendors.txt"
    table.write_text("Vendor;Purpose\nAcme;Hosting\n")

    call_command("convert_page", str(table), "--to", "md", "--title", "Our vendors")

    done = capfdbinary.readouterr()
    assert done.out.decode() == (
        "# Our vendors\n\n| Vendor | Purpose |\n| :----- | :------ |\n| • Acme | Hosting |\n"
    )
    assert "Line 1: The cells are divided by semicolons, not commas." in done.err.decode()


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("vendors.csv", [], "has no title, and a page needs one. Give it with the file: --title"),
        ("vendors.csv", ["--from", "md"], "the page has no title"),
    ],
)
def test_a_title_is_asked_for_where_there_is_none(
    tmp_path: Path, name: str, arguments: list[str], message: str
):
    table = tmp_path / name
    table.write_text("Vendor\nAcme\n")

    with pytest.raises(CommandError, match=message) as refusal:
        call_command("convert_page", str(table), "--to", "md", *arguments)

    assert refusal.value.returncode == 2


@pytest.mark.parametrize(("flavour", "expected"), [
    ("gfm", "| • {{ 1 }}<br>• Due |"), ("vitepress", "| • <span v-pre>\\{\\{</span> 1 \\}\\}<br>• Due |"),
    ("mdx", "| • \\{\\{ 1 \\}\\}<br />• Due |"), ("mkdocs", "| • &#123;&#123; 1 &#125;&#125;<br>• Due |"),
])  # fmt: skip
def test_a_page_is_written_for_a_site_builder(flavour: str, expected: str):
    page = b"# Title\n\n| Model |\n| --- |\n| {{ 1 }}<br>Due |\n"

    done = _run("-", "--to", "md", "--for", flavour, given=page)

    assert done.returncode == 0
    assert expected in done.stdout.decode().splitlines()


def test_a_site_builder_gets_no_other_format_than_markdown():
    done = _run("-", "--to", "csv", "--for", "mdx", given=PAGE.encode())

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().endswith(
        "--for mdx is for Markdown. Write --to md, or leave out --for.\n"
    )


def test_options_are_not_abbreviated():
    done = _run("-", "--to", "md", "--fro", "md", given=PAGE.encode())

    assert (done.returncode, done.stdout) == (2, b"")
    assert "unrecognized arguments: --fro md" in done.stderr.decode()


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """A page whose columns of hosts and of zero retention are not all known by their labels."""
    path = tmp_path / "hosts.md"
    path.write_text(
        "# Hosts\n\n| Run at | Zero data retention | Learns=x |\n|--|--|--|\n| Acme | No | No |\n"
    )
    return path


def test_the_columns_are_told_before_what_was_normalised(
    hosts: Path, capfdbinary: pytest.CaptureFixture[bytes]
):
    call_command("convert_page", str(hosts), "--to", "md")

    first, *lines = capfdbinary.readouterr().err.decode().splitlines()
    assert first == (
        f"{hosts}: What the page claims was guessed from its labels. Check each line; "
        "--column sets one."
    )
    assert lines == [
        f"{hosts}: Column “Run at”: text, which promises nothing (its label is not known). “Acme”.",
        f"{hosts}: Column “Zero data retention”: retention, asks is_not_kept (guessed from its "
        "label). “No”: all content kept, how long is not said.",
        f"{hosts}: Column “Learns=x”: text, which promises nothing (its label is not known). “No”.",
    ]


def test_columns_can_be_set(hosts: Path, capfdbinary: pytest.CaptureFixture[bytes]):
    call_command(
        "convert_page",
        str(hosts),
        "--to=json",
        "--column=Run at=providers",
        "--column=Zero data retention=retention:asks=is_not_kept",
        "--column=Learns=x=training:asks=trains",
    )

    done = capfdbinary.readouterr()
    assert [column["role"] for column in json.loads(done.out)["sections"][0]["columns"]] == [
        "providers",
        "retention",
        "training",
    ]
    assert "was guessed" not in done.err.decode()
    assert "training, asks trains (set). “No”: never used for training." in done.err.decode()


@pytest.mark.parametrize(("arguments", "day"), [([], None), (["--valid-until"], "2030-01-31")])
def test_the_day_on_which_a_footnote_ends_is_taken_if_that_is_asked_for(
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    arguments: list[str],
    day: str | None,
):
    page = tmp_path / "page.md"
    page.write_text("# A\n\n| Model |\n| - |\n| B* |\n\n* Contract ends 2030-01-31.\n")

    call_command("convert_page", str(page), "--to=json", *arguments)

    [footnote] = json.loads(capfdbinary.readouterr().out)["footnotes"]
    assert footnote["valid_until"] == day


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("Run at=provider", "--column: “provider” is no role."),
        ("Learns=x=training:asks=is_kept", "It is trains or does_not_train."),
        ("Seat=text", "The page has no column “Seat”. Its columns are “Run at”, “Zero"),
    ],
)
def test_a_column_that_cannot_be_set_is_refused(hosts: Path, column: str, message: str):
    with pytest.raises(CommandError, match=re.escape(message)) as refusal:
        call_command("convert_page", str(hosts), "--to=md", "--column", column)

    assert refusal.value.returncode == 2


def test_json_says_itself_what_its_columns_mean(
    hosts: Path, capsysbinary: pytest.CaptureFixture[bytes]
):
    page = hosts.with_name("page.json")
    page.write_bytes(_convert(capsysbinary, str(hosts), "--to", "json"))

    with pytest.raises(CommandError, match="JSON says itself"):
        call_command("convert_page", str(page), "--to=md", "--column=Run at=providers")
