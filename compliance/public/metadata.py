"""What search engines and programs can read about the data.

That is a schema.org `Dataset` in the page, and the meaning of the CSV's columns. Nothing is claimed
that was not published: what a register leaves empty is left out.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from compliance.page.formats import FORMATS, csv
from compliance.public.context import PublicationContext
from compliance.published.index import PublishedEntry, moment_text

# The characters that Django's json_script escapes, so that no text can end the script element.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
ABOUT = "Which AI models get users’ prompts, through which providers, and on what terms."


def dataset(page: PublicationContext) -> SafeString:
    """Return the JSON-LD of a publication for a `<script>` element.

    Addresses are absolute if the installation sets SITE_URL.
    """
    entry, base = page.entry, settings.SITE_URL
    value: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": entry.title,
        "description": ABOUT,
        "url": base + page.canonical_path,
        "inLanguage": entry.language,
        "version": str(entry.number),
        "isAccessibleForFree": True,
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": FORMATS[name].media_type.partition(";")[0],
                "contentUrl": base + path,
                "sha256": entry.files[name].sha256,
            }
            for name, path in page.file_paths.items()
        ],
    }
    if not page.is_waiting:
        value["dateModified"] = moment_text(entry.effective_from)
    if entry.publisher:
        value["publisher"] = {"@type": "Organization", "name": entry.publisher}
    if entry.licence:
        value["license"] = _licence(entry.licence)
    return mark_safe(json.dumps(value, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308


def _licence(licence: str) -> Any:
    if licence.startswith("https://"):
        return licence
    return {"@type": "CreativeWork", "name": licence}


def csv_metadata(
    entry: PublishedEntry, file_name: str, columns: Mapping[str, str]
) -> dict[str, Any]:
    """Return the dialect and columns of a publication's CSV file.

    `columns` has a sentence about each column by its name.

    The form is that of the W3C's Metadata Vocabulary for Tabular Data.
    """
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": file_name,
        "dc:title": {"@value": entry.title, "@language": entry.language},
        "dc:description": csv.ABOUT,
        "dialect": csv.DIALECT,
        "tableSchema": {
            "columns": [
                {"name": name, "titles": name, "dc:description": about, "datatype": "string"}
                for name, about in columns.items()
            ]
        },
    }
