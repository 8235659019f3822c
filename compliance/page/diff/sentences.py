"""How rows, documents and names are written in a sentence."""

import re
from collections.abc import Container, Iterable, Sequence

from compliance.page import inline
from compliance.page.claims import needs_label
from compliance.page.table import Cell, Column, DocumentItem, ModelItem, Row
from compliance.page.vocabulary import ColumnRole

# How many names are enough for a reader to recognise a row or a group.
FEW = 3
UNNAMED_ROW = "a row without a name"
# Characters of a first cell that are enough to recognise a row.
_LONGEST_LABEL = 80
_TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\S)")


def join_names(names: Iterable[str], limit: int | None = None) -> str:
    """Return names as they stand in a sentence: "A, B and C"; "" for none.

    With a `limit`, more names than that are cut: "A, B and 7 more" for a limit of 3. Without one
    every name is given, as it must be wherever somebody gets prompts or leaves the page.
    """
    shown = list(names)
    if limit is not None and len(shown) > limit:
        shown = [*shown[: limit - 1], f"{len(shown) - limit + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def row_label(row: Row, names: Sequence[str] | None = None) -> str:
    """Return what a row is called: the first few of its models, or of the `names` given instead.

    A row without models is called by its first cell.
    """
    if names is not None:
        return join_names(names, limit=FEW) or UNNAMED_ROW
    models = [item.plain for item in row.models]
    return label_of_row(models, [item.plain for item in row.header.items])


def label_of_row(models: Iterable[str], first_cell: Iterable[str]) -> str:
    """Return what a row is called, from the printed names of its models and its first cell.

    These are the first few models, each once; without any, the first cell, cut if it is long.
    """
    if label := join_names(_once(models), limit=FEW):
        return label
    label = join_names(_once(first_cell), limit=FEW) or UNNAMED_ROW
    return label if len(label) <= _LONGEST_LABEL else f"{label[:_LONGEST_LABEL]}…"


def the_row_of(label: str) -> str:
    """Return a row as it stands in a sentence, from what it is called."""
    return label if label == UNNAMED_ROW else f"the row of {label}"


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, names)))


def provider_names(row: Row) -> str:
    """Return a row's providers as they stand in a sentence."""
    return join_names(item.plain for item in row.providers) or "no provider"


def to_providers(row: Row, they_go: str) -> str:
    """Return the end of a sentence that says where a row's models go: "; it goes to Acme".

    It is empty where the table has no column for that.
    """
    if row.section.column(ColumnRole.PROVIDERS) is None:
        return ""
    return f"; {they_go} to {provider_names(row)}"


def terms_of_row(row: Row) -> str:
    """Return a sentence for each claim of a row, each with a blank before it."""
    sentences = ""
    for role, default in ((ColumnRole.TRAINING, "Training"), (ColumnRole.RETENTION, "Retention")):
        for column, cell in row.claims(role):
            name = column_title(column) if needs_label(column, row) else default
            sentences += f" {name}: {said(cell)}."
    return sentences


def texts_of_row(row: Row) -> str:
    """Return a sentence for each text and place of a row, each with a blank before it.

    The first cell is left out: where it is a text, the row is called by it.
    """
    sentences = ""
    for column, cell in row.cells[1:]:
        if column.role.is_text and cell.items:
            words = ", ".join(in_words(item.text) for item in cell.items)
            sentences += f" {column_title(column)}: “{words}”."
    return sentences


def notes_of_row(row: Row, models: Container[str] | None = None) -> str:
    """Return sentences on the footnotes that mark a row, each with a blank before it.

    Of its models, those that count are all, or some by their ids.
    """
    of_row: set[int] = set()
    of_models: dict[int, list[str]] = {}
    for _, cell in row.cells:
        for item in cell.items:
            if not isinstance(item, ModelItem):
                of_row.update(item.footnotes)
            elif models is None or item.model in models:
                for number in item.footnotes:
                    of_models.setdefault(number, []).append(item.plain)
    sentences = ""
    if of_row:
        notes = verb_form(len(of_row), "Footnote", "Footnotes")
        apply = verb_form(len(of_row), "applies", "apply")
        sentences += f" {notes} {join_names(map(str, sorted(of_row)))} {apply}."
    for number, names in sorted(of_models.items()):
        if number not in of_row:
            sentences += f" Footnote {number} applies to {join_names(names)}."
    return sentences


def through_providers(row: Row) -> str:
    """Return ", through Acme"; "" where the row's name or its table says nothing of providers."""
    column = row.section.column(ColumnRole.PROVIDERS)
    is_name = not row.models and column == row.section.columns[0]
    return "" if column is None or is_name else f", through {provider_names(row)}"


def column_title(column: Column) -> str:
    """Return the label of a column in quotation marks, or its key where it has no label."""
    return f"“{column.label or column.key}”"


def said(cell: Cell) -> str:
    """Return what a cell says in quotation marks."""
    return f"“{cell.plain}”" if cell.items else "an empty cell"


def said_differently(new: Cell, old: Cell) -> tuple[str, str]:
    """Return what two cells say; as Markdown where a reader sees the same words, links apart."""
    if cell_words(new) != cell_words(old):
        return said(new), said(old)
    return _markdown(new), _markdown(old)


def cell_words(cell: Cell) -> list[str]:
    """Return the words of a cell's items."""
    return [item.plain for item in cell.items]


def _markdown(cell: Cell) -> str:
    return f"“{', '.join(item.text for item in cell.items)}”" if cell.items else said(cell)


def document_title(document: DocumentItem) -> str:
    """Return a document's label in quotation marks, with its address where it has one."""
    return f"“{document.plain}” at {document.url}" if document.url else f"“{document.plain}”"


def document_change(old: DocumentItem, new: DocumentItem) -> str:
    """Return what changed of a document: its label, its address, or both."""
    if new.url and new.url == old.url and new.plain != old.plain:
        return f"the label of the document at {new.url} is “{new.plain}” instead of “{old.plain}”"
    if new.url and old.url and new.plain == old.plain:
        return f"“{new.plain}” leads to {new.url} instead of {old.url}"
    return f"{document_title(new)} instead of {document_title(old)}"


def with_single_stops(sentence: str) -> str:
    """Return a sentence with one full stop where a name ends with one: "New row: Acme Inc."."""
    return _TWO_STOPS.sub(".", sentence)


def capitalised(words: str) -> str:
    """Return words as the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def in_words(markdown: str) -> str:
    """Return inline Markdown as plain words in one line, with the address behind each link."""
    words = ""
    for run in inline.runs(markdown):
        words += f"{run.words} ({run.url})" if run.url else run.words
    return " ".join(words.split())


def verb_form(count: int, singular: str, plural: str) -> str:
    """Return the singular where the subject is one, else the plural."""
    return singular if count == 1 else plural
