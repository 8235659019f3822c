"""The page as it will look, with additions and removals marked against the page in force.

Marked texts are plain text, which the templates escape. They never pass through the Markdown
renderer: a mark could otherwise split a link or open an element.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from compliance.page.diff.alignment import AlignedItem, Keys, align
from compliance.page.snapshot import Register, Snapshot
from compliance.page.table import Listing
from compliance.rendering.html import (
    FootnoteMark,
    PageContext,
    PrintedNote,
    RenderedItem,
    TableCell,
    TableRow,
    make_page_context,
)
from compliance.rendering.marked_words import MarkedText, marked_words, replaced


@dataclass(frozen=True, slots=True)
class MarkedMark:
    """A footnote's number where it is cited; `old_number` is set if it was renumbered."""

    sign: str
    mark: FootnoteMark
    old_number: int | None = None


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
        marked = any(mark.sign or mark.old_number for mark in self.marks)
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

    `moved` is the old position if it moved. `sentence_id` is the HTML id of the first sentence that
    describes a change in it, or "".
    """

    sign: str
    anchor: str
    number: int
    cells: tuple[MarkedCell, ...]
    moved: int | None = None
    sentence_id: str = ""

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

    `old_number` is set if it was renumbered. `sentence_id` is the HTML id of the first sentence
    that describes a change in it, or "".
    """

    sign: str
    note: PrintedNote
    old_number: int | None = None
    source: tuple[MarkedText, ...] = ()
    sentence_id: str = ""


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
    before: Snapshot | None, after: Snapshot, sentence_ids: Mapping[str, str] | None = None
) -> SafeString:
    """Return the page of `after` as HTML, marked against `before`.

    If `before` is None, nothing is marked and a sentence says so. Rows are matched by listing id.
    The fragment belongs below a heading, and its page must load `marking.css`.

    `sentence_ids` has the HTML id of the first sentence that describes a change of a listing or a
    footnote, by the id of the listing or footnote: the marks link back to it.
    """
    marked = _marked(before or after, after, sentence_ids or {})
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
    """Return the numbers of the footnotes that rows cite."""
    items = [item for row in rows for cell in row.cells for item in cell.items]
    return {mark.mark.number for item in items for mark in item.marks}


def find_anchors(before: Snapshot | None, after: Snapshot) -> dict[str, Anchor]:
    """Return the anchor of each listing and footnote by its id, including removed ones."""
    # What is on both pages gets the anchor of the new page.
    old_anchors = _anchors(before, "removed-", "removed ") if before else {}
    return {**old_anchors, **_anchors(after, "", "")}


def _anchors(snapshot: Snapshot, id_prefix: str, name_prefix: str) -> dict[str, Anchor]:
    anchors = {}
    for note in snapshot.footnotes:
        anchors[note.id] = Anchor(
            f"{id_prefix}note-{note.number}", f"{name_prefix}footnote {note.number}"
        )
    for number, (listing, row) in enumerate(
        zip(snapshot.listings, make_page_context(snapshot).rows, strict=True), start=1
    ):
        anchors[listing.id] = Anchor(f"{id_prefix}{row.anchor}", f"{name_prefix}row {number}")
    return anchors


def _marked(
    before: Snapshot, after: Snapshot, sentence_ids: Mapping[str, str]
) -> dict[str, object]:
    """Return the context of the template."""
    marked = _MarkedPage(before, after, sentence_ids)
    old, new = before.register, after.register
    rows, notes = marked.rows(), marked.notes()
    facts = tuple(_changed_settings(old, new))
    title = marked_words(old.title, new.title)
    columns = [
        marked_words(getattr(old.columns, name), getattr(new.columns, name))
        for name in new.columns.__dataclass_fields__
    ]
    intro_source = marked_words(old.intro, new.intro) if old.intro != new.intro else ()
    differing = [row for row in rows if row.differs]
    head_differs = bool(intro_source or facts or _differ(title) or any(map(_differ, columns)))
    notes_differ = any(note.sign or note.old_number or note.source for note in notes)
    return {
        "register": new,
        "title": title,
        "columns": columns,
        "intro": marked.page.intro,
        "intro_source": intro_source,
        "facts": facts,
        "rows": rows,
        "notes": notes,
        "differing": differing,
        "differs": bool(head_differs or differing or notes_differ),
    }


def _changed_settings(old: Register, new: Register) -> Iterator[ChangedSetting]:
    for name, old_value, new_value in (
        ("Language of the page", old.language, new.language),
        ("Links without a host lead to", old.link_base, new.link_base),
    ):
        if old_value != new_value:
            yield ChangedSetting(name, replaced(old_value, new_value))


class _MarkedPage:
    """Two pages side by side; footnotes are matched by their ids, or else by their texts."""

    def __init__(self, before: Snapshot, after: Snapshot, sentence_ids: Mapping[str, str]) -> None:
        self._before, self._after, self._sentence_ids = before, after, sentence_ids
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
            return self._removed_row(place.old or 0)
        row, number = self.page.rows[place.new], place.new + 1
        sentence_id = self._sentence_ids.get(self._after.listings[place.new].id, "")
        if place.old is None:
            cells = tuple(map(_whole, row.cells))
            return MarkedRow("+", row.anchor, number, cells, sentence_id=sentence_id)
        cells = self._cells(place.old, place.new, row)
        moved = place.old + 1 if place.is_moved else None
        return MarkedRow("", row.anchor, number, cells, moved, sentence_id)

    def _removed_row(self, position: int) -> MarkedRow:
        row = self._old.rows[position]
        # The id of a row on the new page may be the same.
        anchor = f"removed-{row.anchor}"
        cells = tuple(map(_whole, row.cells))
        sentence_id = self._sentence_ids.get(self._before.listings[position].id, "")
        return MarkedRow("-", anchor, position + 1, cells, sentence_id=sentence_id)

    def _cells(self, old: int, new: int, row: TableRow) -> tuple[MarkedCell, ...]:
        """Return the cells of the row at position `new`, marked against the row at `old`."""
        columns = zip(
            self._old.rows[old].cells,
            row.cells,
            _keys(self._before.listings[old]),
            _keys(self._after.listings[new]),
            strict=True,
        )
        cells = []
        for old_cell, cell, old_keys, keys in columns:
            items = tuple(self._items(old_cell, cell, align(old_keys, keys)))
            cells.append(MarkedCell(cell.label, items, cell.is_list))
        return tuple(cells)

    def _items(
        self, old: TableCell, new: TableCell, places: list[AlignedItem]
    ) -> Iterator[MarkedItem]:
        for place in places:
            if place.new is None:
                yield _whole_item(old.items[place.old or 0], "-")
            elif place.old is None:
                yield _whole_item(new.items[place.new], "+")
            else:
                moved = place.old + 1 if place.is_moved else None
                yield self._item(old.items[place.old], new.items[place.new], moved)

    def _item(self, old: RenderedItem, new: RenderedItem, moved: int | None) -> MarkedItem:
        address = replaced(old.url or "", new.url or "") if old.url != new.url else ()
        marks = tuple(self._marks(old.marks, new.marks))
        return MarkedItem("", marked_words(old.text, new.text), marks, new.url, address, moved)

    def _marks(
        self, old: tuple[FootnoteMark, ...], new: tuple[FootnoteMark, ...]
    ) -> Iterator[MarkedMark]:
        """Yield the marks of the new page, then the removed ones."""
        old_numbers = {self._new_numbers.get(mark.number): mark.number for mark in old}
        for mark in new:
            old_number = old_numbers.get(mark.number)
            sign = "" if old_number else "+"
            yield MarkedMark(sign, mark, old_number if old_number != mark.number else None)
        kept = {mark.number for mark in new}
        for mark in old:
            if self._new_numbers.get(mark.number) not in kept:
                yield MarkedMark("-", mark)

    def notes(self) -> tuple[MarkedNote, ...]:
        return tuple(map(self._note, self._note_places))

    def _note(self, place: AlignedItem) -> MarkedNote:
        if place.new is None:
            return self._removed_note(place.old or 0)
        note, new = self.page.notes[place.new], self._after.footnotes[place.new]
        sentence_id = self._sentence_ids.get(new.id, "")
        if place.old is None:
            return MarkedNote("+", note, sentence_id=sentence_id)
        old = self._before.footnotes[place.old]
        source = marked_words(old.text, new.text) if old.text != new.text else ()
        old_number = old.number if old.number != new.number else None
        return MarkedNote("", note, old_number, source, sentence_id)

    def _removed_note(self, position: int) -> MarkedNote:
        note, footnote = self._old.notes[position], self._before.footnotes[position]
        source = (MarkedText("", footnote.text),)
        sentence_id = self._sentence_ids.get(footnote.id, "")
        return MarkedNote("-", note, source=source, sentence_id=sentence_id)


def _keys(listing: Listing) -> tuple[list[Keys], ...]:
    """Return the keys by which the items of each cell are matched, the surest first."""
    return (
        [(model.id, model.name) for model in listing.models],
        [(provider.id, provider.name) for provider in listing.providers],
        [("training",)],
        [("retention",)],
        [
            (
                (document.provider, document.label, document.url),
                (document.provider, document.label),
                (document.label, document.url),
                document.url,
            )
            for document in listing.documents
        ],
    )


def _whole(cell: TableCell) -> MarkedCell:
    """Return a cell of an added or removed row, which is marked as a whole."""
    return MarkedCell(cell.label, tuple(_whole_item(item, "") for item in cell.items), cell.is_list)


def _whole_item(item: RenderedItem, sign: str) -> MarkedItem:
    marks = tuple(MarkedMark("", mark) for mark in item.marks)
    address = (MarkedText("", item.url),) if item.url else ()
    return MarkedItem(sign, (MarkedText("", item.text),), marks, item.url, address)


def _differ(pieces: tuple[MarkedText, ...]) -> bool:
    return any(piece.sign for piece in pieces)
