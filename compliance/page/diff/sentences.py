"""How rows, names and texts are called in a sentence."""

from collections.abc import Iterable, Sequence

from compliance.page.snapshot import Document, Listing

_FEW = 3


def row_label(listing: Listing, names: Sequence[str] | None = None) -> str:
    """Return a row by its models, or by those named; the first few of many."""
    named = list(dict.fromkeys(model.name for model in listing.models) if names is None else names)
    return few(named) or "a row without models"


def few(names: Sequence[str]) -> str:
    """Return names in a sentence, the first few of many."""
    return listed(
        names if len(names) <= _FEW else [*names[: _FEW - 1], f"{len(names) - _FEW + 1} more"]
    )


def listed(names: Iterable[str]) -> str:
    """Return names in a sentence, all of them: nobody who gets prompts or leaves the page goes unnamed."""
    named = list(names)
    return (
        named[0]
        if len(named) == 1
        else ", ".join(named[:-1]) + " and " + named[-1]
        if named
        else ""
    )


def providers(listing: Listing) -> str:
    """Return a row's providers in a sentence."""
    return listed(provider.name for provider in listing.providers) or "no provider"


def titled(document: Document) -> str:
    """Return a document in a sentence, with its address where it has one."""
    return f"“{document.label}” at {document.url}" if document.url else f"“{document.label}”"


def one_line(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())


def verb(count: int, singular: str, plural: str) -> str:
    """Return the form of a verb for one or for several."""
    return singular if count == 1 else plural
