"""Read a catalogue: the list of AI models that a product offers, from a JSON or CSV file.

`manage.py check_register --catalogue` compares it with what a register lists.
"""

import csv
import json
from collections.abc import Mapping
from io import StringIO
from typing import Any

from compliance.page.rules.facts import CatalogueEntry
from compliance.workingcopy.importing.errors import NotImportable

_DELIMITERS = ",;\t"


def read_catalogue(content: bytes, *, fields: Mapping[str, str]) -> tuple[CatalogueEntry, ...]:
    """Return the models that a catalogue offers, in its order.

    JSON is a list of objects, or an object with exactly one such list among its values. CSV has a
    header and commas, semicolons or tabs. `fields` maps "name" (what users see) and "id" (what APIs
    use) to the names of the catalogue's fields; an entry needs one of the two.

    Raises NotImportable, naming the entry.
    """
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise NotImportable(f"The catalogue is not UTF-8: byte {error.start} is wrong.") from error
    rows = _from_json(text) if text[:1] in ("[", "{") else _from_csv(text)
    entries = tuple(_entry(row, number, fields) for number, row in enumerate(rows, start=1))
    if not entries:
        raise NotImportable(
            "The catalogue lists no model. Give the file of those that the product offers."
        )
    return entries


def _from_json(text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotImportable(f"The catalogue is not JSON: {error}.") from error
    candidates = [value] if isinstance(value, list) else value.values()
    lists: list[list[Any]] = [candidate for candidate in candidates if isinstance(candidate, list)]
    if len(lists) != 1:
        raise NotImportable(
            f"The catalogue holds {len(lists)} lists instead of one. Give the list of models."
        )
    return lists[0]


def _from_csv(text: str) -> list[dict[str, Any]]:
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    try:
        return list(csv.DictReader(StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise NotImportable(f"The catalogue is not CSV: {error}.") from error


def _entry(row: Any, number: int, fields: Mapping[str, str]) -> CatalogueEntry:
    values = {}
    for field, column in fields.items():
        value = row.get(column) if isinstance(row, dict) else None
        if value is not None and not isinstance(value, str):
            raise NotImportable(
                f"Entry {number} of the catalogue: {column} is {value!r}, which is no text."
            )
        values[field] = (value or "").strip()
    if not any(values.values()):
        raise NotImportable(
            f"Entry {number} of the catalogue has neither {' nor '.join(fields.values())}. "
            "The setting CATALOGUE_FIELDS names its fields."
        )
    return CatalogueEntry(**values)
