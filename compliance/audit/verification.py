"""The record: whether everything in it still is what was sealed, and the checkpoint to hold it to later."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import connection, models
from django.db.models import F, Max, Q

from compliance.audit import guards
from compliance.models import (
    Changeset,
    Contribution,
    Decision,
    LedgerEntry,
    Publication,
    PublishedFile,
    Review,
    ledger,
)
from compliance.models.tracked import Tracked
from compliance.page import canonical
from compliance.published import projection, reader, writer
from compliance.published.errors import StoreFault

# Read together: the rows that some entries seal are asked for once a table, not once an entry.
_ENTRIES = 20
_Seal = tuple[int, Mapping[str, str]]


_NO_CHECKPOINT = "is no checkpoint. Save what /checkpoint gives, one a line."


class RecordCorrupt(Exception):
    """The record is not what was sealed; names the first table and row that does not fit."""


class NotACheckpoint(ValueError):
    """A text that is no saved checkpoint; says why."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How much was verified, and the checkpoint to save: None for an empty record."""

    entries: int
    rows: int
    checkpoint: Mapping[str, Any] | None


def verify(*, anchors: Iterable[Mapping[str, Any]] = ()) -> Verified:
    """Recompute the whole record and compare it with the published store; raises Unsound with the first fault.

    `anchors` are checkpoints saved earlier: they unmask a ledger that was cut or chained anew, which by itself fits.
    Memory is bounded by the keys of the rows, not by the rows.
    """
    walk = LedgerVerifier()
    for fault in chain(_missing_guards(), _row_faults(walk, anchors), _store_faults(walk)):
        raise RecordCorrupt(fault)
    return Verified(
        walk.entries,
        sum(map(len, walk.keys.values())),
        projection.checkpoint_of(LedgerEntry.objects.last()),
    )


def record_faults() -> Iterator[str]:
    """Yield what does not fit in the rows of the record, without looking at guards and store."""
    return _row_faults(LedgerVerifier(), anchors=())


def _row_faults(walk: "LedgerVerifier", anchors: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return chain(walk.faults(anchors), walk.unsealed(), _unmirrored(), _misattributed(), _misfits())


def read_anchors(text: str) -> list[Mapping[str, Any]]:
    """Return the checkpoints in a text, one a line as /checkpoint gives them; raises NotACheckpoint."""
    anchors: list[Mapping[str, Any]] = []
    for line in filter(str.strip, text.splitlines()):
        try:
            anchor = json.loads(line)
            number, sha256 = anchor["number"], anchor["hash"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise NotACheckpoint(f"{line[:60]} {_NO_CHECKPOINT}") from error
        if (
            type(number) is not int
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
    """Return every model of the record by its table."""
    histories = (model.history.model for model in _tracked_models())
    record = [Changeset, Publication, PublishedFile, Contribution, Decision, Review, *histories]
    return {model._meta.db_table: model for model in record}


@dataclass
class LedgerVerifier:
    """The chain from its first entry: how many entries, their hashes, and the keys that they seal by table."""

    entries: int = 0
    last: str = ""
    hashes: dict[int, str] = field(default_factory=dict)
    keys: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sealable: dict[str, type[models.Model]] = field(default_factory=_sealed_models)

    def faults(self, anchors: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """Give what does not fit in rows and chain, some entries at a time, then what saved checkpoints tell."""
        entries = LedgerEntry.objects.order_by("number").iterator(chunk_size=_ENTRIES)
        while some := list(islice(entries, _ENTRIES)):
            misfits = {entry.number: fault for entry in some if (fault := self._chain_fault(entry))}
            yield from self._row_faults(entry for entry in some if entry.number not in misfits)
            yield from misfits.values()
        yield from self.unanchored(anchors, "a saved checkpoint")

    def unanchored(self, anchors: Iterable[Mapping[str, Any]], of: str) -> Iterator[str]:
        """Give each checkpoint that the chain does not hold."""
        for anchor in anchors:
            number = anchor["number"]
            if number not in self.hashes:
                yield f"compliance_ledgerentry: entry {number} of {of} is missing. The ledger was cut."
            elif self.hashes[number] != anchor["hash"]:
                yield f"compliance_ledgerentry: entry {number} is not that of {of}. The ledger was chained anew."

    def unsealed(self) -> Iterator[str]:
        """Give the rows that no entry seals: they were written past the ledger."""
        for table, model in self.sealable.items():
            if model._default_manager.count() != len(self.keys[table]):
                for key in (
                    model._default_manager.order_by("pk").values_list("pk", flat=True).iterator()
                ):
                    if str(key) not in self.keys[table]:
                        yield f"{table}: row {key} is sealed by no entry of the ledger."

    def _chain_fault(self, entry: LedgerEntry) -> str:
        self.entries += 1
        expected, previous = self.entries, self.last
        self.hashes[entry.number] = self.last = entry.sha256
        if entry.number != expected:
            return f"compliance_ledgerentry: entry {expected} is missing."
        if entry.previous_sha256 != previous or entry.sha256 != entry.computed_sha256():
            return f"compliance_ledgerentry: entry {entry.number} does not fit the one before it, or was changed."
        return ""

    def _row_faults(self, entries: Iterable[LedgerEntry]) -> Iterator[str]:
        """Give the rows that are not what these entries sealed; those of one table are read together."""
        seals: defaultdict[tuple[str, tuple[str, ...]], list[_Seal]] = defaultdict(list)
        for entry in entries:
            for table, sealed in json.loads(entry.sealed).items():
                seals[table, tuple(sealed["columns"])].append((entry.number, sealed["rows"]))
        for (table, columns), sealing in seals.items():
            yield from self._table_faults(table, columns, sealing)

    def _table_faults(
        self, table: str, columns: tuple[str, ...], sealing: list[_Seal]
    ) -> Iterator[str]:
        model = self.sealable.get(table)
        if model is None:
            yield f"{table}: the table that entry {sealing[0][0]} seals is gone."
            return
        try:
            stand = ledger.row_hashes(
                model, columns, chain.from_iterable(rows for _, rows in sealing)
            )
        except FieldError:
            yield f"{table}: a column that entry {sealing[0][0]} seals is gone."
            return
        for number, rows in sealing:
            for key, sha256 in rows.items():
                if key not in stand:
                    yield f"{table}: row {key}, sealed by entry {number}, is missing."
                elif stand[key] != sha256:
                    yield f"{table}: row {key} is not what entry {number} sealed."
            self.keys[table].update(rows)


def _tracked_models() -> Iterator[type[Tracked]]:
    for model in apps.get_app_config("compliance").get_models():
        if issubclass(model, Tracked):
            yield model


def _unmirrored() -> Iterator[str]:
    """Give the working rows that are not their newest history row, and those that only one side has."""
    for model in _tracked_models():
        yield from _unmirrored_rows(model)


def _misattributed() -> Iterator[str]:
    """Give the history rows that name another person or reason than their changeset."""
    same_person = Q(history_user=F("changeset__by")) | Q(history_user=None, changeset__by=None)
    for model in _tracked_models():
        others = model.history.exclude(
            same_person, history_change_reason=F("changeset__reason")
        ).order_by("history_id")
        for row, changeset in others.values_list("history_id", "changeset").iterator():
            table = model.history.model._meta.db_table
            yield f"{table}: row {row} names another person or reason than its changeset {changeset}."


def _unmirrored_rows(model: type[Tracked]) -> Iterator[str]:
    table = model._meta.db_table
    columns = [each.attname for each in model.history.model.tracked_fields]
    newest = (
        model.history.order_by()
        .values("id")
        .annotate(newest=Max("history_id"))
        .values_list("newest", flat=True)
    )
    standing = 0
    for keys in ledger.chunks(newest.iterator()):
        logged = {
            row["id"]: row
            for row in model.history.filter(pk__in=keys).values("history_type", *columns)
        }
        rows = {row["id"]: row for row in model.objects.filter(pk__in=logged).values(*columns)}
        standing += len(rows)
        for key, row in logged.items():
            expected = None if row.pop("history_type") == "-" else row
            if rows.get(key) != expected:
                yield f"{table}: row {key} is not what its history says it is."
    if standing != model.objects.count():
        yield f"{table}: a row has no history."


def _misfits() -> Iterator[str]:
    """Give the publications and decisions that could not have come about by the rules."""
    for publication in Publication.objects.order_by("pk").iterator():
        files = {file.format: file for file in publication.files.all()}
        for file in files.values():
            if canonical.sha256(bytes(file.content)) != file.sha256:
                yield f"compliance_publishedfile: row {file.pk} does not have the hash beside it."
        if "json" not in files or files["json"].sha256 != publication.content_sha256:
            yield f"compliance_publication: row {publication.pk} names another hash than its JSON has."
    decided: set[int] = set()
    numbers: defaultdict[int, int] = defaultdict(int)
    standing: defaultdict[int, dict[int, datetime]] = defaultdict(dict)
    # In the order in which they were recorded: what stood is what no earlier row had withdrawn.
    for decision in Decision.objects.order_by("pk").select_related("publication").iterator():
        stood = standing[decision.register_id]
        if decision.publication_id in decided and decision.kind != Decision.Kind.WITHDRAWN:
            yield f"compliance_decision: row {decision.pk} decides of what was decided before."
        decided.add(decision.publication_id)
        if decision.kind == Decision.Kind.APPROVED:
            numbers[decision.register_id] += 1
            yield from _approval_faults(decision, numbers[decision.register_id], stood)
            stood[decision.publication_id] = decision.effective_from or decision.at
        elif decision.kind == Decision.Kind.WITHDRAWN:
            stood.pop(decision.publication_id, None)


def _approval_faults(
    decision: Decision, expected: int, stood: Mapping[int, datetime]
) -> Iterator[str]:
    """Give what an approval breaks of the rules; `stood` are the publications before it by their moment of effect."""
    row, publication = f"compliance_decision: row {decision.pk}", decision.publication
    if decision.number != expected:
        yield f"{row} has the number {decision.number}, where {expected} follows."
    if decision.content_sha256 != publication.content_sha256:
        yield f"{row} approves another hash than that of its publication."
    effective_from = decision.effective_from or decision.at
    if stood and effective_from <= max(stood.values()):
        yield f"{row} takes effect no later than the publication before it."
    if publication.source == Publication.Source.IMPORTED:
        return
    touched = {
        publication.submitted_by_id,
        None,
        *publication.contributions.values_list("changeset__by", flat=True),
    }
    if decision.by_id in touched:
        yield f"{row} is by somebody who submitted or edited it."
    if not publication.submitted_at <= decision.at <= effective_from:
        yield f"{row} is backdated."
    asked = max(decision.at, publication.requested_effective_from or decision.at)
    # Of the same instant as the one before, it takes effect a microsecond later.
    after_last = max(stood.values(), default=asked) + timedelta(microseconds=1)
    if effective_from not in (asked, after_last) or effective_from < asked:
        yield f"{row} takes effect at another moment than it was asked to."
    if publication.base_id != max(stood, key=stood.__getitem__, default=None):
        yield f"{row} follows another publication than its own was compared with."


def _store_faults(walk: LedgerVerifier) -> Iterator[str]:
    try:
        yield from writer.find_differences()
        kept = [anchor for anchor in reader.read_checkpoints() if anchor]
    except StoreFault as fault:
        yield str(fault)
        return
    yield from walk.unanchored(kept, "the published store")
