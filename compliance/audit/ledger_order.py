"""Verifies that rows were recorded when they say, by the order of the ledger.

Whoever owns the database can append an entry that fits the chain and seals rows of an earlier
moment, or rows under keys that lie before others. So the moments of entries never go back, and
the rows of an entry belong to it, say its moment, and have later keys than all rows before.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from compliance.models import (
    Changeset,
    Contribution,
    Decision,
    DecisionSignature,
    LedgerEntry,
    Publication,
    PublicEvent,
    PublishedFile,
    ReviewComment,
    ledger,
)
from compliance.models.tracked import TrackedHistory

Kind = LedgerEntry.Kind


def future_faults(now: datetime) -> Iterator[str]:
    """Yield a fault for each entry whose moment lies ahead of the clock by more than a day."""
    ahead = LedgerEntry.objects.filter(recorded_at__gt=now + ledger.CLOCK_TOLERANCE)
    entries = ahead.order_by("number").values_list("number", "recorded_at")
    for number, moment in entries.iterator():
        yield (
            f"compliance_ledgerentry: entry {number} is of {ledger.moment_text(moment)}, which "
            f"lies ahead of the clock, {ledger.moment_text(now)}."
        )


@dataclass(frozen=True, slots=True)
class _MainRow:
    """The one row of an entry that says its moment, and to which the others belong."""

    key: int
    moment: datetime
    publication: int | None = None


# By the kind of an entry the model of its main row.
_MAIN_ROWS: dict[str, type[models.Model]] = {
    Kind.CHANGESET: Changeset,
    Kind.PUBLICATION: Publication,
    Kind.DECISION: Decision,
    Kind.COMMENT: ReviewComment,
}
# The columns of a row that say when it was recorded and what it belongs to.
_COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Changeset: ("recorded_at",),
    Publication: ("submitted_at",),
    Decision: ("at", "publication_id"),
    ReviewComment: ("at", "publication_id"),
    PublishedFile: ("publication_id",),
    Contribution: ("publication_id", "kind"),
    PublicEvent: ("decision_id",),
    DecisionSignature: ("decision_id",),
}
# By the kind of an entry and the model of a part: what its columns say if it belongs to a main row.
_PARTS: dict[tuple[str, type[models.Model]], Callable[[_MainRow], tuple[Any, ...]]] = {
    (Kind.PUBLICATION, PublishedFile): lambda row: (row.key,),
    (Kind.PUBLICATION, Contribution): lambda row: (row.key, Contribution.Kind.ADDS),
    (Kind.DECISION, Contribution): lambda row: (
        row.publication,
        Contribution.Kind.RETURNS,
    ),
    (Kind.DECISION, PublicEvent): lambda row: (row.key,),
    (Kind.DECISION, DecisionSignature): lambda row: (row.key,),
}

# The rows of one model that an entry seals: by key the values of its `order_columns`.
SealedRows = Mapping[str, tuple[Any, ...]]


def order_columns(model: type[models.Model]) -> tuple[str, ...]:
    """Return the columns of a sealed model that `OrderVerifier` reads."""
    if model in _COLUMNS:
        return _COLUMNS[model]
    return ("changeset_id", "history_date") if _is_history(model) else ("changeset_id",)


@dataclass
class OrderVerifier:
    """Verifies one entry after the other; the last keys are those of the entries before."""

    last_moment: datetime | None = None
    last_keys: dict[type[models.Model], int] = field(default_factory=dict)

    def faults(
        self, entry: LedgerEntry, sealed: Mapping[type[models.Model], SealedRows]
    ) -> Iterator[str]:
        """Yield the faults of an entry and the rows that it seals. Call it once for each entry."""
        previous, self.last_moment = self.last_moment, entry.recorded_at
        if previous and entry.recorded_at < previous:
            yield (
                f"compliance_ledgerentry: entry {entry.number} is of an earlier moment than the one"
                " before it."
            )
        for model, rows in sealed.items():
            yield from self._key_faults(entry, model, rows)
        main_model = _MAIN_ROWS.get(entry.kind)
        if main_model is None:
            yield f"compliance_ledgerentry: entry {entry.number} is of an unknown kind."
            return
        main_rows = sealed.get(main_model, {})
        if len(main_rows) != 1:
            yield (
                f"compliance_ledgerentry: entry {entry.number} seals {len(main_rows)} rows of"
                f" {main_model._meta.db_table}, where it seals one."
            )
            return
        [(key, (moment, *others))] = main_rows.items()
        if moment != entry.recorded_at:
            yield (
                f"{main_model._meta.db_table}: row {key} says {ledger.moment_text(moment)}, but"
                f" entry {entry.number}, which seals it, {ledger.moment_text(entry.recorded_at)}."
            )
        main_row = _MainRow(int(key), moment, *others)
        for model, rows in sealed.items():
            if model is not main_model:
                yield from _part_faults(entry, main_row, model, rows)

    def _key_faults(
        self, entry: LedgerEntry, model: type[models.Model], rows: SealedRows
    ) -> Iterator[str]:
        keys = [int(key) for key in rows]
        if not keys:
            return
        table = model._meta.db_table
        first, last = min(keys), self.last_keys.get(model, 0)
        if first < 1:
            yield f"{table}: row {first}, sealed by entry {entry.number}, has a key below 1."
        elif first <= last:
            yield (
                f"{table}: row {first}, sealed by entry {entry.number}, has an earlier key than row"
                f" {last}, which was sealed before."
            )
        self.last_keys[model] = max(last, *keys)


def _part_faults(
    entry: LedgerEntry, main_row: _MainRow, model: type[models.Model], rows: SealedRows
) -> Iterator[str]:
    """Yield a fault for each row that does not belong to the main row of its entry."""
    table = model._meta.db_table
    expected = _expected(entry.kind, main_row, model)
    for key, values in rows.items():
        if values != expected:
            yield (
                f"{table}: row {key} does not belong to the {entry.kind} that is sealed with it by"
                f" entry {entry.number}."
            )


def _expected(kind: str, main_row: _MainRow, model: type[models.Model]) -> tuple[Any, ...] | None:
    """Return what the columns of a part say if it belongs to a main row, None if none may."""
    if kind == Kind.CHANGESET and issubclass(model, TrackedHistory):
        return (main_row.key, main_row.moment) if _is_history(model) else (main_row.key,)
    part = _PARTS.get((kind, model))
    return part(main_row) if part else None


def _is_history(model: type[models.Model]) -> bool:
    """Return whether the rows of a model are versions of tracked records, each with a moment."""
    return any(field.name == "history_date" for field in model._meta.concrete_fields)
