"""Gains that nobody checked: better in one part of a row, and unjudged in another."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from compliance.page.diff.types import Change, ChangeKind, Effect
from compliance.page.snapshot import Snapshot

_OF_FOOTNOTES = {
    ChangeKind.FOOTNOTE_ADDED,
    ChangeKind.FOOTNOTE_REMOVED,
    ChangeKind.FOOTNOTE_CHANGED,
}
_OF_COLUMNS = {
    ChangeKind.COLUMN_ADDED,
    ChangeKind.COLUMN_REMOVED,
    ChangeKind.COLUMN_RELABELLED,
    ChangeKind.COLUMN_CHANGED,
}
_OF_NAMES = {ChangeKind.MODEL_RENAMED, ChangeKind.PROVIDER_RENAMED}


def spoil_unchecked_gains(
    changes: Sequence[Change], before: Snapshot, after: Snapshot
) -> tuple[Change, ...]:
    """Return changes of which none calls a row stronger while another part of it is unjudged.

    A shorter retention whose footnote was dropped in the same edit is no gain: it is mixed.
    """
    if not any(change.effect is Effect.STRONGER for change in changes):
        return tuple(changes)
    rows = _Rows(before, after)
    unjudged: defaultdict[str | None, list[str]] = defaultdict(list)
    for change in changes:
        if change.effect is Effect.UNJUDGED:
            for row in rows.of(change):
                unjudged[row].append(change.key)
    spoiled = []
    for change in changes:
        if change.effect is Effect.STRONGER and change.listing in unjudged:
            unchecked = tuple(unjudged[change.listing])
            change = replace(change, effect=Effect.MIXED, unchecked=unchecked)
        spoiled.append(change)
    return tuple(spoiled)


@dataclass(frozen=True)
class _Rows:
    """The ids of the rows of both pages, by what stands in them."""

    before: Snapshot
    after: Snapshot

    def of(self, change: Change) -> Iterator[str]:
        """Give the ids of the rows of which a change is a part."""
        if change.listing is not None:
            yield change.listing
        elif change.kind in _OF_FOOTNOTES | _OF_COLUMNS | _OF_NAMES:
            yield from self._by_part.get(change.about[0], ())

    @cached_property
    def _by_part(self) -> dict[str, set[str]]:
        """The ids of the rows by their section, their models and providers, and their footnotes."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for snapshot in (self.before, self.after):
            notes = {note.number: note.id for note in snapshot.footnotes}
            for row in snapshot.rows():
                parts = [row.section.id]
                parts += [item.model for item in row.models]
                parts += [item.provider for item in row.providers]
                for _, cell in row.cells:
                    parts += [notes[number] for item in cell.items for number in item.footnotes]
                for part in parts:
                    found[part].add(row.id)
        return found
