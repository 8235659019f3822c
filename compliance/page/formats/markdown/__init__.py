"""Markdown pages: many dialects are read, one canonical form is written."""

from compliance.page.formats.markdown.format import (
    FORMAT,
    canonical_prose,
    footnote_fault,
    links_fault,
    parse,
    prose_fault,
    read,
    render,
)

__all__ = [
    "FORMAT",
    "canonical_prose",
    "footnote_fault",
    "links_fault",
    "parse",
    "prose_fault",
    "read",
    "render",
]
