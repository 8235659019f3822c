"""Snapshots of one register share the objects of what is equal in both.

Python compares an object with itself at once, so that comparing two long pages then takes little
more time than their differences need. It also saves memory.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from compliance.page.snapshot import Snapshot
from compliance.page.table import Section


def shared(snapshot: Snapshot, other: Snapshot) -> Snapshot:
    """Return an equal snapshot, in which whatever is equal in another one is the same object."""
    listings = {listing.id: listing for section in other.sections for listing in section.listings}
    earlier = {section.id: section for section in other.sections}
    sections = []
    for section in snapshot.sections:
        same = replace(section, listings=_shared(section.listings, listings))
        sections.append(_shared_section(same, earlier.get(section.id)))
    found = Snapshot(
        other.register if other.register == snapshot.register else snapshot.register,
        tuple(sections),
        _shared_all(snapshot.models, other.models),
        _shared_all(snapshot.providers, other.providers),
        _shared_all(snapshot.footnotes, other.footnotes),
    )
    return other if found == other else found


def _shared_section(section: Section, earlier: Section | None) -> Section:
    if earlier is None:
        return section
    if section == earlier:
        return earlier
    if section.columns == earlier.columns:
        return replace(section, columns=earlier.columns)
    return section


def _shared_all(parts: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[Any, ...]:
    found = _shared(parts, {other.id: other for other in others})
    return others if found == others else found


def _shared(parts: Iterable[Any], others: dict[str, Any]) -> tuple[Any, ...]:
    found = []
    for part in parts:
        other = others.get(part.id)
        found.append(other if other is not None and other == part else part)
    return tuple(found)
