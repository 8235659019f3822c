"""Rows of the record are inserted, never changed or deleted."""

from collections.abc import Iterator

from django.db.models import Model

from compliance.audit.guards.triggers import MARK, Guard
from compliance.models import graph
from compliance.models.account_states import AccountState
from compliance.models.accounts import (
    DecisionSignature,
    FactorEndorsement,
    FactorRemoval,
    FactorRenaming,
    Invitation,
    RecordedFactor,
)
from compliance.models.changesets import Changeset
from compliance.models.identities import IdentityState
from compliance.models.ledger import LedgerEntry
from compliance.models.publications import (
    Contribution,
    Decision,
    Publication,
    PublicEvent,
    PublishedFile,
    Record,
    ReviewComment,
)
from compliance.models.reviews import Review


def append_only_models() -> list[type[Model]]:
    """Return the models whose rows are inserted and then never changed or deleted."""
    histories = [model.history.model for model in graph.tracked_models()]
    return [
        Changeset,
        Publication,
        PublishedFile,
        Contribution,
        Decision,
        DecisionSignature,
        ReviewComment,
        PublicEvent,
        LedgerEntry,
        Record,
        Review,
        AccountState,
        IdentityState,
        Invitation,
        RecordedFactor,
        FactorRemoval,
        FactorRenaming,
        FactorEndorsement,
        *histories,
    ]


def append_only_guards() -> Iterator[Guard]:
    """Yield the guards against changing and deleting a row of the record."""
    for model in append_only_models():
        table = model._meta.db_table
        yield Guard(f"{MARK}{table}_update", table, "UPDATE", "TRUE", _message(table))
        yield Guard(f"{MARK}{table}_delete", table, "DELETE", "TRUE", _message(table))


def replacement_guards() -> Iterator[Guard]:
    """Yield the guards against SQLite's INSERT OR REPLACE.

    It deletes the row in its way without firing a DELETE trigger. PostgreSQL has nothing like it:
    its ON CONFLICT DO UPDATE fires the UPDATE trigger.
    """
    for model in append_only_models():
        table = model._meta.db_table
        name = f"{MARK}{table}_replace"
        yield Guard(name, table, "INSERT", _same_key_exists(model), _message(table))


def _message(table: str) -> str:
    return f"{table}: a row of the record is never changed or deleted."


def _same_key_exists(model: type[Model]) -> str:
    """Return the SQL condition that a row with one of the new row's unique keys exists."""
    keys = [[field.column] for field in model._meta.concrete_fields if field.unique]
    for constraint in model._meta.total_unique_constraints:
        fields = [field for field in model._meta.fields if field.name in constraint.fields]
        keys.append([field.column for field in fields])
    conditions = []
    for key in keys:
        equal = " AND ".join(f"{column} = NEW.{column}" for column in key)
        conditions.append(f"({equal})")
    return f"EXISTS (SELECT 1 FROM {model._meta.db_table} WHERE {' OR '.join(conditions)})"
