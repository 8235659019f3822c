"""Markdown pages: every dialect is read, one is written."""

from compliance.page.formats.base import Format
from compliance.page.formats.markdown.prose import (
    canonical_note,
    canonical_prose,
    footnote_fault,
    prose_fault,
)
from compliance.page.formats.markdown.reader import parse, read
from compliance.page.formats.markdown.writer import links_fault, render
from compliance.page.snapshot import Snapshot

__all__ = [
    "FORMAT",
    "canonical_note",
    "canonical_prose",
    "footnote_fault",
    "links_fault",
    "parse",
    "prose_fault",
    "read",
    "render",
]


def _render_bytes(snapshot: Snapshot) -> bytes:
    return render(snapshot).encode("utf-8")


FORMAT = Format("md", "Markdown", "text/markdown; charset=utf-8; variant=GFM", _render_bytes)
