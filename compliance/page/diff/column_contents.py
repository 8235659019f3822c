"""What the cells of a column say, told once for all rows of its table."""

from collections import Counter

from compliance.page.diff.sentences import in_words, join_names, verb_form
from compliance.page.snapshot import printed_cell
from compliance.page.table import Cell, Column, Section
from compliance.page.vocabulary import ColumnRole

# So many different contents stand in a sentence. Texts may be as many as the rows of a table.
MOST_IN_A_SENTENCE = 10
# Cells whose items are told one by one.
_LISTS = (ColumnRole.PROVIDERS, ColumnRole.DOCUMENTS)


def column_contents(section: Section, column: Column) -> Counter[str]:
    """Return what the cells of a column say, as Markdown, each with the number of its rows.

    Models are left out: each model is told of by itself.
    """
    if column.role is ColumnRole.MODELS:
        return Counter()
    cells = (listing.cells[column.key] for listing in section.listings)
    return Counter(text for cell in cells for text in _texts(cell, column) if text)


def contents_sentence(contents: Counter[str], verb: str) -> str:
    """Return a sentence on what a column says or said, with a blank before it; "" for nothing.

    The most frequent contents come first; of many, the last are only counted.
    """
    parts = []
    for markdown, count in contents.most_common():
        parts.append(f"“{in_words(markdown)}” in {count} {verb_form(count, 'row', 'rows')}")
    return f" It {verb} {join_names(parts, limit=MOST_IN_A_SENTENCE)}." if parts else ""


def _texts(cell: Cell, column: Column) -> list[str]:
    texts = list(dict.fromkeys(text for text, _ in printed_cell(cell)))
    return texts if column.role in _LISTS else [", ".join(texts)]
