"""Importing: make the working copy of a register equal to a page, with as few writes as possible.

Few writes, because each one is a history row and a line in a review.
"""

from compliance.workingcopy.importing.catalogue import read_catalogue
from compliance.workingcopy.importing.errors import NotImportable
from compliance.workingcopy.importing.manifest import PastPage, read_manifest
from compliance.workingcopy.importing.page import Imported, import_page, write_page
from compliance.workingcopy.importing.source import read_page

__all__ = [
    "Imported",
    "NotImportable",
    "PastPage",
    "import_page",
    "read_catalogue",
    "read_manifest",
    "read_page",
    "write_page",
]
