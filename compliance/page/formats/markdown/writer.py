"""Write the canonical Markdown of a snapshot, and say which texts it cannot hold."""

import re
from collections.abc import Iterable

from compliance.page import text
from compliance.page.formats.base import Unwritable
from compliance.page.formats.markdown.syntax import (
    BULLET,
    DELIMITER_ROW,
    LINK_DEFINITION,
    NOTE_START,
    OTHER_BULLETS,
    UNDERLINE,
    UNNUMBERED_NOTE,
    page_parser,
    superscript,
)
from compliance.page.snapshot import Document, Footnote, Snapshot
from compliance.page.table import Listing

_PARSER = page_parser()
# Parsed behind a text, it shows whether the text leaves a block open.
_TABLE = "| a |\n| - |\n| b |"


def render(snapshot: Snapshot) -> str:
    """Return the canonical page; raises Unwritable for a text that could not be read back."""
    numbers = {note.number for note in snapshot.footnotes}
    if strays := sorted(set(snapshot.marks()) - numbers):
        raise Unwritable(
            f"Footnote {strays[0]} is cited, but there is none of that number. Add it."
        )
    if len(numbers) < len(snapshot.footnotes) or min(numbers, default=1) < 1:
        raise Unwritable(
            "Two footnotes have one number, or a number is below 1. Number them from 1."
        )
    parts = [
        _title(snapshot.register.title),
        _intro(snapshot.register.intro),
        _table(snapshot),
        *_notes(snapshot),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _title(title: str) -> str:
    escaped = escape(_sound(title, "The title"))
    # CommonMark drops `#` at the end of a heading as its closing sequence.
    return f"# {escaped[:-1]}\\#" if escaped.endswith("#") else f"# {escaped}"


def _intro(intro: str) -> str:
    if problem := intro_fault(intro):
        raise Unwritable(f"The intro cannot be written: {problem}")
    return intro


def _notes(snapshot: Snapshot) -> list[str]:
    return [_note(note) for note in sorted(snapshot.footnotes, key=lambda note: note.number)]


def _note(note: Footnote) -> str:
    if problem := footnote_fault(note.text):
        raise Unwritable(f"Footnote {note.number} cannot be written: {problem}")
    return f"{superscript([note.number])} {note.text}"


def _table(snapshot: Snapshot) -> str:
    columns = snapshot.register.columns
    labels = (
        columns.models,
        columns.providers,
        columns.training,
        columns.retention,
        columns.documents,
    )
    header = [escape(_sound(label, "A column label", empty=True)) for label in labels]
    delimiters = [":" + "-" * max(len(label) - 1, 1) for label in header]
    return "\n".join(map(_row, [header, delimiters, *map(_cells, snapshot.listings)]))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(listing: Listing) -> list[str]:
    return [
        _bulleted(_item(model.name, model.footnotes, "A model's name") for model in listing.models),
        _bulleted(
            _item(provider.name, provider.footnotes, "A provider's name")
            for provider in listing.providers
        ),
        _plain_cell(listing.training.text, listing.training.footnotes),
        _plain_cell(listing.retention.text, listing.retention.footnotes),
        _bulleted(map(_document, listing.documents)),
    ]


def _bulleted(items: Iterable[str]) -> str:
    return "<br>".join(f"{BULLET} {item}" for item in items)


def _item(name: str, footnotes: Iterable[int], what: str) -> str:
    return escape(_sound(name, what)) + _marks(footnotes)


def _plain_cell(wording: str, footnotes: Iterable[int]) -> str:
    return _LEADING_BULLET.sub(_reference, escape(_sound(wording, "A cell", empty=True))) + _marks(
        footnotes
    )


def _document(document: Document) -> str:
    label = escape(_sound(document.label, "A document's label"))
    if document.url is not None:
        label = f"[{label}]({_destination(_sound(document.url, 'A URL'))})"
    return label + _marks(document.footnotes)


def _marks(footnotes: Iterable[int]) -> str:
    numbers = tuple(footnotes)
    if len(set(numbers)) < len(numbers):
        raise Unwritable(
            f"Footnote {max(numbers, key=numbers.count)} is cited twice in one place. Cite it once."
        )
    return superscript(numbers)


def _sound(value: str, what: str, *, empty: bool = False) -> str:
    if problem := text.fault(value):
        raise Unwritable(f"{what}, {value!r}, cannot be written: {problem}")
    if not value and not empty:
        raise Unwritable(f"{what} is empty. Give it a text.")
    return value


# Only where a cell begins: later a dash is text, and a backslash before it would be changed too.
_LEADING_BULLET = re.compile(rf"\A[{OTHER_BULLETS}](?= )")
_ACTING_IN_URL = re.compile(r"[\\|<>`]|&(?=#?[A-Za-z0-9]+;)")


def _destination(url: str) -> str:
    escaped = _ACTING_IN_URL.sub(
        lambda match: "&amp;" if match.group() == "&" else f"\\{match.group()}", url
    )
    if re.search(r"\s", url):
        return f"<{escaped}>"
    return escaped if _parentheses_pair(url) else re.sub(r"[()]", r"\\\g<0>", escaped)


def _parentheses_pair(url: str) -> bool:
    depth = 0
    for character in url:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not 0 <= depth <= 30:  # CommonMark lets a parser stop at 32
            return False
    return depth == 0


def intro_fault(intro: str) -> str | None:
    """Return a sentence that says why no page can hold this introduction (Markdown), else None."""
    if problem := text.fault(intro, multiline=True):
        return problem
    for line in intro.split("\n"):
        if NOTE_START.match(line):
            return f"The line {line!r} begins like a footnote. Begin it with a word."
        if DELIMITER_ROW.match(line) or UNDERLINE.match(line):
            return f"The line {line!r} would make a table or a heading. Remove it."
        if LINK_DEFINITION.match(line):
            return (
                f"The line {line!r} defines a link for elsewhere. "
                "Write the address where the link is."
            )
    return _block_fault(intro, ("heading_open", "table_open")) if intro else None


def footnote_fault(note: str) -> str | None:
    """Return a sentence that says why no page can hold this footnote (Markdown), else None."""
    if not note:
        return "It has no text. Write one, or remove the footnote."
    if problem := text.fault(note, multiline=True):
        return problem
    for line in note.split("\n")[1:]:
        if not line:
            return "It holds a blank line. Write it as one paragraph."
        if NOTE_START.match(line) or UNNUMBERED_NOTE.match(line):
            return f"Its line {line!r} begins like another footnote. Begin it with a word."
        if line.startswith("|") or DELIMITER_ROW.match(line) or UNDERLINE.match(line):
            return f"Its line {line!r} would begin a table or a heading. Begin it with a word."
    if problem := _block_fault(f"¹ {note}", ("heading_open", "table_open")):
        return problem
    if [token.type for token in _PARSER.parse(f"¹ {note}")] != [
        "paragraph_open",
        "inline",
        "paragraph_close",
    ]:
        return "It is more than one paragraph. Write it without lists, quotes and code blocks."
    return None


def _block_fault(markdown: str, refused: tuple[str, ...]) -> str | None:
    """Return a sentence on a block that must not be there or would swallow the table, else None."""
    if "<!--" in markdown:
        return "It holds an HTML comment, which nobody would see. Remove it."
    tokens = _PARSER.parse(markdown)
    if any(token.type in refused for token in tokens):
        return "It holds a table or a heading, and the page has one of each. Remove it."
    if _PARSER.parse(f"{markdown}\n\n{_TABLE}")[-1].type != "table_close":
        return (
            "It leaves a code block or an HTML block open, which would swallow the table. Close it."
        )
    return None
