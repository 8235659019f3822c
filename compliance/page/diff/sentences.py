"""How rows, documents and names are written in a sentence."""

from collections.abc import Iterable, Sequence

from compliance.page.snapshot import Document
from compliance.page.table import Listing

# How many names are enough for a reader to recognise a row or a group.
FEW = 3


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


def row_label(listing: Listing, names: Sequence[str] | None = None) -> str:
    """Return what a row is called: the first few of its models, or of the `names` given instead."""
    if names is None:
        names = list(dict.fromkeys(model.name for model in listing.models))
    return join_names(names, limit=FEW) or "a row without models"


def provider_names(listing: Listing) -> str:
    """Return a row's providers as they stand in a sentence."""
    return join_names(provider.name for provider in listing.providers) or "no provider"


def document_title(document: Document) -> str:
    """Return a document's label in quotation marks, with its address where it has one."""
    return f"“{document.label}” at {document.url}" if document.url else f"“{document.label}”"


def one_line(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())


def verb_form(count: int, singular: str, plural: str) -> str:
    """Return the singular where the subject is one, else the plural."""
    return singular if count == 1 else plural
