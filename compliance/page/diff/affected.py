"""The models and providers that each change concerns."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from compliance.page.diff.compare import compare
from compliance.page.diff.continued import with_later_ids
from compliance.page.diff.types import Change, ChangeKind
from compliance.page.remembered import rows_with, values_of
from compliance.page.snapshot import Snapshot
from compliance.page.table import ModelItem, ProviderItem, Row

_ABOUT_MODELS = {
    ChangeKind.MODEL_ADDED,
    ChangeKind.MODEL_RETIRED,
    ChangeKind.MODEL_REPLACED,
    ChangeKind.MODEL_RENAMED,
    ChangeKind.MODEL_MOVED,
    ChangeKind.MODEL_FACT,
    ChangeKind.LISTING_SPLIT,
}
_ABOUT_PROVIDERS = {
    ChangeKind.PROVIDER_ADDED,
    ChangeKind.RECIPIENT_GAINED,
    ChangeKind.PROVIDER_REMOVED,
    ChangeKind.PROVIDER_RENAMED,
    ChangeKind.PROVIDER_FACT,
    ChangeKind.DECLARED,
}
_ABOUT_NOTES = {
    ChangeKind.FOOTNOTE_ADDED,
    ChangeKind.FOOTNOTE_REMOVED,
    ChangeKind.FOOTNOTE_CHANGED,
    ChangeKind.FOOTNOTE_RENUMBERED,
}
# What these tell of a row is true only of the models that stood in it and still do: of the others,
# changes of their own tell where they go.
_ABOUT_RECIPIENTS = {
    ChangeKind.PROVIDER_ADDED,
    ChangeKind.RECIPIENT_GAINED,
    ChangeKind.PROVIDER_REMOVED,
}
# What a column says concerns all the rows of its table.
_ABOUT_COLUMNS = {
    ChangeKind.COLUMN_ADDED,
    ChangeKind.COLUMN_REMOVED,
    ChangeKind.COLUMN_RELABELLED,
    ChangeKind.COLUMN_CHANGED,
}


@dataclass(frozen=True, slots=True)
class AffectedChange:
    """A change with the ids of the models and the providers that it concerns."""

    change: Change
    models: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()


def affected_changes(
    before: Snapshot | None, after: Snapshot, *, are_neighbours: bool = True
) -> tuple[AffectedChange, ...]:
    """Return the changes that `compare` returns, each with the models and providers it concerns.

    A change of a row concerns all its models and providers; a change of one model or provider
    concerns no other of its kind.
    """
    changes = compare(before, after, are_neighbours=are_neighbours)
    earlier = with_later_ids(before or Snapshot(after.register, ()), after)
    parties = _Parties(earlier, after, frozenset(_wanted(changes)))
    return tuple(AffectedChange(change, *parties.of(change)) for change in changes)


def _wanted(changes: tuple[Change, ...]) -> Iterator[str]:
    """Give the keys of all rows that are looked up for some changes; see `_Parties`."""
    for change in changes:
        yield f"listing {change.listing}"
        for id in change.about:
            yield from (f"{kind} {id}" for kind in _KINDS)


_KINDS = ("listing", "section", "model", "provider", "document")


def _keys(row: Row) -> frozenset[str]:
    keys = {f"listing {row.id}", f"section {row.section.id}"}
    keys |= {f"model {item.model}" for item in row.models}
    keys |= {f"provider {item.provider}" for item in row.providers}
    keys |= {f"document {item.document}" for item in row.documents}
    return frozenset(keys)


@dataclass(frozen=True)
class _Parties:
    """The models and providers of both pages, to be found by a change.

    Rows are found by `wanted` keys only: "listing ID", "section ID", or what they name, "model ID".
    """

    before: Snapshot
    after: Snapshot
    wanted: frozenset[str]

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        """The rows of both pages by those of the wanted keys that they have."""
        found: dict[str, list[Row]] = {}
        for snapshot in (self.before, self.after):
            rows = snapshot.all_rows
            for row, keys in zip(rows, values_of(_keys, rows), strict=True):
                for key in keys & self.wanted:
                    found.setdefault(key, []).append(row)
        return found

    @cached_property
    def _marked(self) -> dict[str, tuple[set[str], set[str]]]:
        """The models and providers that each footnote marks on either page, by its id."""
        marked: dict[str, tuple[set[str], set[str]]] = {}
        for snapshot in (self.before, self.after):
            notes = {note.number: note.id for note in snapshot.footnotes}
            for _, marks in rows_with(_marks, snapshot.all_rows):
                for number, models, providers in marks:
                    all_models, all_providers = marked.setdefault(notes[number], (set(), set()))
                    all_models.update(models)
                    all_providers.update(providers)
        return marked

    def of(self, change: Change) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of the models and of the providers that a change concerns."""
        if change.kind in _ABOUT_NOTES:
            models, providers = self._marked.get(change.about[0], (set(), set()))
            return frozenset(models), frozenset(providers)
        rows = self._rows.get(f"listing {change.listing}", [])
        if change.kind in _ABOUT_MODELS:
            named = self._named("model", change)
            return frozenset(named), _providers([*rows, *self._rows_of("model", named)])
        if change.kind in _ABOUT_PROVIDERS:
            named = self._named("provider", change)
            stayed = _models_that_stayed(rows) if change.kind in _ABOUT_RECIPIENTS else None
            told = stayed or _models(rows or self._rows_of("provider", named))
            return told, frozenset(named)
        if change.kind in _ABOUT_COLUMNS:
            rows = self._rows.get(f"section {change.about[0]}", [])
        if change.kind is ChangeKind.REORDERED:
            rows = [row for id in change.about for row in self._rows[f"listing {id}"]]
        if change.kind is ChangeKind.DOCUMENT_FACT:
            rows = self._rows.get(f"document {change.about[0]}", [])
        return _models(rows), _providers(rows)

    def _named(self, kind: str, change: Change) -> list[str]:
        """Return the models or providers that a change is about."""
        # Of a fact, only the first is an id.
        is_fact = change.kind in (ChangeKind.MODEL_FACT, ChangeKind.PROVIDER_FACT)
        about = change.about[:1] if is_fact else change.about
        return [id for id in about if f"{kind} {id}" in self._rows]

    def _rows_of(self, kind: str, ids: list[str]) -> list[Row]:
        return [row for id in ids for row in self._rows[f"{kind} {id}"]]


def _marks(row: Row) -> list[tuple[int, frozenset[str], frozenset[str]]]:
    """Return each mark of a row as its number and the models and providers that it concerns.

    A mark at a model concerns that alone, one at a provider also all models of the row, and one
    anywhere else all of the row.
    """
    models, providers = _models([row]), _providers([row])
    marks = []
    for _, cell in row.cells:
        for item in cell.items:
            concerned = models, providers
            if isinstance(item, ModelItem):
                concerned = frozenset([item.model]), frozenset()
            elif isinstance(item, ProviderItem):
                concerned = models, frozenset([item.provider])
            marks += [(number, *concerned) for number in item.footnotes]
    return marks


def _models(rows: list[Row]) -> frozenset[str]:
    return frozenset(item.model for row in rows for item in row.models)


def _models_that_stayed(rows: list[Row]) -> frozenset[str]:
    """Return the models that stand in a row on both pages; none if it is on one page only."""
    if len(rows) != 2:
        return frozenset()
    before, after = rows
    return _models([before]) & _models([after])


def _providers(rows: list[Row]) -> frozenset[str]:
    return frozenset(item.provider for row in rows for item in row.providers)
