"""A product's own list of models, from a JSON or CSV file, to be compared with what a register lists."""

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

    JSON is a list of objects, or an object that holds one such list and whatever else; CSV has a header, with commas,
    semicolons or tabs. `fields` says how the catalogue calls the `name` that users see and the `id` that APIs use; an
    entry has one of them at least. Raises NotImportable, naming the entry.
    """
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise NotImportable(f"The catalogue is not UTF-8: byte {error.start} is wrong.") from error
    entries = _from_json(text) if text[:1] in ("[", "{") else _from_csv(text)
    offers = tuple(_offer(entry, number, fields) for number, entry in enumerate(entries, start=1))
    if not offers:
        raise NotImportable(
            "The catalogue lists no model. Give the file of those that the product offers."
        )
    return offers


def _from_json(text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotImportable(f"The catalogue is not JSON: {error}.") from error
    lists = (
        [value]
        if isinstance(value, list)
        else [each for each in value.values() if isinstance(each, list)]
    )
    if len(lists) != 1:
        raise NotImportable(
            f"The catalogue holds {len(lists)} lists instead of one. Give the list of models."
        )
    entries: list[Any] = lists[0]
    return entries


def _from_csv(text: str) -> list[dict[str, Any]]:
    header = text.partition("\n")[0]
    try:
        return list(
            csv.DictReader(StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=header.count))
        )
    except csv.Error as error:
        raise NotImportable(f"The catalogue is not CSV: {error}.") from error


def _offer(entry: Any, number: int, fields: Mapping[str, str]) -> CatalogueEntry:
    values = {}
    for field, called in fields.items():
        value = entry.get(called) if isinstance(entry, dict) else None
        if value is not None and not isinstance(value, str):
            raise NotImportable(
                f"Entry {number} of the catalogue: {called} is {value!r}, which is no text."
            )
        values[field] = (value or "").strip()
    if not any(values.values()):
        called = " nor ".join(fields.values())
        raise NotImportable(
            f"Entry {number} of the catalogue has neither {called}. CATALOGUE_FIELDS says how its fields are called."
        )
    return CatalogueEntry(**values)
