"""Verification: whether the record is still what the ledger sealed.

Each entry of the ledger holds the hashes of the rows that one changeset, submission, decision or
comment inserted, and the hash of the entry before it. Whoever owns the database can remove the
guards and change rows, but then a hash differs; and whoever also recomputes all hashes is found by
a head, the hash of the last entry, that somebody else saved before.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from compliance.audit import (
    accounts,
    decisions,
    guards,
    history,
    ledger_order,
    public_log,
    signatures,
)
from compliance.audit.ledger_chain import LedgerVerifier
from compliance.models import LedgerEntry
from compliance.published import comparison, projection, reader
from compliance.published.errors import StoreFault, WrongSetting


class RecordCorrupt(Exception):
    """The record is not what was sealed; the message names the first table and row that differ."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries and rows fit, and the head to save (None if the record is empty).

    `notes` are sentences about what is no fault, but what somebody should look at.
    """

    entries: int
    rows: int
    head: Mapping[str, Any] | None
    notes: tuple[str, ...] = ()


def verify(
    *,
    heads: Iterable[Mapping[str, Any]] = (),
    checkpoints: Iterable[str] = (),
    now: datetime | None = None,
) -> Verified:
    """Recompute all hashes of the record, and compare the record with the published store.

    `heads` are heads of the ledger that were saved earlier. They alone reveal that the end of the
    ledger was cut off or that all its hashes were recomputed, because such a ledger fits together.
    `checkpoints` are signed checkpoints of the public log that were saved, and reveal the same of
    it. `now` is the moment of the clock, ahead of which no entry may lie; None skips that.

    Raises RecordCorrupt with the first fault, and WrongSetting if store or key are not found where
    the settings say, which tells nothing about them. Holds the keys of all rows in memory, not
    the rows.
    """
    verifier = LedgerVerifier()
    # Guards first: a guard that is missing explains what the others find.
    sources = [
        _guard_faults(),
        *_row_faults(verifier, heads),
        _future_faults(now),
        public_log.checkpoint_faults(checkpoints),
        _store_faults(verifier),
    ]
    if fault := _first_fault(sources):
        raise RecordCorrupt(fault)
    return Verified(
        verifier.entries,
        sum(len(keys) for keys in verifier.keys.values()),
        projection.head_of(LedgerEntry.objects.last()),
        tuple(signatures.notes()),
    )


def first_record_fault() -> str | None:
    """Return the first fault in the rows of the record, leaving out guards and published store."""
    return _first_fault(_row_faults(LedgerVerifier(), heads=()))


def _row_faults(
    verifier: LedgerVerifier, heads: Iterable[Mapping[str, Any]]
) -> list[Iterator[str]]:
    """Return the sources of faults in the rows, each a generator of sentences."""
    return [
        # First, because it collects the keys and entries that others need.
        verifier.faults(heads),
        verifier.unsealed(),
        history.row_faults(),
        history.cell_faults(),
        history.attribution_faults(),
        history.label_faults(),
        decisions.publication_faults(),
        decisions.relation_faults(verifier.keys),
        decisions.renewal_faults(verifier.keys),
        decisions.imported_faults(verifier.keys),
        decisions.decision_faults(verifier.keys),
        decisions.hash_faults(),
        public_log.event_faults(),
        accounts.factor_faults(),
        accounts.state_faults(),
        accounts.identity_faults(),
        accounts.decider_faults(verifier.keys),
        signatures.faults(verifier.keys),
    ]


def _first_fault(sources: Iterable[Iterator[str]]) -> str | None:
    """Return the first fault of several generators, which are run one after the other."""
    for source in sources:
        # Closed here, because a generator left half-way keeps a cursor of the server open. The
        # garbage collector may close that in the midst of another query, which then waits for ever.
        with closing(source) as faults:  # type: ignore[type-var]
            for fault in faults:
                return fault
    return None


def _guard_faults() -> Iterator[str]:
    yield from guards.faults(connection)


def _future_faults(now: datetime | None) -> Iterator[str]:
    if now:
        yield from ledger_order.future_faults(now)


def _store_faults(verifier: LedgerVerifier) -> Iterator[str]:
    try:
        yield from comparison.find_differences()
        heads = reader.read_heads()
    except WrongSetting:
        raise
    except StoreFault as fault:
        yield str(fault)
        return
    yield from verifier.missing_heads(heads, "the published store")
