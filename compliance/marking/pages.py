"""A page as it will look, marked against the one in force."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from compliance.marking.sequences import longest_rising, steps
from compliance.marking.words import Piece, marked_words, replaced
from compliance.rendering import Cell, Item, Page, Row, page
from compliance.snapshot import Snapshot

Notes = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class MarkedItem:
    """A line of a cell: its words, its address where that changed, and the numbers that mark it."""

    pieces: tuple[Piece, ...]
    address: tuple[Piece, ...]
    marks: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell with all that is and was in it."""

    items: tuple[MarkedItem, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row; `state` says in a word what happened to it as a whole, empty where nothing did."""

    state: str
    cells: tuple[MarkedCell, ...]


@dataclass(frozen=True, slots=True)
class MarkedNote:
    """A footnote; its number is two pieces where it was renumbered."""

    state: str
    number: tuple[Piece, ...]
    pieces: tuple[Piece, ...]


def marked_body(before: Snapshot | None, after: Snapshot) -> SafeString:
    """Return the page as it will look, with insertions and deletions marked; rows and notes are matched by their ids.

    Without a page before nothing is marked: it is new as a whole.
    """
    was = before or after
    head, old = after.register, was.register
    labels = zip(_labels(was), _labels(after), strict=True)
    return render_to_string(
        "admin/marked_body.html",
        {
            "is_first": before is None,
            "language": head.language,
            "title": marked_words(old.title, head.title),
            "intro": marked_words(old.intro, head.intro),
            "labels": [marked_words(*pair) for pair in labels],
            "rows": list(_rows(was, after)),
            "notes": list(_notes(was, after)),
        },
    )


def _labels(snapshot: Snapshot) -> tuple[str, ...]:
    columns = snapshot.register.columns
    return columns.models, columns.providers, columns.training, columns.retention, columns.documents


def _rows(before: Snapshot, after: Snapshot) -> Iterator[MarkedRow]:
    """Give the rows in their new order; one that was removed stands after the row it followed."""
    old, new = _by_listing(before, page(before)), _by_listing(after, page(after))
    numbers = _note_ids(before), _note_ids(after)
    moved, gone = _moved(list(old), list(new)), _gone(list(old), new)
    yield from (_whole(old[id], "removed", "-") for id in gone.get("", []))
    for id, row in new.items():
        if id in old:
            cells = zip(old[id].cells, row.cells, strict=True)
            yield MarkedRow("moved" if id in moved else "", tuple(_cell(*pair, numbers) for pair in cells))
        else:
            yield _whole(row, "new", "+")
        yield from (_whole(old[each], "removed", "-") for each in gone.get(id, []))


def _by_listing(snapshot: Snapshot, printed: Page) -> dict[str, Row]:
    return {listing.id: row for listing, row in zip(snapshot.listings, printed.rows, strict=True)}


def _note_ids(snapshot: Snapshot) -> Notes:
    return {note.number: note.id for note in snapshot.footnotes}


def _moved(old: list[str], new: list[str]) -> set[str]:
    """Return as few rows as can be that changed places, seen from those that stayed in order."""
    places = {id: place for place, id in enumerate(old)}
    kept = [id for id in new if id in places]
    in_order = {kept[index] for index in longest_rising([places[id] for id in kept])}
    return set(kept) - in_order


def _gone(old: list[str], new: Mapping[str, Row]) -> dict[str, list[str]]:
    """Return the rows that are gone by the row that each followed; the empty id stands for the top."""
    gone: dict[str, list[str]] = {}
    last = ""
    for id in old:
        if id in new:
            last = id
        else:
            gone.setdefault(last, []).append(id)
    return gone


def _whole(row: Row, state: str, sign: str) -> MarkedRow:
    cells = (MarkedCell(tuple(_signed(item, sign) for item in cell.items), cell.is_list) for cell in row.cells)
    return MarkedRow(state, tuple(cells))


def _signed(item: Item, sign: str) -> MarkedItem:
    """Return an item that was added or removed as a whole; the address of one that was added is shown too."""
    address = (Piece(sign, item.url),) if item.url else ()
    return MarkedItem((Piece(sign, item.text),), address, tuple(Piece(sign, str(mark.number)) for mark in item.marks))


def _cell(old: Cell, new: Cell, numbers: tuple[Notes, Notes]) -> MarkedCell:
    if not new.is_list and len(old.items) == len(new.items) == 1:
        return MarkedCell((_item(old.items[0], new.items[0], numbers),), False)
    return MarkedCell(tuple(_items(old.items, new.items, numbers)), new.is_list)


def _items(old: Sequence[Item], new: Sequence[Item], numbers: tuple[Notes, Notes]) -> Iterator[MarkedItem]:
    for kind, i, i_end, j, j_end in steps([item.text for item in old], [item.text for item in new]):
        if kind == "equal":
            pairs = zip(old[i:i_end], new[j:j_end], strict=True)
            yield from (_item(was, now, numbers) for was, now in pairs)
        else:
            yield from (_signed(item, "-") for item in old[i:i_end])
            yield from (_signed(item, "+") for item in new[j:j_end])


def _item(old: Item, new: Item, numbers: tuple[Notes, Notes]) -> MarkedItem:
    address = replaced(old.url or "no address", new.url or "no address") if old.url != new.url else ()
    return MarkedItem(marked_words(old.text, new.text), address, tuple(_marks(old, new, numbers)))


def _marks(old: Item, new: Item, numbers: tuple[Notes, Notes]) -> Iterator[Piece]:
    """Give the numbers of an item; a footnote that only got another number has not come or gone."""
    was = {numbers[0].get(mark.number, ""): mark.number for mark in old.marks}
    now = {numbers[1].get(mark.number, ""): mark.number for mark in new.marks}
    yield from (Piece("-", str(number)) for id, number in was.items() if id not in now)
    yield from (Piece("" if id in was else "+", str(number)) for id, number in now.items())


def _notes(before: Snapshot, after: Snapshot) -> Iterator[MarkedNote]:
    old = {note.id: note for note in before.footnotes}
    new = {note.id: note for note in after.footnotes}
    for id, note in new.items():
        if id in old:
            number = replaced(str(old[id].number), str(note.number))
            yield MarkedNote("", number, marked_words(old[id].text, note.text))
        else:
            yield MarkedNote("new", (Piece("+", str(note.number)),), (Piece("+", note.text),))
    for id, note in old.items():
        if id not in new:
            yield MarkedNote("removed", (Piece("-", str(note.number)),), (Piece("-", note.text),))
