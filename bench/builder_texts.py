"""Hostile texts for site builders, and a page that holds each of them everywhere."""

import random
import re
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from bench.shown_blocks import shown_blocks

if TYPE_CHECKING:
    from compliance.page.snapshot import Snapshot
    from compliance.page.table import Section

LINK = "https://terms.example/a"
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")

# What a builder, or an extension that is common with it, runs or takes for something else. In the
# file, lines that begin with `@ ` are headings.
_LINES = Path(__file__).with_name("hostile_to_builders.txt").read_text().splitlines()
FRAGMENTS = [line for line in _LINES if line and not line.startswith("@ ")]
# Where documents lead, one after the other.
ADDRESSES = [
    "https://x.example/",
    "https://x.example/{{6*7}}",
    "https://x.example/{a}",
    "https://x.example/a_b_c",
    "https://x.example/?a=1&copy=2",
    "https://x.example/?a&copy;b",
    "https://x.example/a(b",
    "https://x.example/a_(b)",
    "https://x.example/a|b",
    "https://x.example/*a*",
    "https://x.example/`a`",
    "https://x.example/%7Ba%7D",
    "https://x.example/$a$",
    "https://x.example/#:~:text=a",
    "https://x.example/:smile:",
    "https://x.example/[a]",
    "https://x.example/~~a~~",
    "https://x.example/'a'",
    "https://x.example/^a^",
    "https://x.example/++a++",
]


def hostile_texts(number: int, seed: int) -> list[str]:
    """Return a number of different texts that a page can hold: each fragment, then mixtures."""
    from compliance.page import text

    dice = random.Random(seed)
    texts = dict[str, None]()  # a dict keeps the order, which a set would not
    candidates = list(FRAGMENTS)
    while len(texts) < number:
        if not candidates:
            joint = dice.choice(["", " "])
            candidates.append(joint.join(dice.choices(FRAGMENTS, k=dice.randint(2, 4))).strip())
        candidate = candidates.pop(0)
        if candidate and text.fault(candidate) is None:
            texts[candidate] = None
    return list(texts)


class Shown(NamedTuple):
    """A line that a site must show, and the hostile text that is in it."""

    line: str
    text: str


class HostilePage(NamedTuple):
    """A page that holds hostile texts everywhere, and what a site of it shows, in order.

    `addresses` are where its links lead.
    """

    snapshot: "Snapshot"
    shown: list[Shown]
    addresses: set[str]


def hostile_page(texts: list[str]) -> HostilePage:
    """Return a page that holds each text everywhere.

    Each is a name, a wording, an entry, the label of a document, of a column and of a link; it
    stands in prose and in a footnote, escaped and, where the page can hold that, as Markdown.
    """
    from compliance.page.snapshot import Footnote, Model, Provider, Register, Snapshot
    from compliance.rendering.markdown import note_html

    prose, prose_lines, addresses = _prose(texts)
    tables = [_rows(texts), *_labels(texts)]
    notes = [f"Note\n{_escaped(text)}" for text in texts]
    snapshot = Snapshot(
        Register("hostile", texts[0]),
        (*(section for section, _ in tables), prose),
        tuple(Model(f"model-{place}", text) for place, text in enumerate(texts)),
        tuple(Provider(f"provider-{place}", text) for place, text in enumerate(texts)),
        tuple(
            Footnote(f"note-{number}", number, note) for number, note in enumerate(notes, start=1)
        ),
    )
    shown = [Shown(texts[0], texts[0])]
    for _, lines in tables:
        shown += lines
    shown += prose_lines
    for number, (text, note) in enumerate(zip(texts, notes, strict=True), start=1):
        blocks = shown_blocks(str(note_html(note)))
        shown.append(Shown(f"{_mark(number)} {' '.join(blocks.lines)}", text))
        addresses |= blocks.addresses
    return HostilePage(snapshot, shown, addresses | {unquote(url) for url in [LINK, *ADDRESSES]})


def _escaped(text: str) -> str:
    """Return Markdown that shows a text wherever it stands."""
    from compliance.page import inline

    referenced = inline.escape(text)
    return referenced if referenced == text and text.isalnum() else _with_backslashes(text)


def _with_backslashes(text: str) -> str:
    from compliance.page.inline import DIGITS

    escaped = _PUNCTUATION.sub(r"\\\g<0>", text)
    return re.sub(f"[{DIGITS}•]", lambda match: f"&#{ord(match.group())};", escaped)


def _mark(number: int) -> str:
    from compliance.page.formats.markdown.syntax import superscript

    return superscript([number])


def _rows(texts: list[str]) -> tuple["Section", list[Shown]]:
    """Return a table with a row for each text, which it holds in every kind of cell."""
    from compliance.page.inline import escape, plain
    from compliance.page.table import (
        Cell,
        ClaimItem,
        Column,
        DocumentItem,
        Listing,
        ModelItem,
        ProviderItem,
        Section,
        TextItem,
    )
    from compliance.page.vocabulary import Basis, ColumnRole, DocumentKind, TrainingUse

    columns = (
        Column("models", "Model", ColumnRole.MODELS),
        Column("providers", "Provider", ColumnRole.PROVIDERS),
        Column("training", "Trains", ColumnRole.TRAINING),
        Column("notes", "Notes", ColumnRole.TEXT),
        Column("documents", "Documents", ColumnRole.DOCUMENTS),
    )
    shown = [Shown(column.label, "") for column in columns]
    listings = []
    for place, text in enumerate(texts):
        words, number = escape(text), place + 1
        address = ADDRESSES[place % len(ADDRESSES)]
        entries = (TextItem(words), TextItem(f"A [{words}]({LINK}) b"))
        document = DocumentItem(
            f"document-{place}", None, DocumentKind.PRIVACY_POLICY, words, address
        )
        cells = {
            "models": Cell((ModelItem(f"model-{place}", words, (number,)),)),
            "providers": Cell((ProviderItem(f"provider-{place}", words),)),
            "training": Cell((ClaimItem(words),), basis=Basis.STATED, use=TrainingUse.UNKNOWN),
            "notes": Cell(entries),
            "documents": Cell((document,), basis=Basis.STATED),
        }
        assert plain(words) == text, text
        listings.append(Listing(f"row-{place}", cells))
        lines = [
            f"• {text}{_mark(number)}", f"• {text}", text, f"• {text}", f"• A {text} b",
            f"• {text}",
        ]  # fmt: skip
        shown += [Shown(line, text) for line in lines]
    return Section("rows", "", columns, tuple(listings)), shown


def _labels(texts: list[str]) -> Iterator[tuple["Section", list[Shown]]]:
    """Yield tables of one to ten columns, whose labels are the texts, with an empty column."""
    from compliance.page.table import Cell, Column, Listing, Section, TextItem
    from compliance.page.vocabulary import ColumnRole

    places = iter(range(len(texts)))
    for number, width in enumerate(cycle([10, 1, 2])):
        labels = [texts[place] for place in islice(places, width)]
        if not labels:
            return
        columns = [
            Column(f"column-{place}", label, ColumnRole.TEXT) for place, label in enumerate(labels)
        ]
        cells = {column.key: Cell((TextItem("a"),)) for column in columns}
        if width > 1:
            columns.append(Column("empty", "", ColumnRole.TEXT))
            cells["empty"] = Cell(())
        rows = tuple(Listing(f"labels-{number}-{row}", cells) for row in range(2))
        section = Section(f"labels-{number}", f"Table {number}", tuple(columns), rows)
        shown = [Shown(label, label) for label in labels]
        yield section, [Shown(section.prose, ""), *shown, *[Shown("a", "")] * len(labels) * 2]


def _prose(texts: list[str]) -> tuple["Section", list[Shown], set[str]]:
    """Return prose that holds each text, escaped and as it is; its lines, and where it leads."""
    from compliance.page.formats.markdown import canonical_prose, prose_fault
    from compliance.page.table import Section
    from compliance.rendering.markdown import Headings, prose_html

    parts: list[str] = []
    shown: list[Shown] = []
    addresses: set[str] = set()
    for text in texts:
        words = _escaped(text)
        candidates = [
            f"## {words}", words, f"First\n{words}\n{words}", f"a **{words}** *{words}* b",
            f"a [{words}]({LINK}) b", f"- {words}\n- b\n\n  {words}\n  - {words}", f"* {words}",
            f"3. {words}\n4. b", f"1) {words}", f"> {words}", f"{text}\nb", f"a `{text}` b",
            f"- {text}", f"> {text}",
        ]  # fmt: skip
        for candidate in candidates:
            if prose_fault(candidate) is not None:
                continue
            part = canonical_prose(candidate)
            parts.append(part)
            blocks = shown_blocks(str(prose_html(part, Headings(str))))
            shown += [Shown(line, text) for line in blocks.lines]
            addresses |= blocks.addresses
    return Section("prose", "\n\n".join(parts), (), ()), shown, addresses
