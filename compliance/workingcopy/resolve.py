"""Resolve the working copy of a register into a snapshot: what its page would print now.

A process remembers what it resolved last, and resolves again only what was edited since. What it
remembers is true of one entry of the ledger: the hash of the entry stands for every history row,
and so for every row, that was written up to there. So nothing has to be forgotten when a
transaction is rolled back, and what an open changeset has written is never remembered (ADR 0039).
"""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Subquery

from compliance.models import (
    AIModel,
    Changeset,
    Column,
    Footnote,
    Listing,
    Register,
    Section,
)
from compliance.models.changesets import has_written, take_editing_lock
from compliance.models.ledger import LedgerEntry
from compliance.models.snapshots import shared_with_latest
from compliance.page import table
from compliance.page.catalogue import catalogue
from compliance.page.remembered import settle
from compliance.page.rules.facts import KnownModel
from compliance.page.snapshot import Footnote as PrintedFootnote
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.workingcopy.edits import Edits, edits_since
from compliance.workingcopy.page_rows import (
    PageRows,
    footnotes_of,
    known_models,
    register_texts,
    sections_of,
)

__all__ = ["WorkingCopy", "capture", "forget", "sections_of", "working_copy"]

_T = TypeVar("_T")
# Beyond so many listings it is quicker to read them all.
_MOST_LISTINGS = 500
# How many registers are remembered. One of 10,000 models takes about 30 MB.
_MOST_REGISTERS = 8


class _Head(NamedTuple):
    """The last entry of the ledger: it stands for all that was recorded up to there."""

    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """The working copy of a register at one moment, and what is known of it besides.

    `known` are the models of the installation by their keys, listed or not, and `known_models` the
    same in a row. `models` and
    `providers` are what the page can name, by id. `columns` are the keys of each section's columns,
    in order.
    """

    head: _Head
    changeset: int
    snapshot: Snapshot
    known: Mapping[int, KnownModel]
    known_models: tuple[KnownModel, ...]
    models: Mapping[str, Model]
    providers: Mapping[str, Provider]
    columns: Mapping[str, tuple[int, ...]]


_remembered: OrderedDict[tuple[str, int], WorkingCopy] = OrderedDict()
_lock = threading.Lock()


def capture(register: Register) -> Snapshot:
    """Return the working copy of a register as a snapshot of one instant.

    The register gets the values that it has at that instant. Takes one query if nothing was edited
    since the last time; otherwise a fixed number, whatever the size of the register, and waits for
    an edit that is under way.
    """
    return working_copy(register).snapshot


def working_copy(register: Register) -> WorkingCopy:
    """Return the working copy of a register at one instant; see `capture`."""
    key = (_database(), register.pk)
    with _lock:
        remembered = _remembered.get(key)
    if remembered and not has_written() and _state(register, remembered).head == remembered.head:
        return remembered
    # Whoever catches an error here goes on with the transaction; a dry run ends with it.
    with transaction.atomic(savepoint=not has_written()):
        # On PostgreSQL several queries may see different commits, even in one transaction.
        take_editing_lock()
        state = _state(register, remembered)
        edits = None
        if remembered and state.knows_remembered:
            edits = edits_since(remembered.changeset)
        found = _brought_up_to_date(register, state, remembered, edits)
    if not has_written() and state.head.number:
        with _lock:
            _remembered[key] = found
            _remembered.move_to_end(key)
            while len(_remembered) > _MOST_REGISTERS:
                _remembered.popitem(last=False)
    return found


def forget() -> None:
    """Forget what was resolved."""
    with _lock:
        _remembered.clear()


def _database() -> str:
    return str(connection.settings_dict["NAME"])


class _State(NamedTuple):
    """The last entry of the ledger and changeset, and whether what is remembered led there."""

    head: _Head
    changeset: int
    knows_remembered: bool


def _state(register: Register, remembered: WorkingCopy | None) -> _State:
    """Return how far the record has come, and give the register the values of that moment.

    One query, so that it sees one moment without a lock.
    """
    entries = LedgerEntry.objects.order_by("-number")
    asked = remembered.head.number if remembered else 0
    row = (
        Register.objects.filter(pk=register.pk)
        .annotate(
            head_number=Subquery(entries.values("number")[:1]),
            head_sha256=Subquery(entries.values("sha256")[:1]),
            remembered_sha256=Subquery(entries.filter(number=asked).values("sha256")[:1]),
            last_changeset=Subquery(Changeset.objects.order_by("-pk").values("pk")[:1]),
        )
        .get()
    )
    for field in Register._meta.concrete_fields:
        setattr(register, field.attname, getattr(row, field.attname))
    found: Any = row
    return _State(
        _Head(found.head_number or 0, found.head_sha256 or ""),
        found.last_changeset or 0,
        bool(remembered) and remembered.head.sha256 == found.remembered_sha256,  # type: ignore[union-attr]
    )


def _brought_up_to_date(
    register: Register, state: _State, remembered: WorkingCopy | None, edits: Edits | None
) -> WorkingCopy:
    if remembered is None or edits is None:
        return _resolved(register, state)
    if not edits:
        return replace(remembered, head=state.head, changeset=state.changeset)
    texts = register_texts(register)
    if texts.language != remembered.snapshot.register.language or edits.count > _MOST_LISTINGS:
        return _resolved(register, state)
    return _Update(register, state, remembered, edits).resolved()


def _resolved(register: Register, state: _State) -> WorkingCopy:
    """Return the working copy, all of it resolved."""
    rows = PageRows(register)
    sections = tuple(
        table.Section(
            str(section.pk),
            section.prose,
            tuple(rows.columns(section.pk).values()),
            rows.listings(section.pk),
        )
        for section in register.sections.all()
    )
    providers = rows.catalogue.snapshot_providers()
    named_models, named_providers = catalogue(sections, rows.models.known, providers)
    page = Snapshot(
        register_texts(register), sections, named_models, named_providers, footnotes_of(register)
    )
    snapshot = shared_with_latest(register.pk, page)
    known = known_models()
    settle(len(known) + len(page.all_rows))
    return WorkingCopy(
        head=state.head,
        changeset=state.changeset,
        snapshot=snapshot,
        known=known,
        known_models=tuple(known.values()),
        # With the objects of the page, which later pages are to share too.
        models={**rows.models.known, **{model.id: model for model in snapshot.models}},
        providers={**providers, **{provider.id: provider for provider in snapshot.providers}},
        columns={section.id: tuple(rows.columns(UUID(section.id))) for section in sections},
    )


class _Update:
    """A working copy that was resolved before, and what was edited since.

    Whatever prints the same keeps its objects, so that comparing the two looks only at the rest.
    """

    def __init__(
        self, register: Register, state: _State, earlier: WorkingCopy, edits: Edits
    ) -> None:
        self.register, self.state, self.earlier, self.edits = register, state, earlier, edits
        self.page = earlier.snapshot
        self.old = {one.id: one for section in self.page.sections for one in section.listings}

    def resolved(self) -> WorkingCopy:
        sections, columns = self._sections()
        footnotes = self._footnotes()
        touched = self.edits.listings(self._renumbered(footnotes))
        touched |= self._in_other_columns(sections, columns)
        if len(touched) > _MOST_LISTINGS:
            return _resolved(self.register, self.state)
        rows = None
        if touched:
            columns_of = {
                UUID(section.id): dict(zip(columns[section.id], section.columns, strict=True))
                for section in sections
            }
            rows = PageRows(self.register, touched, columns_of)
        new = self._listings(rows, sections) if rows else {}
        sections = self._with_listings(sections, new, touched)
        models = self._facts(self.earlier.models, rows.models.known if rows else {})
        found = rows.catalogue.snapshot_providers() if rows else {}
        providers = self._facts(self.earlier.providers, found)
        named_models, named_providers = catalogue(sections, models, providers)
        page = Snapshot(
            register=_kept(self.page.register, register_texts(self.register)),
            sections=_kept(self.page.sections, sections),
            models=_kept(self.page.models, named_models),
            providers=_kept(self.page.providers, named_providers),
            footnotes=footnotes,
        )
        known = self._known()
        return WorkingCopy(
            head=self.state.head,
            changeset=self.state.changeset,
            snapshot=_kept(self.page, page),
            known=known,
            known_models=(
                self.earlier.known_models if known is self.earlier.known else tuple(known.values())
            ),
            models=models,
            providers=providers,
            columns=columns,
        )

    def _sections(self) -> tuple[tuple[table.Section, ...], Mapping[str, tuple[int, ...]]]:
        """Return the sections as they are now with the listings they had, and their columns."""
        if not self.edits.of(Section) and not self.edits.of(Column):
            return self.page.sections, self.earlier.columns
        old = {section.id: section for section in self.page.sections}
        sections, columns = [], {}
        for section in self.register.sections.prefetch_related("columns"):
            of_section = list(section.columns.all())
            columns[str(section.pk)] = tuple(column.pk for column in of_section)
            earlier = old.get(str(section.pk))
            found = table.Section(
                str(section.pk),
                section.prose,
                tuple(column.to_snapshot() for column in of_section),
                earlier.listings if earlier else (),
            )
            sections.append(_kept(earlier, found))
        return tuple(sections), columns

    def _in_other_columns(
        self, sections: Iterable[table.Section], columns: Mapping[str, tuple[int, ...]]
    ) -> set[UUID]:
        """Return the listings whose columns are others than before, or mean something else."""
        old = {section.id: section for section in self.page.sections}
        found: set[UUID] = set()
        for section in sections:
            earlier = old.get(section.id, section)
            if earlier.columns == section.columns:
                same_keys = self.earlier.columns.get(section.id) == columns[section.id]
                if earlier is section or same_keys:
                    continue
            elif self.earlier.columns.get(section.id) == columns[section.id] and (
                _without_labels(earlier) == _without_labels(section)
            ):
                continue
            found.update(UUID(listing.id) for listing in section.listings)
        return found

    def _footnotes(self) -> tuple[PrintedFootnote, ...]:
        if not self.edits.of(Footnote):
            return self.page.footnotes
        return _kept(self.page.footnotes, footnotes_of(self.register))

    def _renumbered(self, footnotes: Iterable[PrintedFootnote]) -> set[str]:
        """Return the footnotes that came, went or have another number than before."""
        old = {note.id: note.number for note in self.page.footnotes}
        new = {note.id: note.number for note in footnotes}
        return {id for id in old.keys() | new.keys() if old.get(id) != new.get(id)}

    def _listings(
        self, rows: PageRows, sections: Iterable[table.Section]
    ) -> dict[str, table.Listing]:
        """Return the touched listings by id; those that are as they were are the same objects."""
        found = {}
        for section in sections:
            for listing in rows.listings(UUID(section.id)):
                found[listing.id] = _kept(self.old.get(listing.id), listing)
        return found

    def _with_listings(
        self,
        sections: tuple[table.Section, ...],
        new: Mapping[str, table.Listing],
        touched: Collection[UUID],
    ) -> tuple[table.Section, ...]:
        if not touched and not self.edits.of(Section):
            return sections
        by_id = {**self.old, **new}
        if self.edits.of(Listing) or self.edits.of(Section):
            order: defaultdict[str, list[str]] = defaultdict(list)
            placed = Listing.objects.filter(section__register=self.register)
            for section, key in placed.values_list("section_id", "pk"):
                order[str(section)].append(str(key))
        else:
            order = defaultdict(list)
            for section in sections:
                order[section.id] = [listing.id for listing in section.listings]
        found = []
        for section in sections:
            listings = tuple([by_id[id] for id in order[section.id]])
            found.append(_kept(section, replace(section, listings=listings)))
        return tuple(found)

    def _facts(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what is known of models or providers, by id; the same if nothing differs."""
        differing = {id: one for id, one in new.items() if old.get(id) != one}
        return {**old, **differing} if differing else old

    def _known(self) -> Mapping[int, KnownModel]:
        touched = {int(key) for key in self.edits.of(AIModel)}
        if not touched:
            return self.earlier.known
        known = {key: model for key, model in self.earlier.known.items() if key not in touched}
        # In the order of the keys, as if all had been read.
        return dict(sorted({**known, **known_models(touched)}.items()))


def _kept(old: _T | None, new: _T) -> _T:
    """Return what there was if it is equal to what there is now."""
    return old if old is not None and old == new else new


def _without_labels(section: table.Section) -> list[table.Column]:
    return [replace(column, label="") for column in section.columns]
