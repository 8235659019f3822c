"""The commands: what they print, their exit status, and that bad input changes nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError

from compliance.models import Changeset, Publication, Register, User
from compliance.page.formats import FORMATS, Format, markdown
from tests.databases import once
from tests.factories import (
    make_document,
    make_listing,
    make_model,
    make_provider,
    make_register,
    make_user,
)
from tests.page.formats.test_recognition import archive
from tests.pages import ACME, page, row
from tests.publications import published
from tests.signing_in import may_open_admin, send_code, sign_in_by_password

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
PAGE = markdown.render(page(row("GPT 6", "Acme", documents=ACME)))


@pytest.fixture
def file(tmp_path):
    """Write a file and return its path."""

    def write(content, name="page.md"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture
def manifest(file):
    """Write a manifest of two pages, the second with another model."""
    file(PAGE, "one.md")
    file(PAGE.replace("GPT 6", "GPT 7"), "two.md")
    rows = [
        "published_at\tpath\tsummary",
        "2025-01-09T10:00:00+02:00\tone.md\tBegin",
        "2025-02-01\ttwo.md\tReplace",
    ]
    return file("\n".join(rows) + "\n", "history.tsv")


def refused(*args, **options):
    """Return the sentence of a command that refuses with exit code 2."""
    with pytest.raises(CommandError) as caught:
        call_command(*args, **options)
    assert caught.value.returncode == 2
    return str(caught.value)


def exported(capfdbinary, *args):
    call_command("export_page", "--register", "register", *args)
    return capfdbinary.readouterr().out


def test_import_page_tells_what_it_did(file, capsys):
    call_command("import_page", file(PAGE), "--register", "register", "--reason", "Begin")

    assert capsys.readouterr().out.splitlines() == [
        "Created the register register.", "New row: GPT 6, through Acme. Training: “No”. Retention: “30 days”.",
    ]  # fmt: skip
    assert Changeset.objects.get().reason == "Begin"
    assert Changeset.objects.get().label


def test_import_page_again_tells_that_nothing_differs(file, capsys):
    for _ in range(2):
        call_command("import_page", file(PAGE), "--register", "register", "--reason", "Begin")

    assert capsys.readouterr().out.splitlines()[-1] == "Nothing differs."


def test_import_page_takes_the_day_on_which_a_footnote_ends_if_that_is_asked_for(file):
    arguments = ["import_page", file(f"{PAGE}\n¹ Ends 2030-01-31.\n"), "--register", "register"]

    call_command(*arguments, "--reason", "Begin")
    footnote = Register.objects.get().footnotes.get()
    assert footnote.valid_until is None
    call_command(*arguments, "--reason", "Enter the end", "--valid-until")
    footnote.refresh_from_db()
    assert str(footnote.valid_until) == "2030-01-31"


def test_import_page_tells_how_new_columns_were_read(file, capsys):
    page = "# Hosts\n\n| Run at | No training |\n|--|--|\n| Acme | Yes |\n"
    arguments = ["--register", "register", "--reason", "Begin"]
    call_command("import_page", file(page), *arguments, "--column", "Run at=providers")
    told = capsys.readouterr().err
    assert "What the page claims was guessed from its labels." in told
    assert "Column “Run at”: providers (set). “Acme”." in told

    call_command("import_page", file(page), *arguments)

    assert capsys.readouterr().err == ""


def test_import_page_keeps_the_roles_of_the_registers_columns(file):
    page = file("# Hosts\n\n| Host | Notes |\n|--|--|\n| Acme | Mail |\n")
    arguments = ["import_page", page, "--register", "register", "--reason", "Begin"]
    call_command(*arguments)

    assert "a column keeps its role" in refused(*arguments, "--column", "Notes=places")
    assert "The page has no column “Note”" in refused(*arguments, "--column", "Note=places")


def test_import_page_reads_the_json_that_was_exported(file, capfdbinary):
    call_command("import_page", file(PAGE), "--register", "register", "--reason", "Begin")
    capfdbinary.readouterr()
    content = exported(capfdbinary, "--working", "--to", "json")

    call_command("import_page", file(content), "--register", "register", "--reason", "Again")

    assert capfdbinary.readouterr().out.splitlines() == [b"Nothing differs."]


def test_import_page_of_a_table_takes_a_title_or_keeps_that_of_the_register(file):
    table = "Vendor,Purpose\nAcme,Hosting\n"
    first, second = file(table, "1.csv"), file(f"{table}Bolt,Backups\n", "2.csv")
    arguments = ["--register", "register", "--reason", "Begin"]
    assert "has no title" in refused("import_page", first, *arguments)

    call_command("import_page", first, *arguments, "--title", "Our vendors")
    call_command("import_page", second, *arguments)

    register = Register.objects.get()
    assert register.title == "Our vendors"
    assert register.sections.get().listings.count() == 2


def test_import_page_names_a_workbook_for_what_it_is(file):
    workbook = archive("xl/workbook.xml")

    sentence = refused(
        "import_page", file(workbook, "vendors.csv"), "--register", "r", "--reason", "x"
    )

    assert sentence.startswith("This is an Excel workbook. Open it, save the sheet")


def test_import_page_by_a_user_carries_the_user(file):
    ann = make_user("ann")

    call_command(
        "import_page", file(PAGE), "--register", "register", "--reason", "Begin", "--by", "ann"
    )

    assert Changeset.objects.get().by == ann


def test_a_dry_run_changes_nothing(file, capsys):
    call_command(
        "import_page", file(PAGE), "--register", "register", "--reason", "Try", "--dry-run"
    )

    assert capsys.readouterr().out.splitlines()[-1] == "Dry run: nothing was changed."
    assert not Register.objects.exists()


@pytest.mark.parametrize(("content", "expected"), [
    (b"", "empty"),
    ("# T\n", "table"),
    (PAGE.replace(" | No |", " |"), "cells"),
    (PAGE.replace(" | No |", " | No | No |"), "cells"),
    (PAGE.replace("GPT 6", "GPT 6⁷"), "7"),
    (PAGE.encode() + b"\xff", "UTF-8"),
])  # fmt: skip
def test_a_page_that_cannot_be_read_is_refused_with_a_sentence(file, content, expected):
    sentence = refused("import_page", file(content), "--register", "register", "--reason", "Begin")

    assert expected in sentence
    assert sentence.endswith(".")
    assert not Register.objects.exists()


@pytest.mark.parametrize(("options", "expected"), [
    (["--reason", " "], "reason is empty"),
    (["--reason", "x", "--by", "nobody"], "no active user nobody"),
])  # fmt: skip
def test_import_page_without_reason_or_with_an_unknown_user_is_refused(file, options, expected):
    assert expected in refused("import_page", file(PAGE), "--register", "register", *options)
    assert not Register.objects.exists()


def test_import_page_of_a_file_that_is_not_there_is_refused():
    assert refused("import_page", "/no/such/page.md", "--register", "r", "--reason", "x") == (
        "/no/such/page.md cannot be read: No such file or directory."
    )


@pytest.mark.parametrize(
    ("slug", "told"),
    [
        ("admin", "name of another address"),
        ("record", "file of the site"),
        ("語" * 67, "200 bytes"),
    ],
    ids=["address", "file", "long"],
)
def test_a_slug_that_could_not_be_published_is_refused(file, manifest, slug, told):
    sentence = refused("import_page", file(PAGE), "--register", slug, "--reason", "x")
    of_history = refused("import_history", manifest, "--register", slug)

    assert told in sentence
    assert told in of_history


def test_the_working_copy_is_exported_as_it_was_imported(file, capfdbinary):
    call_command("import_page", file(PAGE), "--register", "register", "--reason", "Begin")
    capfdbinary.readouterr()

    assert exported(capfdbinary, "--working", "--to", "md") == PAGE.encode()


@pytest.mark.slow
def test_import_history_records_the_page_of_each_day(
    manifest, capfdbinary, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("import_history", manifest, "--register", "register")
    output = capfdbinary.readouterr().out.decode()

    assert (
        "Publication 2, in force from 2025-02-01 00:00 UTC:\n  GPT 7 takes the place of GPT 6."
        in output
    )
    assert exported(capfdbinary, "--as-of", "2025-01-31", "--to", "md") == PAGE.encode()
    assert exported(capfdbinary, "--publication", "1", "--to", "md") == PAGE.encode()
    assert exported(capfdbinary, "--to", "md") == PAGE.replace("GPT 6", "GPT 7").encode()
    assert exported(capfdbinary, "--to", "html").startswith(b"<main")


def test_import_history_tells_how_the_columns_of_the_first_page_were_read(
    manifest, file, capsys, django_capture_on_commit_callbacks
):
    head, first = "# Hosts\n\n| Host | Location | Trains |\n|--|--|--|\n", "| Acme | EU | No |\n"
    file(head + first, "one.md")
    # By itself, this column of answers would hold no places.
    file(head + first.replace("EU", "No"), "two.md")

    with django_capture_on_commit_callbacks(execute=True):
        call_command("import_history", manifest, "--register", "register")

    told = capsys.readouterr().err
    assert told.count("What the page claims was guessed from its labels. Check each line.") == 1
    assert told.count("Column “Location”: places (guessed from its label). “EU”.") == 1
    assert "two.md" not in told


@pytest.mark.parametrize(("change", "expected"), [
    (lambda text: text.replace("2025-02-01", "2025-01-01"), "does not come after"),
    (lambda text: text.replace("2025-02-01", "yesterday"), "yesterday is not a time"),
    (lambda text: text.replace("2025-02-01", "1990-02-01"), "is not in the years from 2000 on"),
    (lambda text: text.replace("2025-02-01", "9999-12-31T23:59:59-05:00"), "is not in the years from 2000 on"),
    (lambda text: text.replace("2025-02-01", "2025-02-01T10:00:00"), "no offset"),
    (lambda text: text.replace("2025-02-01", "2999-02-01"), "in the future"),
    (lambda text: text.replace("two.md", "three.md"), "three.md cannot be read"),
    (lambda text: text.replace("\tReplace", "\t "), "summary is empty"),
    (lambda text: text.replace("\tReplace", ""), "2 columns instead of 3"),
    (lambda text: text.replace("summary", "why"), "header must be"),
    (lambda text: text.splitlines()[0], "names no page"),
    (lambda text: "", "header must be"),
])  # fmt: skip
def test_a_wrong_manifest_is_refused_and_changes_nothing(manifest, file, change, expected):
    text = Path(manifest).read_text()

    assert expected in refused(
        "import_history", file(change(text), "history.tsv"), "--register", "register"
    )
    assert not Register.objects.exists()


def test_a_manifest_that_is_not_there_is_refused():
    assert "cannot be read" in refused("import_history", "/no/such.tsv", "--register", "register")


def test_a_broken_page_in_a_manifest_is_named(manifest, file):
    file("No title\n", "two.md")

    sentence = refused("import_history", manifest, "--register", "register")

    assert "line 3" in sentence
    assert "two.md" in sentence
    assert not Register.objects.exists()


def test_a_page_of_another_kind_in_a_manifest_is_named_for_what_it_is(manifest, file):
    file(archive("word/document.xml"), "two.md")

    sentence = refused("import_history", manifest, "--register", "register")

    assert "two.md: This is a Word document. Open it" in sentence


@pytest.mark.parametrize("args", [
    ["export_page", "--register", "nothing", "--to", "md"], ["check_register", "nothing"],
])  # fmt: skip
def test_an_unknown_register_is_refused_and_the_known_are_named(args):
    make_register(slug="register")

    assert refused(*args) == "There is no register nothing. The registers are: register."


@pytest.mark.parametrize(("options", "expected"), [
    ([], "has no publication in force"),
    (["--publication", "9"], "has no publication 9"),
    (["--as-of", "2020-01-01"], "has no publication in force on 2020-01-01"),
    (["--as-of", "2999-01-01"], "lies in the future"),
    (["--as-of", "1.1.2020"], "is not a day"),
    (["--as-of", "2020-02-30"], "is not a day"),
])  # fmt: skip
def test_export_page_refuses_a_publication_that_was_never_public(options, expected):
    make_register(slug="register")

    assert expected in refused("export_page", "--register", "register", "--to", "md", *options)


def test_export_page_refuses_a_format_that_is_younger_than_the_publication(
    monkeypatch, capfdbinary, editor, approver
):
    published(make_listing(make_register(slug="register")).register, editor, approver)
    added = Format("txt", "Text", "text/plain", lambda snapshot: b"A page")
    monkeypatch.setitem(FORMATS, "txt", added)

    with pytest.raises(CommandError) as caught:
        exported(capfdbinary, "--to", "txt", "--publication", "1")

    assert "has no file in this format, only csv, html, json, md." in str(caught.value)
    assert exported(capfdbinary, "--to", "txt", "--working") == b"A page"


def test_export_page_writes_the_frozen_and_the_working_page_for_a_site_builder(
    capfdbinary, editor, approver
):
    listing = make_listing(make_register(slug="register"), models=[make_model("{{ 6*7 }}")])
    published(listing.register, editor, approver)

    for options in (["--publication", "1"], ["--working"]):
        page = exported(capfdbinary, "--to", "md", "--for", "mdx", *options).decode()
        assert r"| • \{\{ 6\*7 \}\} |" in page
    assert exported(capfdbinary, "--to", "md", "--for", "gfm") == exported(
        capfdbinary, "--to", "md"
    )


def test_export_page_refuses_a_site_builder_for_another_format_than_markdown():
    sentence = refused("export_page", "--register", "register", "--to", "html", "--for", "mdx")

    assert sentence == "--for mdx is for Markdown. Write --to md, or leave out --for."


def test_check_register_ends_with_1_for_a_blocker(capsys):
    listing = make_listing(models=[])

    with pytest.raises(SystemExit) as ended:
        call_command("check_register", listing.register.slug)

    assert ended.value.code == 1
    assert "blocker: The row of Acme AI has no model." in capsys.readouterr().out


def test_check_register_tells_that_nothing_is_found(capsys):
    provider = make_provider("Acme")
    listing = make_listing(providers=[provider], documents=[make_document(provider)])

    call_command("check_register", listing.register.slug)

    assert capsys.readouterr().out == "The rules find nothing.\n"


def test_check_register_compares_with_a_catalogue(file, capsys):
    listing = make_listing(models=["GPT 6"])

    call_command(
        "check_register", listing.register.slug, "--catalogue", file('[{"name": "GPT 7"}]')
    )

    output = capsys.readouterr().out
    assert "warning: GPT 7 is in the catalogue, but not listed." in output
    assert "warning: GPT 6, in the row of GPT 6, is not in the catalogue." in output


def test_check_register_refuses_what_is_no_catalogue(file):
    listing = make_listing()

    assert "lists no model" in refused(
        "check_register", listing.register.slug, "--catalogue", file("[]")
    )


@pytest.mark.parametrize(
    ("format", "expected"), [("json", '"code": "no-model"'), ("github", "::error title=")]
)
def test_check_register_annotates_and_still_ends_with_1(format, expected, capsys):
    listing = make_listing(models=[])

    with pytest.raises(SystemExit) as ended:
        call_command("check_register", listing.register.slug, "--format", format)

    assert ended.value.code == 1
    assert expected in capsys.readouterr().out


def test_check_register_prints_no_annotation_where_nothing_is_found(capsys):
    provider = make_provider("Acme")
    listing = make_listing(providers=[provider], documents=[make_document(provider)])

    call_command("check_register", listing.register.slug, "--format", "github")

    assert capsys.readouterr().out == ""


def test_check_register_refuses_an_unknown_format_and_register():
    with pytest.raises(CommandError):
        call_command("check_register", make_listing().register.slug, "--format", "xml")
    assert "There is no register nowhere" in refused("check_register", "nowhere")


def test_demo_is_refused_outside_of_the_demo():
    assert "Set DEMO=True" in refused("demo")


@pytest.mark.slow
def test_demo_loads_publication_1_and_prints_accounts_that_sign_in(settings, capsys):
    settings.DEMO = True

    call_command("demo")

    assert Publication.objects.get().number == 1
    accounts = demo_accounts(capsys)
    assert list(accounts) == ["editor", "approver", "auditor", "administrator"]
    assert all(
        authenticate(username=name, password=password) for name, (password, _) in accounts.items()
    )


def demo_accounts(capsys):
    """Return password and codes of each account that the command has printed."""
    lines = capsys.readouterr().out.splitlines()[1:]
    names = [line.split() for line in lines[::2]]
    return {
        name: (password, codes.split())
        for (name, password), codes in zip(names, lines[1::2], strict=True)
    }


@pytest.mark.slow
def test_demo_prints_codes_that_let_everybody_in_without_a_phone(settings, capsys):
    settings.DEMO = True

    call_command("demo")

    for name, (password, codes) in demo_accounts(capsys).items():
        assert len(codes) == 10
        client, _ = sign_in_by_password(name, password)
        assert not may_open_admin(client)
        send_code(client, codes[0])
        assert may_open_admin(client)


@pytest.mark.slow
def test_demo_again_keeps_what_is_there(settings):
    settings.DEMO = True
    for _ in range(2):
        call_command("demo")

    assert Publication.objects.count() == 1


@pytest.mark.slow
def test_demo_is_refused_in_a_database_in_which_people_work(settings):
    settings.DEMO = True
    ada = make_user("ada")
    ada.last_login = datetime(2026, 3, 1, tzinfo=UTC)
    ada.save()

    assert "not that of a demonstration" in refused("demo")
    assert not Publication.objects.exists()
    assert [user.username for user in User.objects.all()] == ["ada"]

    ada.last_login = None  # an account that nobody has used says nothing
    ada.save()
    call_command("demo")
    assert Publication.objects.exists()


def typed(*args, **environment):
    """Run manage.py as a person does, with nothing in the environment but what is given.

    It never sees the database that the tests run on, so its tests run once.
    """
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", *args], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip


@once
def test_usage_errors_end_with_2(file):
    ended = typed("import_page", file(PAGE), "--register", "register")

    assert (ended.returncode, "--reason" in ended.stderr) == (2, True)


@once
def test_an_export_without_a_secret_key_is_refused(tmp_path):
    ended = typed("export_site", tmp_path / "site", SITE_URL="https://privacy.example.com")

    assert (ended.returncode, ended.stderr[:41]) == (2, "CommandError: SECRET_KEY is not set. The ")


@pytest.mark.slow
@once
def test_a_database_without_tables_is_named_as_such_by_verify(tmp_path):
    ended = typed("verify", DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")

    assert ended.returncode == 2
    assert ended.stderr.startswith("CommandError: The database cannot be used: no such table")


def sentence_of(ended):
    """Return the one line that a command said, which is no traceback."""
    (line,) = [line for line in ended.stderr.splitlines() if line]
    return line


@pytest.mark.slow
@pytest.mark.parametrize("command", ["verify", "restore_store", "migrate"])
@once
def test_a_database_that_is_not_there_ends_with_2(command):
    ended = typed(command, DATABASE_URL="sqlite:////no/such/folder/registry.sqlite3")

    assert ended.returncode == 2
    assert sentence_of(ended).startswith(
        "CommandError: The database cannot be used: unable to open database file"
    )


@pytest.mark.slow
@once
def test_verify_ends_with_1_for_a_corrupt_record_and_with_2_for_what_it_cannot_find(
    tmp_path, migrated_file
):
    published, key = tmp_path / "published", tmp_path / "signing.key"
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/registry.sqlite3",
        "PUBLISHED_ROOT": f"{published}",
        "SIGNING_KEY_FILE": f"{key}",
    }
    saved = tmp_path / "checkpoints"
    saved.write_text("x/log\n0\n" + "A" * 43 + "=\n\n— x/log " + "A" * 92 + "\n")
    shutil.copyfile(migrated_file, tmp_path / "registry.sqlite3")

    missing = typed("verify", **settings)
    published.mkdir()
    (published / "record").write_text("another's\n")
    foreign = typed("verify", **settings)
    (published / "record").unlink()
    assert typed("restore_store", **settings).returncode == 0
    sound = typed("verify", **settings)
    key.mkdir()
    unreadable = typed("verify", "--anchor", saved, **settings)
    with sqlite3.connect(tmp_path / "registry.sqlite3") as database:
        database.execute("DROP TRIGGER " + one_guard(database))
    corrupt = typed("verify", **settings)

    assert sound.returncode == 0, sound.stderr
    assert (missing.returncode, sentence_of(missing)[:46]) == (
        2,
        "CommandError: The published store is missing. ",
    )
    assert (foreign.returncode, sentence_of(foreign)[:47]) == (
        2,
        "CommandError: The published store belongs to an",
    )
    assert (unreadable.returncode, sentence_of(unreadable)[:32]) == (
        2,
        f"CommandError: SIGNING_KEY_FILE={key}"[:32],
    )
    assert corrupt.returncode == 1


def one_guard(database):
    """Return the name of a trigger of the record."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'compliance_changeset'"
    return database.execute(query).fetchone()[0]


@pytest.mark.django_db
def test_a_file_that_is_not_text_is_refused(file):
    with pytest.raises(CommandError, match="is not text in UTF-8") as refusal:
        call_command("import_page", file(PAGE), register="a\udcff", reason="x")

    assert refusal.value.returncode == 2


@once
def test_a_refusal_ends_with_2_and_no_traceback(tmp_path):
    ended = typed(
        "import_page",
        "/no/such/page.md",
        "--register",
        "r",
        "--reason",
        "x",
        DATABASE_URL=f"sqlite:///{tmp_path}/x",
    )

    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("environment", "expected"), [
    ({"DEMO": "maybe"}, "DEMO"),
    ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL"),
    ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ({"RULES_SEVERITY": "no-url"}, "RULES_SEVERITY=no-url is no list of pairs"),
    ({"AGREEMENT_NOTICE_DAYS": "-1"}, "AGREEMENT_NOTICE_DAYS=-1 is not a whole number. Use 0 or"),
    ({"API_REQUESTS_A_MINUTE": "-1"}, "API_REQUESTS_A_MINUTE=-1 is not a whole number"),
    ({"LARGEST_PAGE": "1.5"}, "LARGEST_PAGE=1.5 is not a whole number"),
    ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT=smtp is not a whole number"),
])  # fmt: skip
@once
def test_a_wrong_setting_is_named_at_the_start(environment, expected):
    ended = typed("verify", **environment)

    assert ended.returncode == 2
    assert expected in sentence_of(ended)


@once
def test_what_the_system_checks_refuse_ends_with_2(tmp_path):
    ended = typed(
        "verify", DATABASE_URL=f"sqlite:///{tmp_path}/x", SITE_URL="https://user:hunter2@x.example"
    )

    assert ended.returncode == 2
    assert "SITE_URL has a user name or a password in it" in ended.stderr
    assert "hunter2" not in ended.stderr


@pytest.mark.parametrize(("environment", "expected"), [
    ({}, "SECRET_KEY is not set"),
    ({"SECRET_KEY": "x" * 50}, "ALLOWED_HOSTS is not set"),
    ({"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "x"}, "FACTOR_KEYS is not set"),
    ({"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "x", "FACTOR_KEYS": "no-key"}, "FACTOR_KEYS has a key that is none"),
    ({"SECRET_KEY": "x" * 50, "ALLOWED_HOSTS": "x", "DEMO": "True", "STATIC_ROOT": "/no/such"}, "STATIC_ROOT=/no/such is not there"),
])  # fmt: skip
def test_serving_without_what_it_needs_is_refused(environment, expected):
    ended = subprocess.run(
        [sys.executable, "-c", "import registry.wsgi"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], **environment},
    )  # fmt: skip

    assert ended.returncode != 0
    assert expected in ended.stderr.splitlines()[-1]


@pytest.mark.slow
@once
def test_an_import_killed_half_way_changes_nothing(tmp_path, migrated_file, file):
    database = tmp_path / "killed.sqlite3"
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{database}"}
    shutil.copyfile(migrated_file, database)
    long = markdown.render(page(*(row(f"GPT {number}", "Acme") for number in range(300))))
    command = [
        sys.executable,
        ROOT / "manage.py",
        "import_page",
        file(long),
        "--register",
        "r",
        "--reason",
        "x",
    ]

    journal = (
        tmp_path / "killed.sqlite3-journal"
    )  # there as soon as the transaction has written something
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        while not journal.exists() and process.poll() is None:
            time.sleep(0.001)
        process.kill()

    assert process.returncode == -9, "it ended before it could be killed"
    assert typed("check_register", "r", **environment).stderr == (
        "CommandError: There is no register r. The registers are: none yet.\n"
    )


@once
def test_a_database_that_is_not_migrated_is_named_without_a_traceback(tmp_path):
    ended = typed("check_register", "r", DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")

    assert ended.returncode == 2
    assert ended.stderr.startswith("CommandError: The database cannot be used: no such table")
    assert ended.stderr.count("\n") == 1


def test_a_store_that_cannot_be_written_is_named_without_a_traceback(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "published": {
            "BACKEND": "compliance.published.storage.PublishedFolder",
            "OPTIONS": {"location": "/proc/nothing"},
        },
    }

    with pytest.raises(CommandError, match="/proc/nothing cannot be used"):
        call_command("restore_store")


@pytest.mark.slow
def test_complete_store_writes_what_is_behind_and_says_what_it_cannot(monkeypatch, capsys):
    register = make_listing().register
    published(register, make_user(role="editor"), make_user(role="approver"))  # never committed
    with monkeypatch.context() as full:
        full.setattr("compliance.published.writer.complete", lambda: None)
        with pytest.raises(CommandError, match="Still behind") as ended:
            call_command("complete_store")
    assert ended.value.returncode == 1

    call_command("complete_store")
    call_command("complete_store")

    assert capsys.readouterr().out == (
        f"Written: {register.slug}.\nThe published store is as new as the database.\n"
    )


def test_a_reason_that_may_not_be_shown_is_refused(file):
    assert "changes the direction" in refused(
        "import_page", file(PAGE), "--register", "register", "--reason", "why \u202egnp"
    )


def test_a_value_that_the_models_refuse_is_named_with_its_record(file):
    bad = PAGE.replace("https://acme.example/privacy", "https://localhost/privacy")

    sentence = refused("import_page", file(bad), "--register", "register", "--reason", "x")

    assert sentence == (
        "Policy document 'Acme Privacy Policy' cannot be kept. url 'https://localhost/privacy': 'localhost' is not the name of a public host."
    )
