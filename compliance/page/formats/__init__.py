"""The formats that a page is read from and written to, by name."""

from compliance.page.formats import csv, json, markdown
from compliance.page.formats.base import (
    Format,
    FormatFault,
    Reading,
    TitleFault,
    Unreadable,
    Unwritable,
)

__all__ = [
    "FORMATS",
    "Format",
    "FormatFault",
    "Reading",
    "TitleFault",
    "Unreadable",
    "Unwritable",
    "register",
]

FORMATS: dict[str, Format] = {}


def register(syntax: Format) -> Format:
    """Register a format under its name and return it; raises ValueError for a name taken."""
    if FORMATS.setdefault(syntax.name, syntax) is not syntax:
        raise ValueError(f"The format {syntax.name} is already registered.")
    return syntax


register(markdown.FORMAT)
register(json.FORMAT)
register(csv.FORMAT)
