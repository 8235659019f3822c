"""System checks: what must never be in a migration, because it would drop evidence."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AlterField, DeleteModel, RemoveField, RenameField, RenameModel, RunSQL
from django.db.migrations.operations.base import Operation

_RECORD = {"changeset", "publication", "publishedfile", "contribution", "decision", "ledgerentry", "record"}


def evidence_is_kept(**kwargs: Any) -> list[CheckMessage]:
    """Refuse migrations of the app that drop or rename a column or table of the record or of history (compliance.E001).

    Raw SQL is refused too: what it does to the record cannot be read from it.
    """
    loader = MigrationLoader(None)
    migrations = [migration for (app, _), migration in loader.disk_migrations.items() if app == "compliance"]
    return list(faults(migrations))


def faults(migrations: Iterable[Migration]) -> Iterator[CheckMessage]:
    """Give an error for each operation that drops evidence."""
    for migration in migrations:
        for operation in migration.operations:
            if said := _drops(operation):
                yield Error(
                    f"Migration {migration.name} {said}.",
                    hint="The record is kept for good. Add a column beside it, and leave the old one.",
                    id="compliance.E001",
                )


def _drops(operation: Operation) -> str:
    """Return what an operation does to the record, empty where it leaves it whole."""
    if isinstance(operation, RunSQL):
        return "runs SQL of its own"
    if isinstance(operation, (RemoveField, RenameField)) and _is_record(operation.model_name):
        field = operation.old_name if isinstance(operation, RenameField) else operation.name
        return f"drops {operation.model_name}.{field}"
    if isinstance(operation, AlterField) and _is_record(operation.model_name):
        return f"alters {operation.model_name}.{operation.name}"
    if isinstance(operation, DeleteModel) and _is_record(operation.name):
        return f"drops {operation.name}"
    if isinstance(operation, RenameModel) and _is_record(operation.old_name):
        return f"renames {operation.old_name}"
    return ""


def _is_record(model: str) -> bool:
    return model.lower() in _RECORD or model.lower().startswith("historical")
