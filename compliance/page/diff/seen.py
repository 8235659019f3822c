"""Snapshots as a reader sees them: characters that look the same are the same.

What is read is normalised; a page that was frozen before may hold no-break spaces and the like.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from compliance.page import text
from compliance.page.remembered import by_identity, rows_with
from compliance.page.snapshot import Model, Provider, Snapshot
from compliance.page.table import Row

# What names a thing for programs, or is an address.
_NO_TEXTS = {"continues", "document", "id", "key", "link_base", "model", "provider", "slug", "url"}


def as_seen(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot with its texts normalised; the same one where they are."""
    return _as_seen(snapshot)


@by_identity(16)
def _as_seen(snapshot: Snapshot) -> Snapshot:
    differing = rows_with(_is_not_normal, snapshot.all_rows)
    are_names_normal = _is_normal(snapshot.models) and _is_normal(snapshot.providers)
    if are_names_normal and not differing and not any(map(_differs, _printed(snapshot))):
        return snapshot
    seen: Snapshot = _seen(snapshot)
    return seen


def _printed(snapshot: Snapshot) -> Iterator[str]:
    """Give the texts of a page beside its rows and names; they show faster than all its data."""
    yield snapshot.register.title
    for section in snapshot.sections:
        yield section.prose
        for column in section.columns:
            yield column.label
    for note in snapshot.footnotes:
        yield note.text


@by_identity(32)
def _is_normal(things: tuple[Model | Provider, ...]) -> bool:
    """Return whether the names of models or providers are normalised."""
    return all(_normalised(thing.name) == thing.name for thing in things)


def _is_not_normal(row: Row) -> bool:
    """Return whether a row has a text that is not normalised."""
    return any(_differs(item.text) for cell in row.listing.cells.values() for item in cell.items)


def _differs(words: str) -> bool:
    return _normalised(words) != words


def _seen(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        seen = {
            field.name: _seen(getattr(value, field.name))
            for field in fields(value)
            if field.name not in _NO_TEXTS
        }
        return replace(value, **seen)
    if isinstance(value, tuple):
        return tuple(map(_seen, value))
    if isinstance(value, dict):
        return {key: _seen(inner) for key, inner in value.items()}
    # Enumerations are texts too, and stay.
    return _normalised(value) if type(value) is str else value


def _normalised(words: str) -> str:
    if words.isascii() and "  " not in words:
        return words
    return "\n".join(map(text.normalised, words.split("\n")))
