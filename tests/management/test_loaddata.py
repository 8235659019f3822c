"""manage.py dumpdata and loaddata: the whole record moves to another database, or nothing does."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from compliance.accounts import factors
from compliance.audit import guards, verification
from compliance.models import Changeset, LedgerEntry, Listing, Provider, User
from compliance.models.changesets import changeset
from compliance.published import writer
from compliance.publishing import withdraw
from tests.factories import make_provider, make_user, state
from tests.publications import published, submitted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("editor")]

# As docs/operations.md writes them.
DUMPS = {
    "groups.json": ["auth.group", "--natural-primary", "--natural-foreign"],
    "people.json": ["compliance.user", "account", "mfa", "admin.logentry", "--natural-foreign"],
    "record.json": ["compliance", "--exclude", "compliance.user"],
}


def dump(folder):
    """Dump the database to three files and return their paths."""
    paths = [str(folder / name) for name in DUMPS]
    for arguments, path in zip(DUMPS.values(), paths, strict=True):
        call_command("dumpdata", *arguments, output=path)
    return paths


def contents(paths):
    return [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]


def empty_database():
    """Leave the database as it is after migrate."""
    guards.uninstall(connection)
    call_command("flush", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)


@pytest.fixture
def filled(settings):
    """Import a history, publish, withdraw, submit, and add people with roles and factors."""
    settings.DEMO = True
    call_command("demo", stdout=StringIO())
    writer.complete()
    editor, approver = User.objects.get(username="editor"), User.objects.get(username="approver")
    wardens = Group.objects.create(name="wardens")
    wardens.permissions.set(Permission.objects.filter(codename__endswith="_user"))
    make_user("olga", email="olga@example.com").groups.add(wardens)
    factors.enrol(make_user("root", is_superuser=True))
    gone = make_provider("Gone")
    with changeset(by=editor, reason="Is gone\n\nfor good"):
        gone.delete()
    listing = Listing.objects.first()
    imported = getattr(listing.cells.filter(column__key="training").first(), "use", None)
    first, second = [use for use in ("never", "opt_out", "unknown") if use != imported][:2]
    now = timezone.now()
    for minutes, use in ((1, first), (2, second)):
        with changeset(by=editor, reason="Edit"):
            state(listing, training=use)
        publication = published(
            listing.register, editor, approver, at=now + timedelta(minutes=minutes)
        )
    withdraw(publication, by=approver, at=now + timedelta(minutes=3), reason="Wrong")
    with changeset(by=editor, reason="Edit again"):
        state(listing, training=imported)
    submitted(listing.register, editor, at=now + timedelta(minutes=4))


@pytest.mark.slow
def test_a_dump_is_loaded_as_it_is_and_nothing_is_written_beside_it(filled, tmp_path):
    paths = dump(tmp_path)
    before = contents(paths)
    sound = verification.verify()
    empty_database()

    call_command("loaddata", *paths, verbosity=0)

    (tmp_path / "again").mkdir()
    assert contents(dump(tmp_path / "again")) == before
    assert verification.verify() == sound


@pytest.mark.slow
def test_a_new_record_does_not_continue_the_history_of_a_deleted_one(tmp_path):
    gone = make_provider("Gone")
    last = gone.pk
    with changeset(by=None, label="tests", reason="Delete the newest"):
        gone.delete()
    recorded = Changeset.objects.latest("id").pk
    paths = dump(tmp_path)
    empty_database()

    call_command("loaddata", *paths, verbosity=0)

    assert make_provider("New").pk == last + 1
    assert Changeset.objects.latest("id").pk == recorded + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        (["compliance.historicalprovider"], "is missing|without its history"),
        (
            ["compliance.historicalprovider", "compliance.changeset", "compliance.ledgerentry"],
            "has no history|without its history|foreign key",
        ),
        (["compliance.ledgerentry"], "is sealed by no entry"),
        (["compliance.provider"], "is not what its history says"),
    ],
)
def test_a_fixture_without_the_whole_record_is_refused(tmp_path, left_out, sentence):
    make_provider("Acme")
    paths = dump(tmp_path)
    rows = [row for row in contents(paths)[-1] if row["model"] not in left_out]
    (tmp_path / "record.json").write_text(json.dumps(rows))
    empty_database()

    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("loaddata", *paths, verbosity=0)

    assert "import_page" in str(refused.value)
    assert not Provider.objects.exists()
    assert not Provider.history.exists()
    assert not Changeset.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_a_record_without_history_is_refused(tmp_path):
    fixture = tmp_path / "providers.json"
    fields = {"name": "Acme", "slug": "acme", "owner": None, "review_interval": 12}
    fixture.write_text(json.dumps([{"model": "compliance.provider", "pk": None, "fields": fields}]))

    with pytest.raises(CommandError) as refused:
        call_command("loaddata", str(fixture), verbosity=0)

    assert re.search(
        "compliance_provider: .*without its history|has no history", str(refused.value)
    )
    assert str(refused.value).endswith(
        " A fixture must bring the history, changesets and ledger of its records, so nothing was loaded."
        " To bring in a page, use import_page."
    )
    assert not Provider.objects.exists()


@pytest.mark.slow
def test_a_dump_is_not_loaded_over_records_that_are_there(tmp_path):
    provider = make_provider("Acme")
    paths = dump(tmp_path)
    with changeset(by=None, label="tests", reason="Later"):
        provider.set(name="Acme AI")

    with pytest.raises(CommandError, match="Load a dump into a new database"):
        call_command("loaddata", *paths, verbosity=0)

    assert Provider.objects.get().name == "Acme AI"
    assert Provider.history.count() == 2


@pytest.mark.slow
def test_people_are_loaded_without_a_record(tmp_path):
    make_user("olga", role="editor")
    groups, people, _ = dump(tmp_path)
    empty_database()

    call_command("loaddata", groups, people, verbosity=0)

    assert [group.name for group in User.objects.get(username="olga").groups.all()] == ["editor"]


@pytest.mark.slow
def test_a_record_moves_to_the_other_kind_of_database_and_back(
    filled, migrated_file, tmp_path, settings
):
    there, back = tmp_path / "there", tmp_path / "back"
    there.mkdir()
    back.mkdir()
    before = dump(tmp_path)
    sound = verification.verify()
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{there / 'registry.sqlite3'}",
        "PUBLISHED_ROOT": str(there / "published"),
        "STATIC_ROOT": str(settings.STATIC_ROOT),
    }

    def manage(*arguments):
        command = [sys.executable, str(django_settings.BASE_DIR / "manage.py"), *arguments]
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout

    shutil.copyfile(migrated_file, there / "registry.sqlite3")
    manage("loaddata", *before)
    manage("restore_store")
    assert manage("verify").startswith(
        f"Sound: {sound.entries} entries of the ledger seal {sound.rows} rows."
    )

    moved = [str(back / name) for name in DUMPS]
    for arguments, path in zip(DUMPS.values(), moved, strict=True):
        manage("dumpdata", *arguments, "-o", path)
    assert contents(moved) == contents(before)
    empty_database()
    call_command("loaddata", *moved, verbosity=0)
    assert verification.verify() == sound


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{bad", "cannot be read: Expecting property name"),
        ('[{"model": "compliance.nope", "pk": 1, "fields": {}}]', "Invalid model identifier"),
        ('[{"model": "compliance.provider", "pk": 1, "fields": {"x": 1}}]', "no field named 'x'"),
    ],
)
def test_a_fixture_that_cannot_be_read_is_refused_with_the_reason(tmp_path, content, sentence):
    fixture = tmp_path / "fixture.json"
    fixture.write_text(content)

    with pytest.raises(CommandError, match=sentence) as refusal:
        call_command("loaddata", str(fixture), verbosity=0)

    assert refusal.value.returncode == 2
