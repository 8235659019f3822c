"""Markdown pages: many dialects are read, one canonical form is written."""

from compliance.page.formats.markdown.format import (
    FORMAT,
    footnote_fault,
    intro_fault,
    parse,
    read,
    render,
)

__all__ = ["FORMAT", "footnote_fault", "intro_fault", "parse", "read", "render"]
