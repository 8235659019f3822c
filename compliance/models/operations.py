"""Migration operations of this project."""

from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.db.migrations.operations import RunPython
from django.db.models import F

from compliance.models import ledger
from compliance.models.changesets import Changeset, take_editing_lock


class MigrationChangeset:
    """The open changeset of a data migration, which writes rows together with their history.

    The models in a migration have the columns of their time and none of the methods of
    `compliance.models`. So this class does what `Tracked.save` and `changeset` do elsewhere: it
    adds the history rows, raises the versions and seals the ledger.
    """

    def __init__(self, apps: Any, *, reason: str) -> None:
        self._apps = apps
        self._reason = reason
        self._changeset: Any = None
        self._rows: list[ledger.Row] = []

    def save(self, row: Any) -> None:
        """Validate and write a row, and add its history row."""
        is_new = row._state.adding
        if not is_new:
            row.lock_version = 1 + type(row)._base_manager.values_list(
                "lock_version", flat=True
            ).get(pk=row.pk)
        row.full_clean()
        row.save(force_insert=is_new, force_update=not is_new)
        self._bump_owners(row)
        self._add_history(row, "+" if is_new else "~")

    def delete(self, row: Any) -> None:
        """Delete a row, and add its history row. Delete its parts before it, one call for each."""
        # Not row.delete(), which would delete the parts without history.
        type(row)._base_manager.filter(pk=row.pk)._raw_delete(using=row._state.db)
        self._bump_owners(row)
        self._add_history(row, "-")

    def seal(self) -> None:
        """Seal the inserted rows in the ledger; do nothing if there are none."""
        if self._rows:
            entries = self._apps.get_model("compliance", "LedgerEntry")
            ledger.seal(
                ledger.LedgerEntry.Kind.CHANGESET,
                self._rows,
                at=self._changeset.recorded_at,
                entries=entries,
            )

    def _bump_owners(self, row: Any) -> None:
        """Raise the versions of the rows that this one is a part of.

        A form of them that was opened before the migration is then refused, instead of undoing it.
        The owners are those whose deletion deletes the row, because a historical model has no
        `part_of`.
        """
        for field in row._meta.concrete_fields:
            if (
                isinstance(field, models.ForeignKey)
                and field.remote_field.on_delete is models.CASCADE
            ):
                for owner in field.related_model._base_manager.filter(
                    pk=getattr(row, field.attname)
                ):
                    type(owner)._base_manager.filter(pk=owner.pk).update(
                        lock_version=F("lock_version") + 1
                    )
                    self._bump_owners(owner)

    def _add_history(self, row: Any, history_type: str) -> None:
        history = self._apps.get_model("compliance", f"Historical{type(row).__name__}")
        columns = {field.attname for field in history._meta.concrete_fields}
        values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        history_row = history.objects.create(
            **{column: value for column, value in values.items() if column in columns},
            changeset=self._saved_changeset(),
            history_type=history_type,
            history_date=self._saved_changeset().recorded_at,
            history_change_reason=self._reason,
        )
        self._rows.append((history, history_row.pk))

    def _saved_changeset(self) -> Any:
        """Return the row of the changeset; the first call inserts it."""
        if self._changeset is None:
            changesets = self._apps.get_model("compliance", "Changeset")
            entries = self._apps.get_model("compliance", "LedgerEntry")
            self._changeset = changesets.objects.create(
                recorded_at=ledger.now(entries=entries),
                label="manage.py migrate",
                reason=self._reason,
                source=Changeset.Source.COMMAND,
            )
            self._rows.append((changesets, self._changeset.pk))
        return self._changeset


DataMigration = Callable[[Any, MigrationChangeset], None]


class RunInChangeset(RunPython):
    """A data migration of tracked records that adds history rows, like every other edit.

    `code(apps, changeset)` reads through `apps`, as any data migration does, and writes with
    `changeset.save(row)` and `changeset.delete(row)`. `reason` is recorded in the changeset.
    Without `reverse_code` the migration cannot be reversed.

        operations = [RunInChangeset(shorten_names, reason="Names without the legal form")]

    RunPython would add no history rows, so the check compliance.E001 refuses it after the first
    release.
    """

    def __init__(
        self, code: DataMigration, reverse_code: DataMigration | None = None, *, reason: str
    ) -> None:
        super().__init__(
            _in_changeset(code, reason), reverse_code and _in_changeset(reverse_code, reason)
        )


def _in_changeset(code: DataMigration, reason: str) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        with transaction.atomic():
            take_editing_lock()
            changeset = MigrationChangeset(apps, reason=reason)
            code(apps, changeset)
            changeset.seal()
            # PostgreSQL alters no table in a transaction that has checks of its rows pending.
            schema_editor.connection.check_constraints()

    return run
