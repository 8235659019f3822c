"""The models and providers that each change concerns."""

from dataclasses import dataclass
from functools import cached_property

from compliance.page.diff.compare import compare
from compliance.page.diff.types import Change, ChangeKind
from compliance.page.snapshot import Document, Model, Provider, Retention, Snapshot, Training
from compliance.page.table import Listing

_ABOUT_MODELS = {
    ChangeKind.MODEL_ADDED,
    ChangeKind.MODEL_RETIRED,
    ChangeKind.MODEL_REPLACED,
    ChangeKind.MODEL_RENAMED,
    ChangeKind.MODEL_MOVED,
    ChangeKind.LISTING_SPLIT,
}
_ABOUT_PROVIDERS = {
    ChangeKind.PROVIDER_ADDED,
    ChangeKind.RECIPIENT_GAINED,
    ChangeKind.PROVIDER_REMOVED,
    ChangeKind.PROVIDER_RENAMED,
    ChangeKind.DECLARED,
}
_ABOUT_NOTES = {
    ChangeKind.FOOTNOTE_ADDED,
    ChangeKind.FOOTNOTE_REMOVED,
    ChangeKind.FOOTNOTE_CHANGED,
    ChangeKind.FOOTNOTE_RENUMBERED,
}


@dataclass(frozen=True, slots=True)
class AffectedChange:
    """A change with the ids of the models and the providers that it concerns."""

    change: Change
    models: frozenset[str]
    providers: frozenset[str]


def affected_changes(before: Snapshot | None, after: Snapshot) -> tuple[AffectedChange, ...]:
    """Return the changes that `compare` returns, each with the models and providers it concerns.

    A change of a row concerns all its models and providers; a change of one model or provider
    concerns no other of its kind.
    """
    parties = _Parties(before or Snapshot(after.register, (), ()), after)
    return tuple(AffectedChange(change, *parties.of(change)) for change in compare(before, after))


@dataclass(frozen=True)
class _Parties:
    """The models and providers of both pages, to be found by a change."""

    before: Snapshot
    after: Snapshot

    @cached_property
    def _rows(self) -> dict[str, list[Listing]]:
        """The rows of both pages by "listing ID", "model ID" and "provider ID"."""
        rows: dict[str, list[Listing]] = {}
        for row in (*self.before.listings, *self.after.listings):
            keys = {f"listing {row.id}"}
            keys |= {f"model {model.id}" for model in row.models}
            keys |= {f"provider {provider.id}" for provider in row.providers}
            for key in keys:
                rows.setdefault(key, []).append(row)
        return rows

    def of(self, change: Change) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of the models and of the providers that a change concerns."""
        if change.kind in _ABOUT_NOTES:
            return self._cited_by(change)
        rows = self._rows.get(f"listing {change.listing}", [])
        if change.kind in _ABOUT_MODELS:
            named = [id for id in change.about if f"model {id}" in self._rows]
            return frozenset(named), _providers([*rows, *self._rows_of("model", named)])
        if change.kind in _ABOUT_PROVIDERS:
            named = [id for id in change.about if f"provider {id}" in self._rows]
            return _models(rows or self._rows_of("provider", named)), frozenset(named)
        return _models(rows), _providers(rows)

    def _rows_of(self, kind: str, ids: list[str]) -> list[Listing]:
        return [row for id in ids for row in self._rows[f"{kind} {id}"]]

    def _cited_by(self, change: Change) -> tuple[frozenset[str], frozenset[str]]:
        """Return the models and providers that a footnote marks on either page."""
        models: set[str] = set()
        providers: set[str] = set()
        for snapshot in (self.before, self.after):
            numbers = {note.number for note in snapshot.footnotes if note.id in change.about}
            for row in snapshot.listings:
                marked_models, marked_providers = _marked(row, numbers)
                models |= marked_models
                providers |= marked_providers
        return frozenset(models), frozenset(providers)


def _marked(row: Listing, numbers: set[int]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the models and providers of a row that footnotes with some numbers mark.

    A mark at a cell or document concerns all of the row, one at a provider also all its models.
    """

    def is_marked(target: Model | Provider | Training | Retention | Document) -> bool:
        return not numbers.isdisjoint(target.footnotes)

    cells_are_marked = is_marked(row.training) or is_marked(row.retention)
    if cells_are_marked or any(map(is_marked, row.documents)):
        return _models([row]), _providers([row])
    providers = frozenset(provider.id for provider in row.providers if is_marked(provider))
    if providers:
        return _models([row]), providers
    return frozenset(model.id for model in row.models if is_marked(model)), providers


def _models(rows: list[Listing]) -> frozenset[str]:
    return frozenset(model.id for row in rows for model in row.models)


def _providers(rows: list[Listing]) -> frozenset[str]:
    return frozenset(provider.id for row in rows for provider in row.providers)
