"""A page into the working copy, with the fewest writes."""

from compliance.importing.catalogue import read_catalogue
from compliance.importing.declarations import import_declarations
from compliance.importing.errors import NotImportable
from compliance.importing.manifest import PastPage, read_manifest
from compliance.importing.pages import Imported, import_page, write_page

__all__ = [
    "Imported",
    "NotImportable",
    "PastPage",
    "import_declarations",
    "import_page",
    "read_catalogue",
    "read_manifest",
    "write_page",
]
