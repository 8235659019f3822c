"""What whoever owns the database can do to the record: write past the guards, and seal it anew."""

import json
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from compliance.audit import guards, ledger_chain, verification
from compliance.models import LedgerEntry, ledger
from compliance.page import canonical


@contextmanager
def without_guards():
    """Drop the guards, and put them back afterwards."""
    guards.uninstall(connection)
    with transaction.atomic():
        yield
    guards.install(connection)


def tamper(*statements):
    """Run SQL without the guards; each statement is a list of its text and its values."""
    with without_guards(), connection.cursor() as cursor:
        for statement, *values in statements:
            cursor.execute(statement, values)


def rechain():
    """Make the ledger fit what now stands, from its first entry on."""
    with without_guards():
        previous = ""
        for entry in LedgerEntry.objects.order_by("number"):
            sealed = json.loads(entry.sealed)
            for table, rows in sealed.items():
                model = ledger_chain.sealed_models()[table]
                rows["rows"] = ledger.row_hashes(model, rows["columns"], rows["rows"])
            entry.sealed, entry.previous_sha256 = canonical.encode(sealed).decode(), previous
            entry.sha256 = previous = entry.computed_sha256()
            entry.save(force_update=True)


def seal(kind, *rows, **changed):
    """Append an entry that fits the chain and seals these rows; `changed` are other field values."""
    at = LedgerEntry.objects.last().recorded_at
    entry = ledger.seal(kind, [(type(row), row.pk) for row in rows], at=at)
    for name, value in changed.items():
        setattr(entry, name, value)
    entry.sha256 = entry.computed_sha256()
    entry.save(force_update=True)


def seal_beside(row):
    """Let the last entry seal another row too. Only `rechain` makes it fit."""
    entry = LedgerEntry.objects.last()
    columns = [field.attname for field in row._meta.concrete_fields]
    sealed = {
        **json.loads(entry.sealed),
        row._meta.db_table: {"columns": columns, "rows": {str(row.pk): ""}},
    }
    with without_guards():
        entry.sealed = canonical.encode(sealed).decode()
        entry.save(force_update=True)


def leave_keys_out(model, count=10):
    """Let the database number the next row of a model higher, as after transactions that failed."""
    last, table = model.objects.order_by("pk").last().pk, model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                [table, model._meta.pk.column, last + count],
            )
        else:
            cursor.execute(
                "UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + count, table]
            )


def fault(**options):
    """Return the first fault that `verify` names."""
    with pytest.raises(verification.RecordCorrupt) as refusal:
        verification.verify(**options)
    return str(refusal.value)
