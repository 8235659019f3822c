"""Whom a change is about: the models whose prompts it concerns, and the providers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from compliance.page.diff.compare import compare
from compliance.page.diff.types import Change, ChangeKind
from compliance.page.snapshot import Listing, Snapshot

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
    """Return what changed, as `between` does, each change with whom it concerns.

    What is said of a row concerns every model and provider of it; what is said of one model or provider concerns, of
    that kind, only it.
    """
    concerned = _Concerned(before or Snapshot(after.register, (), ()), after)
    return tuple(AffectedChange(change, *concerned.by(change)) for change in compare(before, after))


@dataclass(frozen=True)
class _Concerned:
    """Finds whom a change concerns in the rows of both pages."""

    before: Snapshot
    after: Snapshot

    @cached_property
    def _rows(self) -> dict[str, list[Listing]]:
        """The rows of both pages by the ids of listings, models and providers, each under its kind."""
        found: dict[str, list[Listing]] = {}
        for row in (*self.before.listings, *self.after.listings):
            keys = {f"listing {row.id}", *(f"model {each.id}" for each in row.models)}
            for key in keys | {f"provider {each.id}" for each in row.providers}:
                found.setdefault(key, []).append(row)
        return found

    def by(self, change: Change) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of the models and of the providers that a change concerns."""
        if change.kind in _ABOUT_NOTES:
            return self._cited(change)
        rows = self._rows.get(f"listing {change.listing}", [])
        if change.kind in _ABOUT_MODELS:
            named = [id for id in change.about if f"model {id}" in self._rows]
            return frozenset(named), _providers([*rows, *self._standing("model", named)])
        if change.kind in _ABOUT_PROVIDERS:
            named = [id for id in change.about if f"provider {id}" in self._rows]
            return _models(rows or self._standing("provider", named)), frozenset(named)
        return _models(rows), _providers(rows)

    def _standing(self, kind: str, ids: list[str]) -> list[Listing]:
        return [row for id in ids for row in self._rows[f"{kind} {id}"]]

    def _cited(self, change: Change) -> tuple[frozenset[str], frozenset[str]]:
        """Return whom the marks of a footnote stand at: a model, or a provider or cell and so the models of its row."""
        models: frozenset[str] = frozenset()
        providers: frozenset[str] = frozenset()
        for snapshot in (self.before, self.after):
            numbers = {note.number for note in snapshot.footnotes if note.id in change.about}
            for row in snapshot.listings:
                marked = _marked(row, numbers)
                models, providers = models | marked[0], providers | marked[1]
        return models, providers


def _marked(row: Listing, numbers: set[int]) -> tuple[frozenset[str], frozenset[str]]:
    cells = [
        row.training.footnotes,
        row.retention.footnotes,
        *(each.footnotes for each in row.documents),
    ]
    if any(map(numbers.intersection, cells)):
        return _models([row]), _providers([row])
    providers = frozenset(each.id for each in row.providers if numbers.intersection(each.footnotes))
    models = frozenset(each.id for each in row.models if numbers.intersection(each.footnotes))
    return models | (_models([row]) if providers else frozenset()), providers


def _models(rows: list[Listing]) -> frozenset[str]:
    return frozenset(_ids("models", rows))


def _providers(rows: list[Listing]) -> frozenset[str]:
    return frozenset(_ids("providers", rows))


def _ids(column: str, rows: list[Listing]) -> Iterator[str]:
    return (each.id for row in rows for each in getattr(row, column))
