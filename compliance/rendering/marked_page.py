"""The page as it will look, with additions and removals marked against the page in force.

Sections are matched by id, columns by key within their section, listings by id across sections.
Marked texts are plain text, which the templates escape. They never pass through the Markdown
renderer: a mark could otherwise split a link or open an element.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from compliance.page.diff.alignment import AlignedItem, align
from compliance.page.matching import Keys
from compliance.page.parts import marks, note_ids
from compliance.page.row_pairs import differing_rows, rows_by_id
from compliance.page.snapshot import Register, Snapshot
from compliance.page.table import (
    ClaimItem,
    Column,
    DocumentItem,
    Item,
    ModelItem,
    ProviderItem,
    Row,
    Section,
)
from compliance.rendering.html import (
    FootnoteMark,
    PageContext,
    PrintedSection,
    RenderedItem,
    TableCell,
    TableRow,
    make_page_context,
)
from compliance.rendering.marked_parts import (
    ChangedSetting,
    MarkedCell,
    MarkedColumn,
    MarkedItem,
    MarkedMark,
    MarkedNote,
    MarkedRow,
    MarkedSection,
)
from compliance.rendering.marked_words import MarkedText, differ, marked_words, replaced

# The title of the marked page is a third heading: the screen and its part stand above it.
_TITLE_LEVEL = 3
# Of a page with more rows that differ, the first are shown before all are asked for.
MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Anchor:
    """The HTML id of a section, listing or footnote on the marked page, and its name for people."""

    anchor: str
    name: str


def marked_body(
    before: Snapshot | None,
    after: Snapshot,
    sentence_ids: Mapping[str, str] | None = None,
    *,
    only_differing: bool = False,
) -> SafeString:
    """Return the page of `after` as HTML, marked against `before`.

    If `before` is None, nothing is marked and a sentence says so. The fragment belongs below a
    heading, and its page must load `marking.css`.

    `sentence_ids` has the HTML id of the first sentence that describes a change of a section, a
    listing or a footnote, by the id of that: the marks link back to it. With `only_differing`, the
    text and the rows that stay as they are are left out, and the rows counted. Of a first page
    everything differs. At most `MOST_ROWS` rows are shown then.
    """
    only, is_cut = _shown_rows(before, after) if only_differing else (None, False)
    marked = _marked(before or after, after, sentence_ids or {}, only)
    marked["is_cut"] = is_cut
    marked["is_whole"] = not only_differing or (before is None and not is_cut)
    return render_to_string("rendering/marked_body.html", {"is_first": before is None, **marked})


def marked_rows(before: Snapshot | None, after: Snapshot, *, most: int) -> SafeString:
    """Return the rows that differ as HTML, marked, with the footnotes that they cite.

    At most `most` rows are shown, and how many more there are. Returns "" if no row differs.
    Nothing in it has an HTML id, because one screen may show several such excerpts.
    """
    earlier = before or Snapshot(after.register, ())
    marked = _MarkedPage(earlier, after, {}, only=_may_differ(earlier, after))
    tables, more = _excerpt(marked.sections(), most)
    if not tables:
        return SafeString()
    cited = _cited(row for _, rows in tables for row in rows)
    context = {
        "is_excerpt": True,
        "register": after.register,
        "tables": tables,
        "notes": [
            note for note in marked.notes() if note.sign != "-" and note.note.number in cited
        ],
        "more": more,
    }
    return SafeString(render_to_string("rendering/marked_rows.html", context))


def _shown_rows(before: Snapshot | None, after: Snapshot) -> tuple[set[str] | None, bool]:
    """Return the ids of the first rows that may differ, and whether there are more of them.

    The ids are None where all rows have to be laid out to know.
    """
    ids = dict.fromkeys(row.id for row in (*after.all_rows, *(before.all_rows if before else ())))
    if before is not None:
        found = _may_differ(before, after)
        if found is None:
            return None, False
        ids = {id: None for id in ids if id in found}
    return set(list(ids)[:MOST_ROWS]), len(ids) > MOST_ROWS


def _may_differ(before: Snapshot, after: Snapshot) -> set[str] | None:
    """Return the ids of the rows that may be marked; None where that can be any.

    Of a long page few rows differ, and only these need to be laid out.
    """
    if before.register.link_base != after.register.link_base:
        return None
    found = {pair.id for pair in differing_rows(before, after)}
    if note_ids(before) != note_ids(after):
        for row in (*before.all_rows, *after.all_rows):
            if any(marks(row.listing)):
                found.add(row.id)
    old_sections = {section.id: section for section in before.sections}
    for section in after.sections:
        old_section = old_sections.get(section.id, section)
        old_keys, keys = _keys_of(old_section), _keys_of(section)
        if old_keys == keys:
            continue
        found.update(
            section.listings[place.new].id
            for place in align(old_keys, keys)
            if place.is_moved and place.new is not None
        )
    return found


def _keys_of(section: Section) -> list[tuple[str]]:
    return [(listing.id,) for listing in section.listings]


def _excerpt(
    sections: tuple[MarkedSection, ...], most: int
) -> tuple[list[tuple[MarkedSection, tuple[MarkedRow, ...]]], int]:
    """Return the first rows that differ, by their sections, and how many there are beyond them."""
    tables, more = [], 0
    for section in sections:
        differing = section.differing()
        shown = differing[:most]
        if shown:
            tables.append((section, shown))
        most -= len(shown)
        more += len(differing) - len(shown)
    return tables, more


def _cited(rows: Iterable[MarkedRow]) -> set[int]:
    """Return the numbers of the footnotes that rows cite."""
    items = [item for row in rows for cell in row.cells for item in cell.items]
    return {mark.mark.number for item in items for mark in item.marks}


def find_anchors(
    before: Snapshot | None, after: Snapshot, *, only_differing: bool = False
) -> dict[str, Anchor]:
    """Return the anchor of each section, listing and footnote by its id, also of removed ones.

    With `only_differing`, listings that `marked_body` leaves out have none.
    """
    only, _ = _shown_rows(before, after) if only_differing else (None, False)
    anchors = _anchors(after, "", "", only)
    if before is None:
        return anchors
    # What is on both pages gets the anchor of the new page.
    anchors = {**_anchors(before, "removed-", "removed ", only), **anchors}
    for place in _aligned_notes(before, after):
        if place.old is not None and place.new is not None:
            anchors[before.footnotes[place.old].id] = anchors[after.footnotes[place.new].id]
    return anchors


def _aligned_notes(before: Snapshot, after: Snapshot) -> list[AlignedItem]:
    """Match footnotes by their ids, or else by their texts."""
    return align(
        [(note.id, note.text) for note in before.footnotes],
        [(note.id, note.text) for note in after.footnotes],
    )


def _anchors(
    snapshot: Snapshot, id_prefix: str, name_prefix: str, only: Collection[str] | None
) -> dict[str, Anchor]:
    anchors = {}
    for number, section in enumerate(snapshot.sections, start=1):
        anchor = f"{id_prefix}{_section_anchor(number)}"
        anchors[section.id] = Anchor(anchor, f"{name_prefix}section {number}")
    for note in snapshot.footnotes:
        anchors[note.id] = Anchor(
            f"{id_prefix}note-{note.number}", f"{name_prefix}footnote {note.number}"
        )
    page = make_page_context(snapshot, only=only)
    for row in page.rows:
        anchors[row.id] = Anchor(f"{id_prefix}{row.anchor}", f"{name_prefix}row {row.number}")
    return anchors


def _section_anchor(number: int) -> str:
    # Not "section-1", which is the id of a heading "1".
    return f"part-{number}"


def _marked(
    before: Snapshot,
    after: Snapshot,
    sentence_ids: Mapping[str, str],
    only: Collection[str] | None,
) -> dict[str, object]:
    """Return the context of the template; with `only`, ids of listings, without other rows."""
    marked = _MarkedPage(before, after, sentence_ids, only=only)
    old, new = before.register, after.register
    sections, notes = marked.sections(), marked.notes()
    facts = tuple(_changed_settings(old, new))
    title = marked_words(old.title, new.title)
    differing = [row for section in sections for row in section.differing()]
    sections_differ = any(section.differs for section in sections)
    notes_differ = any(note.sign or note.old_number or note.source for note in notes)
    return {
        "register": new,
        "is_rtl": marked.page.is_rtl,
        "title": title,
        "facts": facts,
        "sections": sections,
        "notes": notes,
        "differing": differing,
        "differs": bool(facts or differ(title) or sections_differ or differing or notes_differ),
    }


def _changed_settings(old: Register, new: Register) -> Iterator[ChangedSetting]:
    for name, old_value, new_value in (
        ("Language of the page", old.language, new.language),
        ("Links without a host lead to", old.link_base, new.link_base),
    ):
        if old_value != new_value:
            yield ChangedSetting(name, replaced(old_value, new_value))


@dataclass(frozen=True, slots=True)
class _PlacedRow:
    """A row of one of the two pages, as data and as printed; `section` is the id of its section."""

    section: str
    row: Row
    printed: TableRow

    def cell(self, key: str) -> tuple[TableCell | None, list[Keys]]:
        """Return the printed cell of a column and the keys of its items; None if it has none."""
        for (column, cell), printed in zip(self.row.cells, self.printed.cells, strict=True):
            if column.key == key:
                return printed, [_keys(item) for item in cell.items]
        return None, []


class _MarkedPage:
    """Two pages side by side; with `only`, ids of listings, without the other rows."""

    def __init__(
        self,
        before: Snapshot,
        after: Snapshot,
        sentence_ids: Mapping[str, str],
        *,
        only: Collection[str] | None = None,
    ) -> None:
        self._before, self._after, self._sentence_ids = before, after, sentence_ids
        self._only = only
        self._old: PageContext = make_page_context(before, title_level=_TITLE_LEVEL, only=only)
        self.page: PageContext = make_page_context(after, title_level=_TITLE_LEVEL, only=only)
        self._old_rows = _placed_rows(before, self._old)
        self._new_rows = _placed_rows(after, self.page)
        self._note_places = _aligned_notes(before, after)
        self._new_numbers = {
            before.footnotes[place.old].number: after.footnotes[place.new].number
            for place in self._note_places
            if place.old is not None and place.new is not None
        }

    def sections(self) -> tuple[MarkedSection, ...]:
        places = align(
            [(section.id,) for section in self._before.sections],
            [(section.id,) for section in self._after.sections],
        )
        return tuple(map(self._section, places))

    def _section(self, place: AlignedItem) -> MarkedSection:
        if place.new is None:
            return self._removed_section(place.old or 0)
        section, printed = self._after.sections[place.new], self.page.sections[place.new]
        old = None if place.old is None else self._before.sections[place.old]
        old_columns = () if place.old is None else self._old.sections[place.old].columns
        columns = _marked_columns(old_columns, printed.columns, is_new=old is None)
        source: tuple[MarkedText, ...] = ()
        if old and old.prose != section.prose:
            source = marked_words(old.prose, section.prose)
        number = place.new + 1
        return MarkedSection(
            sign="" if old else "+",
            anchor=_section_anchor(number),
            number=number,
            title=printed.title,
            prose=printed.prose,
            source=source,
            columns=columns,
            rows=tuple(self._rows(place, columns)),
            row_count=len(section.listings),
            moved=(place.old or 0) + 1 if place.is_moved else None,
            sentence_id=self._sentence_ids.get(section.id, ""),
        )

    def _removed_section(self, index: int) -> MarkedSection:
        section, printed = self._before.sections[index], self._old.sections[index]
        rows = self._rows(AlignedItem(index, None), _whole_columns(printed))
        return MarkedSection(
            sign="-",
            anchor=f"removed-{_section_anchor(index + 1)}",
            number=index + 1,
            title=printed.title,
            prose=SafeString(),
            source=(MarkedText("", section.prose),) if section.prose else (),
            columns=_whole_columns(printed),
            rows=tuple(rows),
            sentence_id=self._sentence_ids.get(section.id, ""),
        )

    def _rows(self, place: AlignedItem, columns: tuple[MarkedColumn, ...]) -> Iterator[MarkedRow]:
        """Yield the rows of a section: those that it has, and those that are no longer anywhere."""
        old = () if place.old is None else self._before.sections[place.old].listings
        new = () if place.new is None else self._after.sections[place.new].listings
        for row in align([(listing.id,) for listing in old], [(listing.id,) for listing in new]):
            listing = new[row.new] if row.new is not None else old[row.old or 0]
            if self._only is not None and listing.id not in self._only:
                continue
            if row.new is not None:
                yield self._row(listing.id, columns, is_moved=row.is_moved)
            elif listing.id not in self._new_rows:
                yield self._removed_row(listing.id, columns)

    def _row(self, id: str, columns: tuple[MarkedColumn, ...], *, is_moved: bool) -> MarkedRow:
        new, old = self._new_rows[id], self._old_rows.get(id)
        printed, sentence_id = new.printed, self._sentence_ids.get(id, "")
        if old is None:
            cells = tuple(_whole(new, column) for column in columns)
            return MarkedRow("+", printed.anchor, printed.number, cells, sentence_id=sentence_id)
        is_from_elsewhere = old.section != new.section
        cells = tuple(self._cell(old, new, column) for column in columns)
        return MarkedRow(
            "",
            printed.anchor,
            printed.number,
            cells,
            moved=old.printed.number if is_moved or is_from_elsewhere else None,
            is_from_elsewhere=is_from_elsewhere,
            sentence_id=sentence_id,
        )

    def _removed_row(self, id: str, columns: tuple[MarkedColumn, ...]) -> MarkedRow:
        old = self._old_rows[id]
        # The id of a row on the new page may be the same.
        anchor = f"removed-{old.printed.anchor}"
        cells = tuple(_whole(old, column) for column in columns)
        sentence_id = self._sentence_ids.get(id, "")
        return MarkedRow("-", anchor, old.printed.number, cells, sentence_id=sentence_id)

    def _cell(self, old: _PlacedRow, new: _PlacedRow, column: MarkedColumn) -> MarkedCell:
        """Return a cell of a row that is on both pages."""
        old_cell, old_keys = old.cell(column.key)
        new_cell, new_keys = new.cell(column.key)
        old_items = old_cell.items if old_cell else ()
        new_items = new_cell.items if new_cell else ()
        items = self._items(old_items, new_items, align(old_keys, new_keys))
        return MarkedCell(column.label, tuple(items))

    def _items(
        self,
        old: tuple[RenderedItem, ...],
        new: tuple[RenderedItem, ...],
        places: list[AlignedItem],
    ) -> Iterator[MarkedItem]:
        for place in places:
            if place.new is None:
                yield _whole_item(old[place.old or 0], "-")
            elif place.old is None:
                yield _whole_item(new[place.new], "+")
            else:
                moved = place.old + 1 if place.is_moved else None
                yield self._item(old[place.old], new[place.new], moved)

    def _item(self, old: RenderedItem, new: RenderedItem, moved: int | None) -> MarkedItem:
        old_address, new_address = " ".join(_addresses(old)), " ".join(_addresses(new))
        return MarkedItem(
            sign="",
            pieces=marked_words(old.words, new.words),
            marks=tuple(self._marks(old.marks, new.marks)),
            html=new.html if old.html == new.html else "",
            url=new.url,
            address=() if old_address == new_address else replaced(old_address, new_address),
            moved=moved,
        )

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


def _placed_rows(snapshot: Snapshot, page: PageContext) -> dict[str, _PlacedRow]:
    """Return the printed rows of a page by the ids of their listings."""
    rows = rows_by_id(snapshot)
    return {
        printed.id: _PlacedRow(rows[printed.id].section.id, rows[printed.id], printed)
        for printed in page.rows
    }


def _keys(item: Item) -> Keys:
    """Return the keys by which the items of a cell are matched, the surest first."""
    match item:
        case ModelItem():
            return ((item.model, item.text),)
        case ProviderItem():
            return ((item.provider, item.text),)
        case DocumentItem():
            return (
                (item.provider, item.text, item.url),
                (item.provider, item.text),
                (item.text, item.url),
                item.url,
            )
        case ClaimItem():
            return ("claim",)
    # What is left after equal texts is compared in its order.
    return (item.text, "text")


def _marked_columns(
    old: tuple[Column, ...], new: tuple[Column, ...], *, is_new: bool
) -> tuple[MarkedColumn, ...]:
    """Return the columns of a table in their order, with each removed one after that it followed.

    Those of a new section are not marked, because the section is marked as a whole.
    """
    columns = []
    for place in align([(column.key,) for column in old], [(column.key,) for column in new]):
        if place.new is None:
            columns.append(_whole_column(old[place.old or 0], "-"))
        elif place.old is None:
            columns.append(_whole_column(new[place.new], "" if is_new else "+"))
        else:
            label = new[place.new].label
            pieces = marked_words(old[place.old].label, label)
            key = new[place.new].key
            columns.append(MarkedColumn("", key, label, pieces, place.is_moved))
    return tuple(columns)


def _whole_columns(section: PrintedSection) -> tuple[MarkedColumn, ...]:
    """Return the columns of a removed section, which is marked as a whole."""
    return tuple(_whole_column(column, "") for column in section.columns)


def _whole_column(column: Column, sign: str) -> MarkedColumn:
    pieces = (MarkedText(sign, column.label),)
    return MarkedColumn(sign, column.key, column.label, pieces)


def _whole(row: _PlacedRow, column: MarkedColumn) -> MarkedCell:
    """Return a cell of an added or removed row, which is marked as a whole."""
    cell, _ = row.cell(column.key)
    items = cell.items if cell else ()
    return MarkedCell(column.label, tuple(_whole_item(item, "") for item in items))


def _whole_item(item: RenderedItem, sign: str) -> MarkedItem:
    marks = tuple(MarkedMark("", mark) for mark in item.marks)
    links = " ".join(_addresses(item))
    address = (MarkedText("", links),) if links else ()
    return MarkedItem(sign, (MarkedText("", item.words),), marks, url=item.url, address=address)


def _addresses(item: RenderedItem) -> tuple[str, ...]:
    return (item.url,) if item.url else item.links
