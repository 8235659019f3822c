"""The page of a register as its editors see it: the working copy, whose cells lead to the forms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from compliance.admin.components.links import addresses
from compliance.models import Register
from compliance.page.diff.sentences import row_label
from compliance.page.parts import listing_key
from compliance.page.rules import SubjectKind
from compliance.page.snapshot import Snapshot
from compliance.page.table import Column, Listing, Row
from compliance.publishing.part_states import PartState
from compliance.rendering.html import (
    PageContext,
    PrintedSection,
    RenderedItem,
    TableRow,
    make_page_context,
)

# As many rows as a screen shows at a time. Each takes time to print.
PAGE_SIZE = 50
# The rows before and after the one whose form is open.
_NEIGHBOURS = 10
# The screen has its own title above the headings of the page.
_TITLE_LEVEL = 2

_CHIPS = (
    ("is_draft", "draft", "Draft"),
    ("in_review", "in-review", "In review"),
    ("scheduled", "scheduled", "Scheduled"),
    ("unfinished", "rejected", "Rejected or called off"),
)


@dataclass(frozen=True, slots=True)
class Chip:
    """What is pending of a row, with the class that colours it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class EditorCell:
    """A cell as it prints, with the address of its fields on the form of its row."""

    label: str
    items: tuple[RenderedItem, ...]
    address: str


@dataclass(frozen=True, slots=True)
class EditorRow:
    """A row of the page; `number` counts the rows of all its tables."""

    id: str
    number: int
    name: str
    cells: tuple[EditorCell, ...]
    chips: tuple[Chip, ...]
    is_current: bool
    is_first: bool
    is_last: bool

    @property
    def address(self) -> str:
        return _row_address(self.id)

    @property
    def like_address(self) -> str:
        """The form of a new row below this one, with the same providers and claims."""
        return f"{reverse('admin:compliance_listing_add')}?like={self.id}"


@dataclass(frozen=True, slots=True)
class EditorSection:
    """Prose and the rows of its table that are shown.

    `hidden_before` and `hidden_after` count the table's rows that are not.
    """

    id: str
    prose: SafeString
    title: str
    columns: tuple[Column, ...]
    rows: tuple[EditorRow, ...]
    hidden_before: int
    hidden_after: int

    @property
    def add_address(self) -> str:
        return f"{reverse('admin:compliance_listing_add')}?section={self.id}"


@dataclass(frozen=True, slots=True)
class EditorNote:
    """A footnote as printed, with the address of its form."""

    number: int
    html: SafeString
    address: str


@dataclass(frozen=True, slots=True)
class NamedLink:
    """The name of a record with the address of its form."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class RowRange:
    """A link to other rows: their first and last number."""

    first: int
    last: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class EditorPage:
    """The sections of a register with at most PAGE_SIZE of their rows, and links to the others."""

    register: Any
    sections: tuple[EditorSection, ...]
    notes: tuple[EditorNote, ...]
    is_rtl: bool
    total: int
    ranges: tuple[RowRange, ...]
    providers: tuple[NamedLink, ...]

    @property
    def order(self) -> list[str]:
        """The ids of the rows that are shown, in order."""
        return [row.id for section in self.sections for row in section.rows]


def whole_page(
    snapshot: Snapshot,
    *,
    first: int = 1,
    row: str = "",
    states: Mapping[str, PartState] | None = None,
) -> EditorPage:
    """Return the page with the rows from number `first`, or those around the row with an id."""
    numbers = {id: number for number, id in enumerate(_ids(snapshot), start=1)}
    total = len(numbers)
    first = numbers.get(row, first)
    start = (min(max(first, 1), max(total, 1)) - 1) // PAGE_SIZE * PAGE_SIZE
    page = _Page(snapshot, start, start + PAGE_SIZE, current=row, states=states or {})
    return EditorPage(
        register=snapshot.register,
        sections=tuple(page.sections()),
        notes=tuple(page.notes()),
        is_rtl=page.is_rtl,
        total=total,
        ranges=tuple(_ranges(total, start)) if total > PAGE_SIZE else (),
        providers=tuple(page.providers()),
    )


def neighbourhood(snapshot: Snapshot, *, section: str, row: str = "") -> EditorSection | None:
    """Return a table with the rows around one, or with its last ones where the row is new."""
    before = 0
    for found in snapshot.sections:
        if found.id == section:
            break
        before += len(found.listings)
    else:
        return None
    ids = [listing.id for listing in found.listings]
    place = ids.index(row) if row in ids else len(ids) - 1
    start = before + max(place - _NEIGHBOURS, 0)
    end = before + min(place + _NEIGHBOURS + 1, len(ids))
    page = _Page(snapshot, start, end, current=row, states={})
    return next(shown for shown in page.sections() if shown.id == section)


def page_address(register: Any, row: Any = "") -> str:
    """Return the address of the page of a register, at one of its rows."""
    address = reverse("admin:compliance_register_page", args=[register])
    return f"{address}?row={row}#row-{row}" if row else address


def reordered(snapshot: Snapshot, order: Sequence[str]) -> Snapshot:
    """Return the page with the rows of each table in the order of their ids; others stay."""
    places = {id: place for place, id in enumerate(order)}
    sections = []
    for section in snapshot.sections:
        moved = iter(
            sorted(
                (listing for listing in section.listings if listing.id in places),
                key=lambda listing: places[listing.id],
            )
        )
        listings = tuple(
            next(moved) if listing.id in places else listing for listing in section.listings
        )
        sections.append(replace(section, listings=listings))
    return replace(snapshot, sections=tuple(sections))


def moved(snapshot: Snapshot, id: str, *, down: bool, within: Sequence[str]) -> Snapshot:
    """Return the page with a row moved by one within its table; only rows `within` change place."""
    order = []
    for section in snapshot.sections:
        ids = [listing.id for listing in section.listings if listing.id in within]
        if id in ids:
            place = ids.index(id)
            other = min(max(place + (1 if down else -1), 0), len(ids) - 1)
            ids[place], ids[other] = ids[other], ids[place]
        order += ids
    return reordered(snapshot, order)


def _ids(snapshot: Snapshot) -> Iterator[str]:
    for section in snapshot.sections:
        for listing in section.listings:
            yield listing.id


def _ranges(total: int, start: int) -> Iterator[RowRange]:
    for before in range(0, total, PAGE_SIZE):
        yield RowRange(before + 1, min(before + PAGE_SIZE, total), before == start)


def _row_address(id: str) -> str:
    return reverse("admin:compliance_listing_change", args=[id])


class _Page:
    """Prints the rows of a page between two places, without the others."""

    def __init__(
        self,
        snapshot: Snapshot,
        start: int,
        end: int,
        *,
        current: str,
        states: Mapping[str, PartState],
    ) -> None:
        self._snapshot, self._start, self._end = snapshot, start, end
        self._current, self._states = current, states
        self._windows = list(self._cut())
        sections = [
            replace(section, listings=listings)
            for section, (_, listings) in zip(snapshot.sections, self._windows, strict=True)
        ]
        self._shown = replace(snapshot, sections=tuple(sections))
        self._printed: PageContext = make_page_context(self._shown, title_level=_TITLE_LEVEL)
        self.is_rtl = self._printed.is_rtl

    def _cut(self) -> Iterator[tuple[int, tuple[Listing, ...]]]:
        """Yield how many rows of each section are left out before those shown, and those."""
        before = 0
        for section in self._snapshot.sections:
            count = len(section.listings)
            first = min(max(self._start - before, 0), count)
            last = min(max(self._end - before, 0), count)
            yield first, section.listings[first:last]
            before += count

    def notes(self) -> Iterator[EditorNote]:
        for note, printed in zip(self._snapshot.footnotes, self._printed.notes, strict=True):
            address = reverse("admin:compliance_footnote_change", args=[note.id])
            yield EditorNote(note.number, printed.html, address)

    def providers(self) -> Iterator[NamedLink]:
        """Yield the providers of the rows that are shown, by name."""
        listed = {item.provider for row in self._shown.rows() for item in row.providers}
        forms = addresses((SubjectKind.PROVIDER, id) for id in listed)
        names = {provider.id: provider.name for provider in self._snapshot.providers}
        for id in sorted(listed, key=lambda id: names[id].casefold()):
            if (SubjectKind.PROVIDER, id) in forms:
                yield NamedLink(names[id], forms[SubjectKind.PROVIDER, id])

    def sections(self) -> Iterator[EditorSection]:
        number = self._start
        for section, printed, (hidden, listings) in zip(
            self._snapshot.sections, self._printed.sections, self._windows, strict=True
        ):
            rows = tuple(self._rows(printed, section, listings, number, hidden))
            number += len(rows)
            yield EditorSection(
                id=section.id,
                prose=printed.prose,
                title=printed.title,
                columns=printed.columns,
                rows=rows,
                hidden_before=hidden,
                hidden_after=len(section.listings) - hidden - len(rows),
            )

    def _rows(
        self,
        printed: PrintedSection,
        section: Any,
        listings: tuple[Listing, ...],
        number: int,
        hidden: int,
    ) -> Iterator[EditorRow]:
        last = len(section.listings) - hidden - 1
        for place, (listing, row) in enumerate(zip(listings, printed.rows, strict=True)):
            yield EditorRow(
                id=listing.id,
                number=number + place + 1,
                name=row_label(Row(section, listing)),
                cells=tuple(_cells(listing.id, section.columns, row)),
                chips=tuple(self._chips(listing.id)),
                is_current=listing.id == self._current,
                is_first=place + hidden == 0,
                is_last=place == last,
            )

    def _chips(self, id: str) -> Iterator[Chip]:
        state = self._states.get(listing_key(id))
        for attribute, name, text in _CHIPS:
            if state and getattr(state, attribute):
                yield Chip(name, text)


def _cells(id: str, columns: Sequence[Column], row: TableRow) -> Iterator[EditorCell]:
    for column, cell in zip(columns, row.cells, strict=True):
        yield EditorCell(cell.label, cell.items, f"{_row_address(id)}#cell_{column.key}")


def register_page_choices() -> list[Register]:
    """Return the registers whose pages can be chosen, by title."""
    return list(Register.objects.order_by("title", "pk"))
