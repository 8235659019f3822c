"""How long each kind of text may be, which is checked before any of it is parsed.

The limits are far above what a page has, and so low that the slowest reader of a text takes a
moment. A text may be longer than a field: Markdown has addresses and escapes in it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextLimit:
    """The most characters that a kind of text may have."""

    kind: str
    most: int

    def fault(self, text: str) -> str | None:
        """Return a sentence that says the length and the limit of a text too long, else None."""
        if len(text) <= self.most:
            return None
        return f"The {self.kind} has {len(text):,} characters. Shorten it to {self.most:,}."


ITEM = TextLimit("text", 5_000)  # a line of inline Markdown: an item of a cell, a label, a title
NAME = TextLimit("name", 200)  # of a model, a provider or a document
CELL = TextLimit("cell", 100_000)  # all items of a cell
FOOTNOTE = TextLimit("footnote", 20_000)
PROSE = TextLimit("text", 50_000)  # all between two tables

# What Django's check of a field says, in place of its own sentence.
TOO_LONG = "Shorten this to %(limit_value)d characters. It has %(show_value)d."

# More marks than this upon one letter are no writing (Unicode Standard Annex 15, Stream-Safe
# Text Format); bringing them into normal form takes quadratic time.
MOST_MARKS = 30
