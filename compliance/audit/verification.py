"""Verification: whether the record is still what the ledger sealed.

Each entry of the ledger holds the hashes of the rows that one changeset, submission or decision
inserted, and the hash of the entry before it. Whoever owns the database can remove the guards and
change rows, but then a hash differs; and whoever also recomputes all hashes is found by a
checkpoint, the hash of the last entry, that somebody else saved before.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.models import F, Max, Q

from compliance.audit import guards
from compliance.models import Cell, Decision, LedgerEntry, Publication, Record, graph, ledger
from compliance.models.tracked import Tracked
from compliance.page import canonical
from compliance.published import projection, reader, writer
from compliance.published.errors import StoreFault

# How many entries are verified together: one query per table reads the rows that they seal.
_ENTRIES = 20
# The number of an entry, and the hashes by key of the rows that it seals in one table.
_Seal = tuple[int, Mapping[str, str]]

_NO_CHECKPOINT = "is no checkpoint. Save what /checkpoint gives, one a line."


class RecordCorrupt(Exception):
    """The record is not what was sealed; the message names the first table and row that differ."""


class NotACheckpoint(ValueError):
    """A text is not a saved checkpoint; the message quotes it."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries and rows fit, and the checkpoint to save (None if the record is empty)."""

    entries: int
    rows: int
    checkpoint: Mapping[str, Any] | None


def verify(*, anchors: Iterable[Mapping[str, Any]] = ()) -> Verified:
    """Recompute all hashes of the record, and compare the record with the published store.

    `anchors` are checkpoints that were saved earlier. They alone reveal that the end of the ledger
    was cut off or that all its hashes were recomputed, because such a ledger fits together.

    Raises RecordCorrupt with the first fault. Holds the keys of all rows in memory, not the rows.
    """
    verifier = LedgerVerifier()
    sources = _missing_guards(), *_row_faults(verifier, anchors), _store_faults(verifier)
    if fault := _first_fault(sources):
        raise RecordCorrupt(fault)
    return Verified(
        verifier.entries,
        sum(len(keys) for keys in verifier.keys.values()),
        projection.checkpoint_of(LedgerEntry.objects.last()),
    )


def first_record_fault() -> str | None:
    """Return the first fault in the rows of the record, leaving out guards and published store."""
    return _first_fault(_row_faults(LedgerVerifier(), anchors=()))


def _row_faults(
    verifier: "LedgerVerifier", anchors: Iterable[Mapping[str, Any]]
) -> tuple[Iterator[str], ...]:
    # In this order: `unsealed` needs the keys that `faults` collects.
    return (
        verifier.faults(anchors),
        verifier.unsealed(),
        _history_faults(),
        _cell_faults(),
        _attribution_faults(),
        _publication_faults(),
        _decision_faults(),
    )


def _first_fault(sources: Iterable[Iterator[str]]) -> str | None:
    """Return the first fault of several generators, which are run one after the other."""
    for source in sources:
        # Closed here, because a generator left half-way keeps a cursor of the server open. The
        # garbage collector may close that in the midst of another query, which then waits for ever.
        with closing(source) as faults:  # type: ignore[type-var]
            for fault in faults:
                return fault
    return None


def read_anchors(text: str) -> list[Mapping[str, Any]]:
    """Return the checkpoints in a text that has one per line, as /checkpoint responds.

    Each has the `number` and the `hash` of a ledger entry. Raises NotACheckpoint for other lines.
    """
    anchors: list[Mapping[str, Any]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            anchor = json.loads(line)
            number, sha256 = anchor["number"], anchor["hash"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise NotACheckpoint(f"{line[:60]} {_NO_CHECKPOINT}") from error
        if (
            type(number) is not int  # True is an instance of int
            or not isinstance(sha256, str)
            or not re.fullmatch("[0-9a-f]{64}", sha256)
        ):
            raise NotACheckpoint(f"{line[:60]} {_NO_CHECKPOINT}")
        anchors.append({"number": number, "hash": sha256})
    return anchors


def _missing_guards() -> Iterator[str]:
    for name in guards.missing(connection):
        yield f"The guard {name} is missing. Run migrate, and find out who took it away."


def _sealed_models() -> dict[str, type[models.Model]]:
    """Return the models whose rows the ledger seals, by the name of their table."""
    # The ledger is held together by its chain. The identity is made before the first entry.
    unsealed = (LedgerEntry, Record)
    return {
        model._meta.db_table: model
        for model in guards.append_only_models()
        if model not in unsealed
    }


@dataclass
class LedgerVerifier:
    """Verifies the ledger from its first entry on.

    It collects how many `entries` there are, their `hashes` by number, and by table the `keys` of
    the rows that they seal.
    """

    entries: int = 0
    last_hash: str = ""
    hashes: dict[int, str] = field(default_factory=dict)
    keys: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sealable: dict[str, type[models.Model]] = field(default_factory=_sealed_models)

    def faults(self, anchors: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """Yield the faults of chain and sealed rows, then the checkpoints that do not fit."""
        entries = LedgerEntry.objects.order_by("number").iterator(chunk_size=_ENTRIES)
        while batch := list(islice(entries, _ENTRIES)):
            chain_faults: list[str] = []
            sound: list[LedgerEntry] = []
            for entry in batch:
                if fault := self._chain_fault(entry):
                    chain_faults.append(fault)
                else:
                    sound.append(entry)
            # The rows of sound entries first: a changed row says more than the broken chain.
            yield from self._row_faults(sound)
            yield from chain_faults
        yield from self.unanchored(anchors, "a saved checkpoint")

    def unanchored(self, anchors: Iterable[Mapping[str, Any]], of: str) -> Iterator[str]:
        """Yield a fault for each checkpoint that is not in the chain; `of` says whose it is."""
        for anchor in anchors:
            number = anchor["number"]
            entry = f"compliance_ledgerentry: entry {number}"
            if number not in self.hashes:
                yield f"{entry} of {of} is missing. The ledger was cut."
            elif self.hashes[number] != anchor["hash"]:
                yield f"{entry} is not that of {of}. The ledger was chained anew."

    def unsealed(self) -> Iterator[str]:
        """Yield a fault for each row that no entry seals: it was written past the models."""
        for table, model in self.sealable.items():
            sealed = self.keys[table]
            if model._default_manager.count() == len(sealed):
                continue
            keys = model._default_manager.order_by("pk").values_list("pk", flat=True)
            for key in keys.iterator():
                if str(key) not in sealed:
                    yield f"{table}: row {key} is sealed by no entry of the ledger."

    def _chain_fault(self, entry: LedgerEntry) -> str:
        """Return why an entry does not continue the chain, empty if it does; add it to the chain.

        Called once for each entry, by rising number.
        """
        self.entries += 1
        expected, previous = self.entries, self.last_hash
        self.hashes[entry.number] = self.last_hash = entry.sha256
        if entry.number != expected:
            return f"compliance_ledgerentry: entry {expected} is missing."
        if entry.previous_sha256 != previous or entry.sha256 != entry.computed_sha256():
            return (
                f"compliance_ledgerentry: entry {entry.number} does not fit the one before it, "
                "or was changed."
            )
        return ""

    def _row_faults(self, entries: Iterable[LedgerEntry]) -> Iterator[str]:
        """Yield a fault for each row that is not what these entries sealed."""
        seals: defaultdict[tuple[str, tuple[str, ...]], list[_Seal]] = defaultdict(list)
        for entry in entries:
            for table, sealed in json.loads(entry.sealed).items():
                seals[table, tuple(sealed["columns"])].append((entry.number, sealed["rows"]))
        # By columns too: an entry names those that the table had when it was written, which are
        # fewer in an entry from before a migration that added one.
        for (table, columns), sealing in seals.items():
            yield from self._table_faults(table, columns, sealing)

    def _table_faults(
        self, table: str, columns: tuple[str, ...], sealing: list[_Seal]
    ) -> Iterator[str]:
        first_entry = sealing[0][0]
        model = self.sealable.get(table)
        if model is None:
            yield f"{table}: the table that entry {first_entry} seals is gone."
            return
        sealed_keys = chain.from_iterable(hashes for _, hashes in sealing)
        try:
            present = ledger.row_hashes(model, columns, sealed_keys)
        except FieldError:
            yield f"{table}: a column that entry {first_entry} seals is gone."
            return
        for number, hashes in sealing:
            for key, sha256 in hashes.items():
                if key not in present:
                    yield f"{table}: row {key}, sealed by entry {number}, is missing."
                elif present[key] != sha256:
                    yield f"{table}: row {key} is not what entry {number} sealed."
            self.keys[table].update(hashes)


def _attribution_faults() -> Iterator[str]:
    """Yield a fault for each history row with another person or reason than its changeset has."""
    same_person = Q(history_user=F("changeset__by")) | Q(history_user=None, changeset__by=None)
    for model in graph.tracked_models():
        table = model.history.model._meta.db_table
        others = model.history.exclude(
            same_person, history_change_reason=F("changeset__reason")
        ).order_by("history_id")
        for row, changeset in others.values_list("history_id", "changeset").iterator():
            yield (
                f"{table}: row {row} names another person or reason than its changeset {changeset}."
            )


def _history_faults() -> Iterator[str]:
    """Yield a fault for each tracked row that differs from its newest history row.

    SQLite has no deferred trigger that could compare them at commit, as PostgreSQL does.
    """
    for model in graph.tracked_models():
        yield from _history_faults_of(model)


def _history_faults_of(model: type[Tracked]) -> Iterator[str]:
    table = model._meta.db_table
    columns = [field.attname for field in model.history.model.tracked_fields]
    newest = (
        model.history.order_by()
        .values("id")
        .annotate(newest=Max("history_id"))
        .values_list("newest", flat=True)
    )
    rows_with_history = 0
    for keys in ledger.chunks(newest.iterator()):
        logged = {}
        for history_row in model.history.filter(pk__in=keys).values("history_type", *columns):
            is_deletion = history_row.pop("history_type") == "-"
            logged[history_row["id"]] = None if is_deletion else history_row
        rows = {row["id"]: row for row in model.objects.filter(pk__in=logged).values(*columns)}
        rows_with_history += len(rows)
        for key, expected in logged.items():
            if rows.get(key) != expected:
                yield f"{table}: row {key} is not what its history says it is."
    if rows_with_history != model.objects.count():
        yield f"{table}: a row has no history."


def _cell_faults() -> Iterator[str]:
    """Yield a fault for each cell in a column of another section than that of its listing.

    A guard refuses such a cell, but a listing that moves is for a moment without its cells.
    """
    strays = Cell.objects.exclude(column__section=F("listing__section")).order_by("pk")
    for key in strays.values_list("pk", flat=True).iterator():
        yield f"compliance_cell: row {key} is not in a column of its listing's section."


def _publication_faults() -> Iterator[str]:
    """Yield a fault for each file that differs from its hash, and each JSON that was exchanged."""
    for publication in Publication.objects.order_by("pk").iterator():
        files = {file.format: file for file in publication.files.all()}
        for file in files.values():
            if canonical.sha256(bytes(file.content)) != file.sha256:
                yield f"compliance_publishedfile: row {file.pk} does not have the hash beside it."
        if "json" not in files or files["json"].sha256 != publication.content_sha256:
            yield (
                f"compliance_publication: row {publication.pk} names another hash than its JSON "
                "has."
            )


def _decision_faults() -> Iterator[str]:
    """Yield a fault for each decision that the guards would have refused."""
    decided: set[int] = set()
    approvals: Counter[int] = Counter()
    standing_by_register: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    # In the order of recording, so that what stands at a decision is what no earlier row withdrew.
    for decision in Decision.objects.order_by("pk").select_related("publication").iterator():
        register = decision.register_id
        standing = standing_by_register[register]
        if decision.publication_id in decided and decision.kind != Decision.Kind.WITHDRAWN:
            yield f"compliance_decision: row {decision.pk} is a second decision on its publication."
        decided.add(decision.publication_id)
        if decision.kind == Decision.Kind.APPROVED:
            approvals[register] += 1
            yield from _approval_faults(decision, approvals[register], standing)
            standing[decision.publication_id] = decision.effective_from or decision.at
        elif decision.kind == Decision.Kind.WITHDRAWN:
            standing.pop(decision.publication_id, None)


def _approval_faults(
    decision: Decision, expected_number: int, standing: Mapping[int, datetime]
) -> Iterator[str]:
    """Yield the rules that an approval breaks.

    `standing` are the register's approved and not withdrawn publications before it: by their key
    the moment from which they are in force.
    """
    row, publication = f"compliance_decision: row {decision.pk}", decision.publication
    if decision.number != expected_number:
        yield f"{row} has the number {decision.number}, where {expected_number} follows."
    if decision.content_sha256 != publication.content_sha256:
        yield f"{row} approves another hash than that of its publication."
    effective_from = decision.effective_from or decision.at
    if standing and effective_from <= max(standing.values()):
        yield f"{row} takes effect no later than the publication before it."
    if publication.source == Publication.Source.IMPORTED:
        return
    barred = {
        None,
        publication.submitted_by_id,
        *publication.contributions.values_list("changeset__by", flat=True),
    }
    if decision.by_id in barred:
        yield f"{row} is by somebody who submitted or edited it."
    if not publication.submitted_at <= decision.at <= effective_from:
        yield f"{row} is backdated."
    requested = max(decision.at, publication.requested_effective_from or decision.at)
    # If the publication before takes effect at the same instant, this one does a microsecond later.
    after_last = max(standing.values(), default=requested) + timedelta(microseconds=1)
    if effective_from not in (requested, after_last) or effective_from < requested:
        yield f"{row} takes effect at another moment than it was asked to."
    if publication.base_id != max(standing, key=standing.__getitem__, default=None):
        yield f"{row} follows another publication than the one it was compared with."


def _store_faults(verifier: LedgerVerifier) -> Iterator[str]:
    try:
        yield from writer.find_differences()
        checkpoints = [checkpoint for checkpoint in reader.read_checkpoints() if checkpoint]
    except StoreFault as fault:
        yield str(fault)
        return
    yield from verifier.unanchored(checkpoints, "the published store")
