"""compliance.models.operations: data migrations add history, a changeset and a ledger entry."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from compliance.audit import guards, verification
from compliance.models import Changeset, LedgerEntry, ListedModel, Provider
from compliance.published import writer
from tests.factories import make_listing, make_model, make_provider

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

RENAME = """
from compliance.models.operations import RunInChangeset


def rename(apps, changeset):
    for provider in apps.get_model("compliance", "Provider").objects.filter(name__endswith=" Inc."):
        provider.name = provider.name.removesuffix(" Inc.")
        changeset.save(provider)


def name_back(apps, changeset):
    for provider in apps.get_model("compliance", "Provider").objects.filter(name="Acme"):
        provider.name = "Acme Inc."
        changeset.save(provider)
"""
MOVE = """
from compliance.models.operations import RunInChangeset


def move(apps, changeset):
    ListedModel = apps.get_model("compliance", "ListedModel")
    first, second = ListedModel.objects.order_by("position")
    changeset.delete(second)
    first.position += 1
    changeset.save(first)
    changeset.save(ListedModel(listing_id=first.listing_id, model_id=second.model_id, position=first.position + 1))
"""
NOTE = """
from compliance.models.operations import RunInChangeset


def write_notes(apps, changeset):
    for provider in apps.get_model("compliance", "Provider").objects.all():
        provider.note = f"Known as {provider.name}"
        changeset.save(provider)
"""
ADD_A_NOTE = """
    migrations.AddField("provider", "note", models.TextField(default="")),
    migrations.AddField("historicalprovider", "note", models.TextField(default="")),
    RunInChangeset(write_notes, migrations.RunPython.noop, reason="Notes"),
    migrations.AlterField("provider", "note", models.CharField(max_length=99, default="")),
    migrations.AlterField("historicalprovider", "note", models.CharField(max_length=99, default="")),
"""


@pytest.fixture
def migrate(migrations):
    """Return a function that migrates to a migration; afterwards the database is where it was."""
    yield lambda name: MigrationExecutor(connection).migrate([("compliance", name)])
    call_command("migrate", "compliance", "0001", fake=True, verbosity=0)


def test_a_data_migration_leaves_history_in_a_changeset_of_its_own(migrations, migrate):
    acme, other = make_provider("Acme Inc."), make_provider("Other")
    migrations.add(
        "0002_names", 'RunInChangeset(rename, name_back, reason="No legal form")', RENAME
    )

    migrate("0002_names")

    row = acme.history.latest("history_id")
    assert (row.name, row.history_type, row.history_change_reason) == ("Acme", "~", "No legal form")
    assert (row.changeset.label, row.changeset.source) == (
        "manage.py migrate",
        Changeset.Source.COMMAND,
    )
    assert Provider.objects.get(pk=acme.pk).lock_version == acme.lock_version + 1
    assert other.history.count() == 1
    writer.complete()
    assert verification.verify().entries == LedgerEntry.objects.count() == 3


def test_reversing_a_data_migration_adds_another_changeset(migrations, migrate):
    acme = make_provider("Acme Inc.")
    migrations.add(
        "0002_names", 'RunInChangeset(rename, name_back, reason="No legal form")', RENAME
    )
    migrate("0002_names")

    migrate("0001_initial")

    names = acme.history.order_by("history_id").values_list("name", flat=True)
    assert list(names) == ["Acme Inc.", "Acme", "Acme Inc."]
    assert Changeset.objects.count() == 3
    writer.complete()
    verification.verify()


def test_a_data_migration_that_changes_nothing_adds_no_changeset(migrations, migrate):
    make_provider("Acme")
    migrations.add("0002_names", 'RunInChangeset(rename, reason="No legal form")', RENAME)

    migrate("0002_names")

    assert Changeset.objects.count() == LedgerEntry.objects.count() == 1


def test_a_data_migration_that_writes_parts_raises_the_version_of_their_root(migrations, migrate):
    listing = make_listing(models=[make_model("GPT 5"), make_model("GPT 6")])
    version = type(listing).objects.get().lock_version
    migrations.add("0002_order", 'RunInChangeset(move, reason="Another order")', MOVE)

    migrate("0002_order")

    assert [part.model.name for part in listing.listed_models.all()] == ["GPT 5", "GPT 6"]
    written = ListedModel.history.filter(history_change_reason="Another order").order_by(
        "history_id"
    )
    assert [row.history_type for row in written] == ["-", "~", "+"]
    assert type(listing).objects.get().lock_version > version
    writer.complete()
    verification.verify()


def test_a_data_migration_that_fails_changes_nothing(migrations, migrate):
    acme = make_provider("Acme Inc.")
    make_provider("Acme")
    migrations.add("0002_names", 'RunInChangeset(rename, reason="No legal form")', RENAME)

    with pytest.raises(ValidationError, match="already exists"):
        migrate("0002_names")

    assert acme.history.count() == 1
    assert guards.missing(connection) == []
    writer.complete()
    verification.verify()


def test_a_column_is_added_filled_and_altered_in_one_migration(migrations, migrate):
    acme = make_provider("Acme")
    migrations.add("0002_note", ADD_A_NOTE, NOTE)

    migrate("0002_note")
    with connection.cursor() as cursor:
        cursor.execute("SELECT note FROM compliance_historicalprovider ORDER BY history_id")
        notes = cursor.fetchall()
    sealed = json.loads(LedgerEntry.objects.latest("number").sealed)
    migrate("0001_initial")
    guards.install(connection)  # SQLite makes an altered table anew, without its triggers

    assert notes == [("",), ("Known as Acme",)]
    assert "note" in sealed["compliance_historicalprovider"]["columns"]
    assert acme.history.count() == 2
