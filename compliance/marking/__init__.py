"""Two versions of a page, or of a text, as one in which insertions and deletions are marked."""

from compliance.marking.lines import Line, marked_lines
from compliance.marking.pages import Spot, marked_body, marked_rows, spots

__all__ = ["Line", "Spot", "marked_body", "marked_lines", "marked_rows", "spots"]
