"""What programs are told of the data: a schema.org `Dataset` in the page, and what the CSV's lines and columns mean.

Nothing is claimed that was not published: what a register leaves empty is left out.
"""

import json
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from compliance.page.formats import FORMATS, csv
from compliance.public.context import PublicationContext
from compliance.published.store import PublishedEntry, moment_text

# So that no text can end the element, whatever it holds; the same characters as Django's json_script.
_INERT = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
ABOUT = "Which AI models get users’ prompts, through which providers, and on what terms."


def dataset(frame: PublicationContext) -> SafeString:
    """Return a publication as JSON-LD for a `<script>`; absolute where the installation knows its own address."""
    entry, base = frame.entry, settings.SITE_URL
    value: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": entry.title,
        "description": ABOUT,
        "url": base + frame.canonical_path,
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
            for name, path in frame.file_paths.items()
        ],
    }
    if not frame.is_waiting:
        value["dateModified"] = moment_text(entry.effective_from)
    if entry.publisher:
        value["publisher"] = {"@type": "Organization", "name": entry.publisher}
    if entry.licence:
        is_address = entry.licence.startswith("https://")
        value["license"] = (
            entry.licence if is_address else {"@type": "CreativeWork", "name": entry.licence}
        )
    return mark_safe(json.dumps(value, ensure_ascii=False).translate(_INERT))  # noqa: S308  see _INERT


def csv_metadata(entry: PublishedEntry, file_name: str) -> dict[str, Any]:
    """Return a CSV file's metadata (W3C, Metadata Vocabulary for Tabular Data): its dialect, its columns."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": file_name,
        "dc:title": {"@value": entry.title, "@language": entry.language},
        "dc:description": csv.ABOUT,
        "dialect": csv.DIALECT,
        "tableSchema": {
            "columns": [
                {"name": name, "titles": name, "dc:description": about, "datatype": "string"}
                for name, about in csv.COLUMNS.items()
            ]
        },
    }
