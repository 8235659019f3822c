"""Verifies the ledger: its chain of hashes, and the rows that its entries seal."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from django.db import models

from compliance.audit import guards
from compliance.audit.ledger_order import OrderVerifier, SealedRows, order_columns
from compliance.models import LedgerEntry, Record, ledger

# How many entries are verified together: one query per table reads the rows that they seal.
_ENTRIES = 50
# The number of an entry, and the hashes by key of the rows that it seals in one table.
_Seal = tuple[int, Mapping[str, str]]
# What reading `sealed` raises if it is not JSON of that form.
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


# By the name of a table, for each key as text the number of the entry that seals the row.
Entries = Mapping[str, Mapping[str, int]]


def entry_of(entries: Entries, model: type[models.Model], key: int) -> int:
    """Return the number of the entry that seals a row, 0 if none does, which is a fault itself."""
    return entries.get(model._meta.db_table, {}).get(str(key), 0)


def sealed_models() -> dict[str, type[models.Model]]:
    """Return the models whose rows the ledger seals, by the name of their table."""
    # The ledger is held together by its chain. The identity is made before the first entry.
    unsealed = (LedgerEntry, Record)
    return {
        model._meta.db_table: model
        for model in guards.append_only_models()
        if model not in unsealed
    }


def _sealed_tables(
    entry: LedgerEntry,
) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, str]]]:
    """Yield each table that an entry seals, with its columns and the hashes of its rows by key.

    Raises one of _UNREADABLE for anything else, which only a forged entry has.
    """
    for table, sealed in json.loads(entry.sealed).items():
        hashes = sealed["rows"]
        if not all(abs(int(key)) <= models.BigIntegerField.MAX_BIGINT for key in hashes):
            raise ValueError("A key is too large for the database.")
        yield table, tuple(map(str, sealed["columns"])), dict(hashes)


@dataclass
class LedgerVerifier:
    """Verifies the ledger from its first entry on.

    It collects how many `entries` there are, their `hashes` by number, and by table the `keys` of
    the rows that they seal, each with the number of its entry, and the `columns`.
    """

    entries: int = 0
    last_hash: str = ""
    hashes: dict[int, str] = field(default_factory=dict)
    keys: defaultdict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    columns: dict[str, set[str]] = field(default_factory=dict)
    order: OrderVerifier = field(default_factory=OrderVerifier)
    sealable: dict[str, type[models.Model]] = field(default_factory=sealed_models)

    def faults(self, heads: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """Yield the faults of chain and sealed rows, then the heads that do not fit."""
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
        yield from self.missing_heads(heads, "a saved head")

    def missing_heads(self, heads: Iterable[Mapping[str, Any]], of: str) -> Iterator[str]:
        """Yield a fault for each head that is not in the chain; `of` says whose it is."""
        for head in heads:
            number = head["number"]
            entry = f"compliance_ledgerentry: entry {number}"
            if number not in self.hashes:
                yield f"{entry} of {of} is missing. The ledger was cut."
            elif self.hashes[number] != head["hash"]:
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

    def _row_faults(self, entries: Sequence[LedgerEntry]) -> Iterator[str]:
        """Yield a fault for each row that is not what these entries sealed."""
        seals: defaultdict[tuple[str, tuple[str, ...]], list[_Seal]] = defaultdict(list)
        for entry in entries:
            try:
                tables = list(_sealed_tables(entry))
            except _UNREADABLE:
                yield f"compliance_ledgerentry: what entry {entry.number} seals cannot be read."
                return
            for table, columns, hashes in tables:
                seals[table, columns].append((entry.number, hashes))
        rows: defaultdict[int, dict[type[models.Model], SealedRows]] = defaultdict(dict)
        # By columns too: an entry names those that the table had when it was written, which are
        # fewer in an entry from before a migration that added one.
        for (table, columns), sealing in seals.items():
            yield from self._table_faults(table, columns, sealing, rows)
        for entry in entries:
            yield from self.order.faults(entry, rows[entry.number])

    def _table_faults(
        self,
        table: str,
        columns: tuple[str, ...],
        sealing: list[_Seal],
        rows: defaultdict[int, dict[type[models.Model], SealedRows]],
    ) -> Iterator[str]:
        """Yield the faults of one table, and add what its rows say of their order to `rows`."""
        first_entry = sealing[0][0]
        model = self.sealable.get(table)
        if model is None:
            yield f"{table}: the table that entry {first_entry} seals is gone."
            return
        if fault := self._column_fault(model, columns, first_entry):
            yield fault
            return
        sealed_keys = chain.from_iterable(hashes for _, hashes in sealing)
        places = [columns.index(column) for column in order_columns(model)]
        present = {
            key: (sha256, tuple([values[place] for place in places]))
            for key, sha256, values in ledger.hashed_rows(model, columns, sealed_keys)
        }
        for number, hashes in sealing:
            of_entry = rows[number][model] = {}
            for key, sha256 in hashes.items():
                if key not in present:
                    yield f"{table}: row {key}, sealed by entry {number}, is missing."
                    continue
                present_sha256, of_entry[key] = present[key]
                if present_sha256 != sha256:
                    yield f"{table}: row {key} is not what entry {number} sealed."
                self.keys[table][key] = number

    def _column_fault(
        self, model: type[models.Model], columns: tuple[str, ...], entry: int
    ) -> str | None:
        """Return why an entry cannot seal these columns, None if it can.

        Columns are only ever added. What an entry leaves out could change unnoticed.
        """
        table = model._meta.db_table
        if not {field.attname for field in model._meta.concrete_fields}.issuperset(columns):
            return f"{table}: a column that entry {entry} seals is gone."
        sealed_before = self.columns.setdefault(table, set(order_columns(model)))
        if left_out := sorted(sealed_before.difference(columns)):
            return f"{table}: entry {entry} does not seal the column {left_out[0]}."
        sealed_before.update(columns)
        return None
