"""A snapshot as CSV, which is only written: one line for each offering (a model at a provider)."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import product

from compliance.page.formats.base import Format
from compliance.page.snapshot import Document, Model, Provider, Snapshot
from compliance.page.table import Listing

COLUMNS = {
    "listing_id": "The row of the page, by an id that stays.",
    "model_id": "The model, by an id that stays; empty where the row names none.",
    "model": "The model as printed.",
    "provider_id": "The provider, by an id that stays; empty where the row names none.",
    "provider": "The provider as printed.",
    "training_use": "Whether prompts are used for training: never, opt_in, conditional, opt_out, "
    "by_default, not_stated or unknown.",
    "training": "The same as printed.",
    "retention": "How long data are kept, as printed for the row.",
    "declared_training_use": "What the provider declares for all it is sent; "
    "empty where it declares nothing.",
    "declared_retention": "How long the provider declares to keep data; "
    "empty where it declares nothing.",
    "documents": "The provider's documents in the row, apart by semicolons, "
    "each with its address in angle brackets.",
    "footnotes": "The numbers of the notes that mark any of these, apart by blanks.",
}
ABOUT = (
    "One offering a line: a model at a provider. A cell that begins with = + - @, their "
    "full-width forms, a tabulator, a line break or an apostrophe has an apostrophe before it: "
    "take one off every cell that begins with one."
)
# In the words of https://www.w3.org/TR/tabular-metadata/#dialect-descriptions.
DIALECT = {
    "encoding": "utf-8",
    "delimiter": ",",
    "quoteChar": '"',
    "doubleQuote": True,
    "lineTerminators": ["\r\n"],
    "header": True,
    "commentPrefix": None,
    "trim": False,
}
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), and the apostrophe
# itself, so that one can be taken off every cell that begins with one.
_GUARDED = tuple("=+-@\t\r\n＝＋－＠'")


def render(snapshot: Snapshot) -> bytes:
    """Return RFC 4180 lines in UTF-8, all cells quoted, with a header.

    A listing without models or providers still has a line. A cell that begins like a formula or
    with an apostrophe gets an apostrophe before it.
    """
    target = io.StringIO()
    writer = csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in _lines(snapshot.listings):
        writer.writerow(map(guard_formula, line))
    return target.getvalue().encode("utf-8")


def guard_formula(cell: str) -> str:
    """Return a cell with an apostrophe before it if a spreadsheet could take it for a formula."""
    return f"'{cell}" if cell.startswith(_GUARDED) else cell


def _lines(listings: Iterable[Listing]) -> Iterator[tuple[str, ...]]:
    for listing in listings:
        models: tuple[Model | None, ...] = listing.models or (None,)
        providers: tuple[Provider | None, ...] = listing.providers or (None,)
        for model, provider in product(models, providers):
            yield _line(listing, model, provider)


def _line(listing: Listing, model: Model | None, provider: Provider | None) -> tuple[str, ...]:
    declared = provider.declared if provider else None
    documents = [
        document
        for document in listing.documents
        if not provider or document.provider in (provider.id, None)
    ]
    targets = [
        listing.training,
        listing.retention,
        *documents,
        *(target for target in (model, provider) if target),
    ]
    marks = sorted({number for target in targets for number in target.footnotes})
    return (
        listing.id,
        model.id if model else "",
        model.name if model else "",
        provider.id if provider else "",
        provider.name if provider else "",
        listing.training.use.value,
        listing.training.text,
        listing.retention.text,
        declared.training.value if declared and declared.training else "",
        declared.retention.text if declared and declared.retention else "",
        "; ".join(map(_reference, documents)),
        " ".join(map(str, marks)),
    )


def _reference(document: Document) -> str:
    return f"{document.label} <{document.url}>" if document.url else document.label


FORMAT = Format("csv", "text/csv; charset=utf-8; header=present", render)
