"""compliance.checks: a migration that would drop evidence does not pass."""

import pytest
from django.db import migrations, models
from django.db.migrations import Migration

from compliance.checks import evidence_is_kept, faults


def migration(*operations):
    made = Migration("0099_made", "compliance")
    made.operations = list(operations)
    return made


def test_our_own_migrations_keep_the_evidence():
    assert evidence_is_kept() == []


@pytest.mark.parametrize("operation", [
    migrations.RemoveField("historicallisting", "training_use"),
    migrations.RemoveField("Publication", "reason"),
    migrations.RenameField("decision", "at", "decided_at"),
    migrations.AlterField("changeset", "reason", models.CharField(max_length=10)),
    migrations.DeleteModel("LedgerEntry"),
    migrations.DeleteModel("HistoricalProvider"),
    migrations.RenameModel("PublishedFile", "Artefact"),
    migrations.RunSQL("DROP TABLE compliance_decision"),
])  # fmt: skip
def test_a_migration_that_drops_evidence_is_an_error(operation):
    assert [fault.id for fault in faults([migration(operation)])] == ["compliance.E001"]


@pytest.mark.parametrize("operation", [
    migrations.RemoveField("listing", "training_use"),
    migrations.AddField("publication", "note", models.TextField(null=True)),
    migrations.DeleteModel("Provider"),
])  # fmt: skip
def test_a_migration_that_leaves_the_record_whole_passes(operation):
    assert list(faults([migration(operation)])) == []
