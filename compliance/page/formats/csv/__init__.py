"""CSV: a table is read as a page, and a page is written as one line for each offering."""

from compliance.page.formats.base import Format
from compliance.page.formats.csv.reader import read
from compliance.page.formats.csv.writer import ABOUT, DIALECT, columns, guard_formula, render

__all__ = ["ABOUT", "DIALECT", "FORMAT", "columns", "guard_formula", "read", "render"]

FORMAT = Format("csv", "CSV", "text/csv; charset=utf-8; header=present", render)
