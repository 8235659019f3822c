"""compliance.audit.migration_checks: after a release no migration may remove part of the record."""

import pytest
from django.core.checks import run_checks
from django.core.checks.registry import registry

from compliance.audit import guards
from compliance.audit.migration_checks import (
    RECORD,
    RELEASES,
    errors_since,
    migrations_keep_the_record,
)

_CHOICES = '[("admin", "In the browser"), ("import", "Import of a page"), ("command", "Command line"), ("api", "API")'
_SOURCE = 'migrations.AlterField("changeset", "source", models.CharField(max_length=10, choices={choices}))'

LOSSES = {
    "drops or renames HistoricalCell.use": 'migrations.RemoveField("historicalcell", "use")',
    "drops or renames Publication.reason": 'migrations.RemoveField("Publication", "reason")',
    "drops or renames Decision.at": 'migrations.RenameField("decision", "at", "decided_at")',
    "drops or renames Changeset.label": 'migrations.AlterField("changeset", "label", models.CharField(max_length=150, db_column="who"))',
    "drops or renames LedgerEntry": 'migrations.DeleteModel("LedgerEntry")',
    "drops or renames HistoricalProvider": 'migrations.DeleteModel("HistoricalProvider")',
    "drops or renames PublishedFile": 'migrations.RenameModel("PublishedFile", "Artefact")',
    "renames the table of HistoricalListing": 'migrations.AlterModelTable("historicallisting", "elsewhere")',
    "shortens Changeset.label": 'migrations.AlterField("changeset", "label", models.CharField(max_length=149))',
    "changes the type of Changeset.reason": 'migrations.AlterField("changeset", "reason", models.CharField(max_length=9000))',
    "changes the type of Decision.publication": 'migrations.AlterField("decision", "publication", models.ForeignKey("compliance.Register", models.PROTECT))',
    "takes no more empty values in Decision.number": 'migrations.AlterField("decision", "number", models.PositiveIntegerField())',
    "removes choices of Changeset.source": _SOURCE.format(choices='[("admin", "In the browser")]'),
    "removes choices of PublishedFile.format": 'migrations.AlterField("publishedfile", "format", models.CharField(max_length=10, choices=[("json", "JSON")]))',
    "runs SQL, whose effect on the record cannot be read": 'migrations.RunSQL("DROP TABLE compliance_decision")',
    "runs Python without history: use RunInChangeset": "migrations.RunPython(migrations.RunPython.noop)",
}
ALSO_LOSSES = {
    "a table that is made again": (
        'migrations.DeleteModel("Record"), migrations.CreateModel("Record", [("id", models.UUIDField(primary_key=True))])',
        "drops or renames Record",
    ),
    "a column that is made again": (
        'migrations.RemoveField("decision", "reason"), migrations.AddField("decision", "reason", models.TextField(blank=True))',
        "drops or renames Decision.reason",
    ),
    "a table that only the database loses": (
        'migrations.SeparateDatabaseAndState([migrations.RemoveField("historicalcell", "use")])',
        "drops or renames HistoricalCell.use",
    ),
}
PASSES = {
    "a column of the working copy": 'migrations.RemoveField("cell", "use")',
    "a table of the working copy": 'migrations.DeleteModel("Provider")',
    "a name in the working copy": 'migrations.RenameModel("Provider", "Company")',
    "another column": 'migrations.AddField("publication", "note", models.TextField(null=True))',
    "a longer text": 'migrations.AlterField("changeset", "label", models.CharField("who", max_length=151))',
    "a text as long as you like": 'migrations.AlterField("changeset", "label", models.CharField("who", max_length=None))',
    "an empty value": 'migrations.AlterField("changeset", "label", models.CharField("who", max_length=150, null=True))',
    "a choice more": _SOURCE.format(choices=f'{_CHOICES}, ("mail", "Mail")]'),
    "no choices": _SOURCE.format(choices="None"),
    "other words": 'migrations.AlterField("changeset", "reason", models.TextField("why", help_text="Why it was done."))',
    "an index": 'migrations.AddIndex("changeset", models.Index(fields=["recorded_at"], name="by_time"))',
    "a data migration with history": 'RunInChangeset(lambda apps, changeset: None, reason="Tidy up")',
}


def errors(migrations):
    return [error.msg for error in errors_since(migrations.releases)]


def test_the_migrations_since_the_releases_keep_the_record():
    assert migrations_keep_the_record() == []
    assert (RELEASES / "README.md").exists()


def test_only_a_deployment_check_looks_at_the_migrations():
    assert migrations_keep_the_record in registry.deployment_checks
    assert migrations_keep_the_record not in registry.registered_checks
    assert [
        error
        for error in run_checks(include_deployment_checks=True)
        if error.id == "compliance.E001"
    ] == []


def test_every_append_only_table_is_known():
    tables = {model._meta.model_name for model in guards.append_only_models()}

    assert {name for name in tables if not name.startswith("historical")} == RECORD


@pytest.mark.parametrize("loss", LOSSES)
def test_a_migration_after_a_release_that_takes_from_the_record_is_an_error(migrations, loss):
    migrations.release()
    migrations.add("0002_made", LOSSES[loss])

    assert errors(migrations) == [f"Migration 0002_made {loss}."]
    assert [error.id for error in errors_since(migrations.releases)] == ["compliance.E001"]


@pytest.mark.parametrize("case", ALSO_LOSSES)
def test_a_loss_that_the_models_do_not_show_is_an_error_too(migrations, case):
    operations, loss = ALSO_LOSSES[case]
    migrations.release()
    migrations.add("0002_made", operations)

    assert errors(migrations) == [f"Migration 0002_made {loss}."]


@pytest.mark.parametrize("case", PASSES)
def test_a_migration_after_a_release_that_leaves_the_record_whole_passes(migrations, case):
    migrations.release()
    migrations.add(
        "0002_made", PASSES[case], "from compliance.models.operations import RunInChangeset\n"
    )

    assert errors(migrations) == []


@pytest.mark.parametrize(("narrower", "is_loss"), [("max_digits=5, decimal_places=2", True), ("max_digits=7, decimal_places=1", True), ("max_digits=7, decimal_places=3", True), ("max_digits=8, decimal_places=3", False)])  # fmt: skip
def test_a_number_loses_no_digit(migrations, narrower, is_loss):
    field = "models.DecimalField({})"
    migrations.add(
        "0002_price",
        f'migrations.AddField("changeset", "price", {field.format("max_digits=7, decimal_places=2")})',
    )
    migrations.release()
    made = f'migrations.AlterField("changeset", "price", {field.format(narrower)})'
    migrations.add("0003_made", made)
    after_the_price(migrations)

    assert errors(migrations) == (
        ["Migration 0003_made takes digits from Changeset.price."] if is_loss else []
    )


def after_the_price(migrations):
    path = migrations.package / "0003_made.py"
    path.write_text(path.read_text().replace("0001_initial", "0002_price"))


def test_nothing_is_refused_before_the_first_release(migrations):
    migrations.add("0002_made", 'migrations.DeleteModel("LedgerEntry")')

    assert errors(migrations) == []


def test_a_release_with_the_last_migration_refuses_nothing(migrations):
    migrations.add("0002_made", 'migrations.DeleteModel("LedgerEntry")')
    migrations.release()

    assert errors(migrations) == []


def test_a_released_migration_stays_as_it_is(migrations):
    migrations.release()
    initial = migrations.package / "0001_initial.py"
    initial.write_text(initial.read_text().replace("max_length=150", "max_length=100"))

    assert errors(migrations) == [
        "Migration 0001_initial is not the one that was released (0.1.0.txt)."
    ]


def test_a_release_names_its_migrations(migrations):
    release = migrations.releases / "0.1.0.txt"
    release.write_text("0001_initial\n")

    assert errors(migrations) == [f"{release} names no migration."]
