"""JSON Schemas, derived from the types that make the answers and the snapshot."""

import datetime
import re
from dataclasses import fields, is_dataclass
from enum import StrEnum
from inspect import getdoc
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from compliance.api.snapshot_fields import FIELD_DESCRIPTIONS
from compliance.page import snapshot
from compliance.page.table import Cell, Clause, Column
from compliance.page.values import required_fields
from compliance.page.vocabulary import DURATION

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMPONENTS = "#/components/schemas/"
_DEFINITIONS = "#/$defs/"
_JSON_TYPES = {str: "string", int: "integer", bool: "boolean"}
# A snapshot's register is its own texts; the API has a fuller Register of its own.
_NAMES: dict[Any, str] = {snapshot.Register: "RegisterTexts"}


def whole_text_pattern(pattern: re.Pattern[str]) -> str:
    r"""Return a Python pattern as JSON Schema writes one for a whole text.

    JSON Schema has no `\Z`, and a pattern without anchors matches any part of a text.
    """
    return f"^(?:{pattern.pattern.replace(chr(92) + 'Z', '')})$"


# No pattern that programs agree on names the letters of all scripts: a few keys that are refused
# pass it, and none that is taken is stopped by it.
_KEY_PART = r"(?:[a-z0-9]|[^\u0000-\u007f\s])+"
_KEY = f"^{_KEY_PART}(?:-{_KEY_PART})*$"

# What the type of a field of the snapshot does not say.
_FURTHER_KEYWORDS: dict[tuple[Any, str], Schema] = {
    (Clause, "duration"): {"pattern": whole_text_pattern(DURATION)},
    (Column, "key"): {"pattern": _KEY},
    (snapshot.Footnote, "number"): {"minimum": 1},
}


class Definitions:
    """The named schemas of one document; each is added when it is first referred to.

    `place` is where the document keeps them, such as `#/$defs/`.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self.schemas: dict[str, Schema] = {}

    def reference(self, hint: Any) -> Schema:
        """Return a reference to the schema of a dataclass, an enumeration or a TypedDict."""
        name = definition_name(hint)
        if name not in self.schemas:
            # Before its parts are read, so that a type may refer to itself.
            self.schemas[name] = {}
            self.schemas[name].update(self._definition(hint))
        return {"$ref": f"{self._place}{name}"}

    def schema_of(self, hint: Any) -> Schema:
        """Return the JSON Schema of a type: of a field of the snapshot or of a shape."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return {**self.schema_of(arguments[0]), **arguments[1]}
        if origin in (UnionType, Union):
            return self._union(arguments)
        if origin in (tuple, list):
            return {"type": "array", "items": self.schema_of(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.schema_of(arguments[1])}
        if hint is datetime.date:
            return {"type": "string", "format": "date"}
        if hint in _JSON_TYPES:
            return {"type": _JSON_TYPES[hint]}
        return self.reference(hint)

    def _union(self, arguments: tuple[Any, ...]) -> Schema:
        if type(None) in arguments:
            return {"oneOf": [self.schema_of(arguments[0]), {"type": "null"}]}
        return {"anyOf": [self.schema_of(argument) for argument in arguments]}

    def _definition(self, hint: Any) -> Schema:
        if not is_dataclass(hint) and not is_typeddict(hint) and issubclass(hint, StrEnum):
            values = [member.value for member in hint]
            return {"type": "string", "description": getdoc(hint), "enum": values}
        members = self._typed_dict(hint) if is_typeddict(hint) else self._dataclass(hint)
        return {"type": "object", "description": getdoc(hint), **members}

    def _field(self, part: Any, hint: Any) -> Schema:
        # What does not belong to the role of a cell is not there; it is never null.
        is_optional = part is Cell and type(None) in get_args(hint)
        return self.schema_of(get_args(hint)[0] if is_optional else hint)

    def _typed_dict(self, shape: Any) -> Schema:
        hints = get_type_hints(shape, include_extras=True)
        properties = {name: self.schema_of(hint) for name, hint in hints.items()}
        return {"properties": properties, "required": list(hints)}

    def _dataclass(self, part: Any) -> Schema:
        hints = get_type_hints(part)
        properties = {}
        for field in fields(part):
            properties[field.name] = {
                **self._field(part, hints[field.name]),
                "description": FIELD_DESCRIPTIONS[part][field.name],
                **_FURTHER_KEYWORDS.get((part, field.name), {}),
            }
        # A cell has a default for the convenience of code; a file without items says nothing.
        required = ["items"] if part is Cell else list(required_fields(part))
        if part is snapshot.Snapshot:
            word = {
                "type": "string",
                "const": snapshot.SCHEMA,
                "description": "The name of this shape.",
            }
            properties, required = {"schema": word, **properties}, ["schema", *required]
        return {"properties": properties, "required": required}


def definition_name(hint: Any) -> str:
    """Return the name of a type among the definitions of a document."""
    return _NAMES.get(hint) or hint.__name__.removesuffix("Shape")


def component_reference(hint: Any) -> Schema:
    """Return a reference to a type among the components of the OpenAPI document."""
    return {"$ref": f"{COMPONENTS}{definition_name(hint)}"}


def list_schema(entries: dict[str, Any], *, of_publication: bool) -> dict[str, Any]:
    """Return the schema of one part of a list; `entries` is that of its entries."""
    properties: dict[str, Any] = {
        "count": {"type": "integer", "description": "How many entries the whole list has."},
        "next": {
            "type": ["string", "null"],
            "format": "uri",
            "description": "Where the next part is, or null.",
        },
        "results": {
            "type": "array",
            "items": entries,
            "description": "The entries of this part.",
        },
    }
    if of_publication:
        number = {"type": "integer", "minimum": 1}
        number["description"] = "The number of the publication that the list is of."
        properties = {"publication": number, **properties}
    return {
        "type": "object",
        "description": "A part of a list.",
        "properties": properties,
        "required": list(properties),
    }


def register_schema(id: str) -> Schema:
    """Return the JSON Schema of `register/1` as a document with its own address."""
    definitions = Definitions(_DEFINITIONS)
    definitions.reference(snapshot.Snapshot)
    whole = definitions.schemas.pop(definition_name(snapshot.Snapshot))
    return {
        "$schema": DIALECT,
        "$id": id,
        "title": snapshot.SCHEMA,
        **whole,
        "$defs": definitions.schemas,
    }
