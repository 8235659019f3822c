"""The parts of a page: what can be published or held back by itself, each with a key.

The keys are `register:title`, `frame:publisher`, `prose:SECTION`, `column:SECTION/KEY`,
`listing:ID`, `footnote:ID` (never its number), `model:ID` and `provider:ID` (the facts beside the
tables), and the orders `order:sections`, `order:SECTION` (its rows), `order:SECTION/columns` and
`order:footnotes`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from compliance.page.diff import Change, ChangeKind
from compliance.page.diff.sentences import row_label
from compliance.page.remembered import by_identity
from compliance.page.snapshot import Footnote, Snapshot
from compliance.page.table import Cell, Listing, Row, Section

# A register keeps its slug; it is no part of the page that could change.
REGISTER_TEXTS = ("title", "link_base", "language")
# A model or provider comes and goes with the rows that name it.
_NAMED_BY_ROWS = ("model:", "provider:")
# The parts that changes are in, by what they are about or by their kinds.
_TEXTS = {
    "title": "register:title",
    "address of its links": "register:link_base",
    "language": "register:language",
    "publisher": "frame:publisher",
    "contact": "frame:contact",
    "licence": "frame:licence",
}
_OF_SECTIONS = (ChangeKind.SECTION_ADDED, ChangeKind.SECTION_REMOVED)
_OF_COLUMNS = (
    ChangeKind.COLUMN_ADDED,
    ChangeKind.COLUMN_REMOVED,
    ChangeKind.COLUMN_RELABELLED,
    ChangeKind.COLUMN_CHANGED,
)
_PREFIXES = {
    ChangeKind.FOOTNOTE_ADDED: "footnote:",
    ChangeKind.FOOTNOTE_REMOVED: "footnote:",
    ChangeKind.FOOTNOTE_CHANGED: "footnote:",
    ChangeKind.FOOTNOTE_RENUMBERED: "footnote:",
    ChangeKind.MODEL_RENAMED: "model:",
    ChangeKind.MODEL_FACT: "model:",
    ChangeKind.PROVIDER_RENAMED: "provider:",
    ChangeKind.PROVIDER_FACT: "provider:",
    ChangeKind.DECLARED: "provider:",
}
# The numbers of the footnotes of a page, each with the footnote's id.
NoteIds = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A snapshot with its frame: publisher, contact and licence."""

    snapshot: Snapshot
    frame: Mapping[str, str]


class PartKind(StrEnum):
    """How a part differs from the page before."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page that differs from the page before; `name` is what a person calls it."""

    key: str
    kind: PartKind
    name: str

    @property
    def listing(self) -> str | None:
        """The id of the listing, None for any other part."""
        return self.key.removeprefix("listing:") if self.key.startswith("listing:") else None


def listing_key(id: str) -> str:
    """Return the key of a listing's part."""
    return f"listing:{id}"


def column_key(section: str, key: str) -> str:
    """Return the key of a column's part."""
    return f"column:{section}/{key}"


def columns_order_key(section: str) -> str:
    """Return the key of the order of a section's columns."""
    return f"order:{section}/columns"


def changed_parts(before: Page | None, after: Page) -> tuple[Part, ...]:
    """Return the parts that differ in the order of the page, removed ones last.

    A listing differs if one of its cells does, or if it stands in another section. A cell that says
    nothing is like none, so a new column alone changes no listing. A mark is known by its
    footnote, so a number alone changes nothing. Facts of a model or provider that comes or goes
    with its rows are no part of their own.
    """
    keys = differing(before, after)
    if not keys:
        return ()
    old, new = _values(before), _values(after)
    names = {key: name for page in (before, after) for key, name in _names(page, keys).items()}
    parts = []
    for key in keys:
        is_new, is_gone = key not in old, key not in new
        if key.startswith(_NAMED_BY_ROWS) and (is_new or is_gone):
            continue
        kind = PartKind.CHANGED
        if is_new:
            kind = PartKind.ADDED
        elif is_gone:
            kind = PartKind.REMOVED
        parts.append(Part(key, kind, names[key]))
    return tuple(parts)


def differing(before: Page | None, after: Page) -> list[str]:
    """Return the keys of all that differs, with the facts of models and providers that are new."""
    old, new = _values(before), _values(after)
    found = []
    for key, value in new.items():
        earlier = old.get(key)
        # Most of a long page is the same object as before.
        if earlier is not value and _differ(earlier, value):
            found.append(key)
    return found + [key for key in old if key not in new and _counts_if_gone(key)]


def part_of_change(change: Change) -> str:
    """Return the key of the part that a change is in, "" for a change of several parts."""
    kind, about = change.kind, change.about
    if change.listing:
        return listing_key(change.listing)
    if kind is ChangeKind.TEXT and len(about) == 1:
        return _TEXTS.get(about[0], f"prose:{about[0]}")
    if kind in _OF_SECTIONS:
        return f"prose:{about[0]}"
    if kind in _OF_COLUMNS:
        return column_key(about[0], about[1])
    if kind is ChangeKind.COLUMNS_REORDERED:
        return columns_order_key(about[0])
    prefix = _PREFIXES.get(kind)
    return prefix + about[0] if prefix and about else ""


def changed_listings(before: Page | None, after: Page) -> list[str]:
    """Return the ids of the listings that differ in the order of the page, removed ones last."""
    return [part.listing for part in changed_parts(before, after) if part.listing]


def part_names(*pages: Page | None, keys: Iterable[str] = ()) -> dict[str, str]:
    """Return what a person calls the parts of some pages, by key; a later page's names count.

    With `keys`, models, providers and listings may be left out that are not among them.
    """
    wanted = frozenset(keys)
    return {key: name for page in pages for key, name in _names(page, wanted).items()}


def part_keys(page: Page) -> list[str]:
    """Return the keys of all parts of a page."""
    return list(_values(page))


def note_ids(snapshot: Snapshot) -> NoteIds:
    """Return the ids of the footnotes by their numbers."""
    return _note_ids(snapshot.footnotes)


@by_identity(16)
def _note_ids(footnotes: tuple[Footnote, ...]) -> NoteIds:
    return MappingProxyType({note.number: note.id for note in footnotes})


def marks(listing: Listing) -> Iterator[int]:
    """Yield the numbers of the footnotes that a listing cites."""
    for cell in listing.cells.values():
        for item in cell.items:
            yield from item.footnotes


def with_marks(listing: Listing, numbers: Mapping[int, Any]) -> Listing:
    """Return a listing in which each mark is replaced by what stands for it in `numbers`.

    One without marks is returned itself.
    """
    if not any(marks(listing)):
        return listing
    cells = {}
    for key, cell in listing.cells.items():
        items = tuple(
            replace(item, footnotes=tuple(sorted(numbers[mark] for mark in item.footnotes)))
            if item.footnotes
            else item
            for item in cell.items
        )
        cells[key] = replace(cell, items=items)
    return replace(listing, cells=cells)


@dataclass(frozen=True, slots=True)
class _Order:
    """The order in which parts stand; only those that both pages have can change places."""

    ids: tuple[str, ...]

    def differs_from(self, other: "_Order") -> bool:
        if self.ids == other.ids:
            return False
        mine, others = set(self.ids), set(other.ids)
        kept = [id for id in self.ids if id in others]
        return kept != [id for id in other.ids if id in mine]


@dataclass(frozen=True, slots=True)
class _PlacedListing:
    """A listing in its section, with the footnotes that its marks stand for."""

    section: str
    listing: Listing
    notes: NoteIds

    def differs_from(self, other: "_PlacedListing") -> bool:
        if self.section != other.section:
            return True
        is_same = self.listing is other.listing
        if self.notes is other.notes or self.notes == other.notes:
            return not is_same and _cells_differ(self.listing, other.listing)
        if is_same and not any(marks(self.listing)):
            return False
        return _cells_differ(
            with_marks(self.listing, self.notes), with_marks(other.listing, other.notes)
        )


def _differ(old: Any, new: Any) -> bool:
    if isinstance(new, _Order):
        return old is not None and new.differs_from(old)
    if isinstance(new, _PlacedListing):
        return old is None or new.differs_from(old)
    return bool(old != new)


def _counts_if_gone(key: str) -> bool:
    return not key.startswith(("order:", *_NAMED_BY_ROWS))


def _cells_differ(old: Listing, new: Listing) -> bool:
    if old.cells.keys() == new.cells.keys():
        return old.cells != new.cells
    return _filled(old, new) != _filled(new, old)


def _filled(listing: Listing, other: Listing) -> dict[str, Cell]:
    """Return the cells of a listing without the empty ones that another listing lacks."""
    return {key: cell for key, cell in listing.cells.items() if cell.items or key in other.cells}


def _values(page: Page | None) -> dict[str, Any]:
    """Return what a page says, by the keys of its parts."""
    if page is None:
        return {}
    snapshot = page.snapshot
    texts = {f"register:{name}": getattr(snapshot.register, name) for name in REGISTER_TEXTS}
    texts |= {f"frame:{name}": text for name, text in page.frame.items()}
    return {**{key: text for key, text in texts.items() if text}, **_snapshot_values(snapshot)}


@by_identity(16)
def _snapshot_values(snapshot: Snapshot) -> dict[str, Any]:
    found: dict[str, Any] = {"order:sections": _order(snapshot.sections)}
    notes = note_ids(snapshot)
    for section in snapshot.sections:
        found |= _section_values(section, notes)
    for note in snapshot.footnotes:
        found[f"footnote:{note.id}"] = (note.text, note.valid_until)
    found["order:footnotes"] = _order(snapshot.footnotes)
    found |= {f"model:{model.id}": model for model in snapshot.models}
    found |= {f"provider:{provider.id}": provider for provider in snapshot.providers}
    return found


def _section_values(section: Section, notes: NoteIds) -> dict[str, Any]:
    found: dict[str, Any] = {f"prose:{section.id}": section.prose}
    for column in section.columns:
        found[column_key(section.id, column.key)] = column
    columns = tuple(column.key for column in section.columns)
    found[columns_order_key(section.id)] = _Order(columns)
    for listing in section.listings:
        found[listing_key(listing.id)] = _PlacedListing(section.id, listing, notes)
    found[f"order:{section.id}"] = _order(section.listings)
    return found


@by_identity(64)
def _order(parts: tuple[Any, ...]) -> _Order:
    return _Order(tuple(part.id for part in parts))


def _names(page: Page | None, keys: Iterable[str] = ()) -> dict[str, str]:
    """Return what a person calls the parts of a page, by key.

    With `keys`, models, providers and listings may be left out that are not among them.
    """
    if page is None:
        return {}
    snapshot, wanted = page.snapshot, frozenset(keys)
    names = {
        "register:title": "Title",
        "register:link_base": "Address of its links",
        "register:language": "Language",
        "order:sections": "Order of the sections",
        "order:footnotes": "Order of the footnotes",
    }
    names |= {f"frame:{name}": name.capitalize() for name in page.frame}
    for number, section in enumerate(snapshot.sections, start=1):
        names |= _section_names(section, number, wanted)
    for note in snapshot.footnotes:
        names[f"footnote:{note.id}"] = f"Footnote {note.number}"
    parties = (("model:", snapshot.models), ("provider:", snapshot.providers))
    for prefix, of_kind in parties:
        chosen = _chosen(of_kind, prefix, wanted)
        names |= {f"{prefix}{party.id}": f"Facts about {party.name}" for party in chosen}
    return names


def _chosen(parts: Sequence[Any], prefix: str, keys: Collection[str]) -> Sequence[Any]:
    """Return the parts of a kind whose keys are given, all if none is given."""
    if not keys:
        return parts
    ids = {key.removeprefix(prefix) for key in keys if key.startswith(prefix)}
    return [part for part in parts if part.id in ids] if ids else ()


def _section_names(section: Section, number: int, keys: Collection[str]) -> dict[str, str]:
    whose = f"“{section.heading}”" if section.heading else f"section {number}"
    names = {
        f"prose:{section.id}": f"Text of {whose}",
        f"order:{section.id}": f"Order of the rows of {whose}",
        columns_order_key(section.id): f"Order of the columns of {whose}",
    }
    for column in section.columns:
        title = f"“{column.label}”" if column.label else "without a label"
        names[column_key(section.id, column.key)] = f"Column {title} of {whose}"
    for listing in _chosen(section.listings, listing_key(""), keys):
        names[listing_key(listing.id)] = row_label(Row(section, listing))
    return names
