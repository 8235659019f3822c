"""The HTML body of a page, and all the files that a publication freezes.

The body is a `<main>` element. It does not mention the publication: its number, dates, hashes and
navigation stand around it in the public template, and may change while the body is frozen. The
templates escape every text; only HTML that nh3 has cleaned passes unescaped.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

import nh3
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from compliance.page import slugs, urls
from compliance.page.formats import FORMATS
from compliance.page.retention import describe_clauses
from compliance.page.snapshot import Document, Footnote, Model, Provider, Register, Snapshot
from compliance.page.table import Listing

# Only what a note or an introduction needs: no images, no raw HTML, no blocks but paragraphs.
_RULES = ["emphasis", "link", "escape", "entity", "newline"]
_PARAGRAPHS = MarkdownIt("zero", {"html": False}).enable(_RULES)
_LINES = MarkdownIt("zero", {"html": False, "breaks": True}).enable(_RULES)


@dataclass(frozen=True, slots=True)
class FootnoteMark:
    """A footnote's number where it is cited; `anchor` is its HTML id, `place` says where it is."""

    number: int
    anchor: str
    place: str


@dataclass(frozen=True, slots=True)
class RenderedItem:
    """One line of a cell; `anchor` is its HTML id, empty if no link leads to it."""

    text: str
    marks: tuple[FootnoteMark, ...]
    url: str | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell with its column's label; `clauses` are its retention clauses in words, if wanted."""

    label: str
    items: tuple[RenderedItem, ...]
    is_list: bool
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """A listing as printed; `anchor` is its HTML id."""

    anchor: str
    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True)
class PrintedNote:
    """A footnote as printed, with every place that cites it."""

    number: int
    html: SafeString
    marks: tuple[FootnoteMark, ...]


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the templates print: a row for each listing and a note for each footnote, in order."""

    register: Register
    intro: SafeString
    rows: tuple[TableRow, ...]
    notes: tuple[PrintedNote, ...]

    @property
    def is_rtl(self) -> bool:
        """Whether the register's language is written from right to left."""
        # Without the region, which Django's list hardly ever has: ar-EG is written like ar.
        return self.register.language.partition("-")[0] in settings.LANGUAGES_BIDI


def html_body(snapshot: Snapshot) -> str:
    """Return the `<main>` fragment of a register's page."""
    printed = make_page_context(snapshot)
    return render_to_string(
        "rendering/body.html",
        {
            "register": printed.register,
            "is_rtl": printed.is_rtl,
            "intro": printed.intro,
            "rows": printed.rows,
            "notes": printed.notes,
        },
    )


def make_page_context(snapshot: Snapshot, *, clauses: bool = False) -> PageContext:
    """Return what the templates print of a page; `clauses` adds each retention clause by clause."""
    rows = _Rows(snapshot, clauses).rows()
    return PageContext(snapshot.register, _blocks(snapshot.register), rows, _notes(snapshot, rows))


def anchor(kind: str, id: str) -> str:
    """Return the HTML id of the first mention of a model or provider; `kind` is one of the two."""
    return slugs.slug(f"{kind} {id}")


def artefacts(snapshot: Snapshot) -> dict[str, bytes]:
    """Return the files that a publication freezes, by format; raises Unwritable."""
    files = {name: syntax.render(snapshot) for name, syntax in FORMATS.items()}
    return {**files, "html": html_body(snapshot).encode()}


class _Rows:
    """Makes rows of listings, and gives every row and every mark an HTML id of its own.

    An HTML id is made of the ids of the listing, model or provider, so it stays the same when other
    rows are added or removed. Where a listing names a model twice, the second gets `-2`.
    """

    def __init__(self, snapshot: Snapshot, clauses: bool) -> None:
        self._snapshot = snapshot
        self._clauses = clauses
        # The ids that stand in the templates.
        self._taken = {"main", "notes"} | {f"note-{note.number}" for note in snapshot.footnotes}

    def rows(self) -> tuple[TableRow, ...]:
        listings = enumerate(self._snapshot.listings, start=1)
        return tuple(self._row(number, listing) for number, listing in listings)

    def _row(self, number: int, listing: Listing) -> TableRow:
        # The order matters for the ids: the first that asks for an id gets it without a suffix.
        anchor = self._anchor(f"listing {listing.id}")
        columns, row = self._snapshot.register.columns, (number, listing.id)
        training, retention = listing.training, listing.retention
        models = tuple(self._party(row, "model", model) for model in listing.models)
        providers = tuple(self._party(row, "provider", provider) for provider in listing.providers)
        training_item = self._item(row, training.text, training.footnotes, "training")
        retention_item = self._item(row, retention.text, retention.footnotes, "retention")
        documents = tuple(self._document(row, document) for document in listing.documents)
        clauses: tuple[str, ...] = ()
        if self._clauses:
            clauses = tuple(describe_clauses([clause]) for clause in retention.clauses)
        return TableRow(
            anchor,
            (
                TableCell(columns.models, models, True),
                TableCell(columns.providers, providers, True),
                TableCell(columns.training, (training_item,), False),
                TableCell(columns.retention, (retention_item,), False, clauses),
                TableCell(columns.documents, documents, True),
            ),
        )

    def _party(self, where: tuple[int, str], kind: str, party: Model | Provider) -> RenderedItem:
        first = anchor(kind, party.id)
        named = "" if first in self._taken else self._anchor(first)
        return replace(self._item(where, party.name, party.footnotes, party.id), anchor=named)

    def _item(
        self, where: tuple[int, str], words: str, footnotes: tuple[int, ...], id: str
    ) -> RenderedItem:
        row, listing = where
        marks = (
            FootnoteMark(
                number, self._anchor(f"ref {number} {listing} {id}"), f"{words}, row {row}"
            )
            for number in footnotes
        )
        return RenderedItem(words, tuple(marks))

    def _document(self, where: tuple[int, str], document: Document) -> RenderedItem:
        item = self._item(where, document.label, document.footnotes, document.label)
        # The frozen page is safe whatever a form or an import let through: such an address is text.
        url = document.url if document.url and urls.url_fault(document.url) is None else None
        if document.url and not url:
            return RenderedItem(f"{document.label} ({document.url})", item.marks)
        return RenderedItem(item.text, item.marks, url)

    def _anchor(self, words: str) -> str:
        anchor = slugs.free_slug(words, self._taken)
        self._taken.add(anchor)
        return anchor


def _notes(snapshot: Snapshot, rows: tuple[TableRow, ...]) -> tuple[PrintedNote, ...]:
    marks: defaultdict[int, list[FootnoteMark]] = defaultdict(list)
    for mark in _marks(rows):
        marks[mark.number].append(mark)
    return tuple(
        PrintedNote(note.number, _line(snapshot.register, note), tuple(marks[note.number]))
        for note in snapshot.footnotes
    )


def _marks(rows: tuple[TableRow, ...]) -> Iterator[FootnoteMark]:
    for row in rows:
        for cell in row.cells:
            for item in cell.items:
                yield from item.marks


def _blocks(register: Register) -> SafeString:
    """Return the introduction as HTML paragraphs."""
    return _cleaned(_PARAGRAPHS.render(register.intro), register)


def _line(register: Register, note: Footnote) -> SafeString:
    """Return a footnote as inline HTML that keeps its line breaks."""
    return _cleaned(_LINES.renderInline(note.text), register)


def _cleaned(html: str, register: Register) -> SafeString:
    """Return HTML reduced to paragraphs, emphasis, line breaks and allowed links."""
    # nh3's own rewriting of relative links would make `//evil.com` a link, so `_joined` decides.
    cleaned = nh3.clean(
        html,
        tags={"p", "em", "strong", "br", "a"},
        attributes={"a": {"href"}},
        url_schemes={"https", "mailto"},
        url_relative=lambda url: _joined(register.link_base, url),
        attribute_filter=_published_link,
        link_rel=None,
    )
    unlinked = re.sub(
        r"<a>(.*?)</a>", r"\1", cleaned, flags=re.DOTALL
    )  # a link that lost its address is its text
    return mark_safe(unlinked)  # noqa: S308  the allow-list above is what makes it safe


def _published_link(tag: str, attribute: str, value: str) -> str | None:
    """Return the address of a link if it may be published; `_joined` checks relative ones."""
    scheme = urlsplit(value).scheme
    return None if scheme == "https" and urls.url_fault(value) else value


def _joined(base: str, url: str) -> str | None:
    """Return a relative link as an address on the register's site; None if it leads elsewhere."""
    # `//evil.com` names another host, and so does a backslash in browsers.
    if not base or urlsplit(url).netloc or url.startswith(("//", "/\\", "\\")):
        return None
    joined = urljoin(base, url)
    same_host = urlsplit(joined)[:2] == urlsplit(base)[:2]
    return joined if same_host and urls.url_fault(joined) is None else None
