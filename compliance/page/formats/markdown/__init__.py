"""Markdown pages: many dialects are read; one canonical form, and one for each builder, written."""

from compliance.page.formats.markdown.flavours import FLAVOURS, GFM, Flavour
from compliance.page.formats.markdown.format import (
    FORMAT,
    canonical_note,
    canonical_prose,
    footnote_fault,
    links_fault,
    parse,
    prose_fault,
    read,
    render,
)

__all__ = [
    "FLAVOURS",
    "FORMAT",
    "GFM",
    "Flavour",
    "canonical_note",
    "canonical_prose",
    "footnote_fault",
    "links_fault",
    "parse",
    "prose_fault",
    "read",
    "render",
]
