"""The page as it will look, with additions and removals marked against the page in force.

Marked texts are plain text, which the templates escape. They never pass through the Markdown
renderer: a mark could otherwise split a link or open an element.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from compliance.page.diff.alignment import AlignedItem, Keys, align
from compliance.page.snapshot import Listing, Snapshot
from compliance.rendering.html import (
    CellItem,
    FootnoteMark,
    PageContext,
    PrintedNote,
    TableCell,
    TableRow,
    make_page_context,
)
from compliance.rendering.marked_words import MarkedText, marked_words, replaced


@dataclass(frozen=True, slots=True)
class MarkedMark:
    """A footnote's number where it is cited; `was` is its old number if it was renumbered."""

    sign: str
    mark: FootnoteMark
    was: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedItem:
    """A line of a cell.

    `address` is the old and new link if it changed, `moved` the old position if it moved.
    """

    sign: str
    pieces: tuple[MarkedText, ...]
    marks: tuple[MarkedMark, ...]
    url: str | None = None
    address: tuple[MarkedText, ...] = ()
    moved: int | None = None

    @property
    def differs(self) -> bool:
        """Whether anything in it is marked."""
        marked = any(mark.sign or mark.was for mark in self.marks)
        return bool(self.sign or self.moved or self.address or marked or _differ(self.pieces))


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A cell under its column's label."""

    label: str
    items: tuple[MarkedItem, ...]
    is_list: bool


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A listing; `number` is its new position, or the old one if it was removed.

    `moved` is the old position if it moved. `told` is the HTML id of the first sentence that
    describes a change in it, or "".
    """

    sign: str
    anchor: str
    number: int
    cells: tuple[MarkedCell, ...]
    moved: int | None = None
    told: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything in the row is marked."""
        return bool(
            self.sign
            or self.moved
            or any(item.differs for cell in self.cells for item in cell.items)
        )


@dataclass(frozen=True, slots=True)
class MarkedNote:
    """A footnote as it will be printed, with its marked source if the text changed.

    `was` is its old number if it was renumbered. `told` is the HTML id of the first sentence that
    describes a change in it, or "".
    """

    sign: str
    note: PrintedNote
    was: int | None = None
    source: tuple[MarkedText, ...] = ()
    told: str = ""


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """A setting of the register that affects the page without being printed on it."""

    name: str
    pieces: tuple[MarkedText, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """The HTML id of a listing or footnote on the marked page, and its name for people."""

    anchor: str
    name: str


def marked_body(
    before: Snapshot | None, after: Snapshot, told: Mapping[str, str] | None = None
) -> SafeString:
    """Return the page of `after` as HTML, marked against `before`.

    If `before` is None, nothing is marked and a sentence says so. Rows are matched by listing id.
    The fragment belongs below a heading, and its page must load `marking.css`.

    `told` has the HTML id of the sentence that describes a change, by the id of the listing or
    footnote: the marks link back to it.
    """
    marked = _marked(before or after, after, told or {})
    return render_to_string("rendering/marked_body.html", {"is_first": before is None, **marked})


def marked_rows(before: Snapshot | None, after: Snapshot, *, most: int) -> SafeString:
    """Return the rows that differ as HTML, marked, with the footnotes that they cite.

    At most `most` rows are shown, and how many more there are. Returns "" if no row differs.
    Nothing in it has an HTML id, because one screen may show several such excerpts.
    """
    marked = _MarkedPage(before or Snapshot(after.register, (), ()), after, {})
    differing = [row for row in marked.rows() if row.differs]
    if not differing:
        return SafeString()
    rows = differing[:most]
    context = {
        "is_excerpt": True,
        "register": after.register,
        "columns": [cell.label for cell in rows[0].cells],
        "rows": rows,
        "notes": [
            note for note in marked.notes() if note.sign != "-" and note.note.number in _cited(rows)
        ],
        "more": len(differing) - len(rows),
    }
    return SafeString(render_to_string("rendering/marked_rows.html", context))


def _cited(rows: Iterable[MarkedRow]) -> set[int]:
    return {
        each.mark.number
        for row in rows
        for cell in row.cells
        for item in cell.items
        for each in item.marks
    }


def find_anchors(before: Snapshot | None, after: Snapshot) -> dict[str, Anchor]:
    """Return the anchor of each listing and footnote by its id, including removed ones."""
    found = _spots(before, "removed-", "removed ") if before else {}
    return {**found, **_spots(after, "", "")}


def _spots(snapshot: Snapshot, prefix: str, said: str) -> dict[str, Anchor]:
    found = {}
    for note in snapshot.footnotes:
        found[note.id] = Anchor(f"{prefix}note-{note.number}", f"{said}footnote {note.number}")
    for number, (listing, row) in enumerate(
        zip(snapshot.listings, make_page_context(snapshot).rows, strict=True), start=1
    ):
        found[listing.id] = Anchor(f"{prefix}{row.anchor}", f"{said}row {number}")
    return found


def _marked(before: Snapshot, after: Snapshot, told: Mapping[str, str]) -> dict[str, object]:
    """Return the context of the template."""
    marked = _MarkedPage(before, after, told)
    was, now = before.register, after.register
    rows, notes = marked.rows(), marked.notes()
    facts = tuple(_facts(before, after))
    title = marked_words(was.title, now.title)
    columns = [
        marked_words(getattr(was.columns, name), getattr(now.columns, name))
        for name in now.columns.__dataclass_fields__
    ]
    intro_source = marked_words(was.intro, now.intro) if was.intro != now.intro else ()
    differing = [row for row in rows if row.differs]
    heads = intro_source or facts or _differ(title) or any(map(_differ, columns))
    return {
        "register": now,
        "title": title,
        "columns": columns,
        "intro": marked.page.intro,
        "intro_source": intro_source,
        "facts": facts,
        "rows": rows,
        "notes": notes,
        "differing": differing,
        "differs": bool(
            heads or differing or any(note.sign or note.was or note.source for note in notes)
        ),
    }


def _facts(before: Snapshot, after: Snapshot) -> Iterator[ChangedSetting]:
    was, now = before.register, after.register
    for name, old, new in (
        ("Language of the page", was.language, now.language),
        ("Links without a host lead to", was.link_base, now.link_base),
    ):
        if old != new:
            yield ChangedSetting(name, replaced(old, new))


class _MarkedPage:
    """Two pages side by side; footnotes are matched by their ids, or else by their texts."""

    def __init__(self, before: Snapshot, after: Snapshot, told: Mapping[str, str]) -> None:
        self._before, self._after, self._told = before, after, told
        self._old: PageContext = make_page_context(before)
        self.page: PageContext = make_page_context(after)
        self._note_places = align(
            [(note.id, note.text) for note in before.footnotes],
            [(note.id, note.text) for note in after.footnotes],
        )
        self._new_numbers = {
            before.footnotes[place.old].number: after.footnotes[place.new].number
            for place in self._note_places
            if place.old is not None and place.new is not None
        }

    def rows(self) -> tuple[MarkedRow, ...]:
        old, new = self._before.listings, self._after.listings
        places = align([(listing.id,) for listing in old], [(listing.id,) for listing in new])
        return tuple(map(self._row, places))

    def _row(self, place: AlignedItem) -> MarkedRow:
        if place.new is None:
            was = place.old or 0
            row, told = self._old.rows[was], self._told.get(self._before.listings[was].id, "")
            return MarkedRow(
                "-", f"removed-{row.anchor}", was + 1, tuple(map(_whole, row.cells)), told=told
            )
        row, told = (
            self.page.rows[place.new],
            self._told.get(self._after.listings[place.new].id, ""),
        )
        if place.old is None:
            return MarkedRow(
                "+", row.anchor, place.new + 1, tuple(map(_whole, row.cells)), told=told
            )
        cells = self._cells(place.old, place.new, row)
        return MarkedRow(
            "", row.anchor, place.new + 1, cells, place.old + 1 if place.is_moved else None, told
        )

    def _cells(self, old: int, new: int, row: TableRow) -> tuple[MarkedCell, ...]:
        was, now = self._before.listings[old], self._after.listings[new]
        columns = zip(self._old.rows[old].cells, row.cells, _keys(was), _keys(now), strict=True)
        return tuple(
            MarkedCell(
                cell.label, tuple(self._items(old_cell, cell, align(old_keys, keys))), cell.is_list
            )
            for old_cell, cell, old_keys, keys in columns
        )

    def _items(
        self, was: TableCell, now: TableCell, places: list[AlignedItem]
    ) -> Iterator[MarkedItem]:
        for place in places:
            if place.new is None:
                yield _whole_item(was.items[place.old or 0], "-")
            elif place.old is None:
                yield _whole_item(now.items[place.new], "+")
            else:
                moved = place.old + 1 if place.is_moved else None
                yield self._item(was.items[place.old], now.items[place.new], moved)

    def _item(self, was: CellItem, now: CellItem, moved: int | None) -> MarkedItem:
        address = replaced(was.url or "", now.url or "") if was.url != now.url else ()
        marks = tuple(self._marks(was.marks, now.marks))
        return MarkedItem("", marked_words(was.text, now.text), marks, now.url, address, moved)

    def _marks(
        self, was: tuple[FootnoteMark, ...], now: tuple[FootnoteMark, ...]
    ) -> Iterator[MarkedMark]:
        """Yield the marks of the new page, then the removed ones."""
        old = {self._new_numbers.get(mark.number): mark.number for mark in was}
        for mark in now:
            number = old.get(mark.number)
            yield MarkedMark("" if number else "+", mark, number if number != mark.number else None)
        kept = {mark.number for mark in now}
        for mark in was:
            if self._new_numbers.get(mark.number) not in kept:
                yield MarkedMark("-", mark)

    def notes(self) -> tuple[MarkedNote, ...]:
        return tuple(map(self._note, self._note_places))

    def _note(self, place: AlignedItem) -> MarkedNote:
        if place.new is None:
            removed = self._before.footnotes[place.old or 0]
            note, told = self._old.notes[place.old or 0], self._told.get(removed.id, "")
            return MarkedNote("-", note, source=(MarkedText("", removed.text),), told=told)
        note, now = self.page.notes[place.new], self._after.footnotes[place.new]
        told = self._told.get(now.id, "")
        if place.old is None:
            return MarkedNote("+", note, told=told)
        was = self._before.footnotes[place.old]
        source = marked_words(was.text, now.text) if was.text != now.text else ()
        return MarkedNote("", note, was.number if was.number != now.number else None, source, told)


def _keys(listing: Listing) -> tuple[list[Keys], ...]:
    """Return the keys by which the items of each cell are matched, the surest first."""
    return (
        [(model.id, model.name) for model in listing.models],
        [(provider.id, provider.name) for provider in listing.providers],
        [("training",)],
        [("retention",)],
        [
            (
                (each.provider, each.label, each.url),
                (each.provider, each.label),
                (each.label, each.url),
                each.url,
            )
            for each in listing.documents
        ],
    )


def _whole(cell: TableCell) -> MarkedCell:
    """Return a cell of an added or removed row, which is marked as a whole."""
    return MarkedCell(cell.label, tuple(_whole_item(item, "") for item in cell.items), cell.is_list)


def _whole_item(item: CellItem, sign: str) -> MarkedItem:
    marks = tuple(MarkedMark("", mark) for mark in item.marks)
    address = (MarkedText("", item.url),) if item.url else ()
    return MarkedItem(sign, (MarkedText("", item.text),), marks, item.url, address)


def _differ(pieces: tuple[MarkedText, ...]) -> bool:
    return any(piece.sign for piece in pieces)
