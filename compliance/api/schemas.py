"""JSON Schemas for the OpenAPI document, derived from the types that make the answers."""

import re
from dataclasses import fields, is_dataclass
from enum import StrEnum
from inspect import getdoc
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from compliance.page.snapshot import SCHEMA, Footnote, Snapshot
from compliance.page.table import Clause
from compliance.page.values import required_fields
from compliance.page.vocabulary import DURATION

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_JSON_TYPES = {str: "string", int: "integer", bool: "boolean"}


def whole_text_pattern(pattern: re.Pattern[str]) -> str:
    r"""Return a Python pattern as JSON Schema writes one for a whole text.

    JSON Schema has no `\Z`, and a pattern without anchors matches any part of a text.
    """
    return f"^(?:{pattern.pattern.replace(chr(92) + 'Z', '')})$"


# What the type of a field of the snapshot does not say.
_FURTHER_KEYWORDS: dict[tuple[Any, str], Schema] = {
    (Clause, "duration"): {"pattern": whole_text_pattern(DURATION)},
    (Footnote, "number"): {"minimum": 1},
}


def snapshot_schema() -> Schema:
    """Return the JSON Schema of `Snapshot.to_dict()`."""
    schema = schema_of(Snapshot)
    schema["properties"] = {"schema": {"type": "string", "const": SCHEMA}, **schema["properties"]}
    schema["required"].insert(0, "schema")
    return schema


def register_schema(id: str) -> Schema:
    """Return the JSON Schema of `register/1` as a document with its own address."""
    return {"$schema": DIALECT, "$id": id, "title": SCHEMA, **snapshot_schema()}


def component_name(shape: type) -> str:
    """Return the name of a shape among the components of the OpenAPI document."""
    return shape.__name__.removesuffix("Shape")


def reference(shape: type) -> Schema:
    """Return a reference to a shape among the components of the OpenAPI document."""
    return {"$ref": f"#/components/schemas/{component_name(shape)}"}


def shape_schema(shape: type) -> Schema:
    """Return the JSON Schema of a TypedDict; a field's annotation holds further keywords."""
    hints = get_type_hints(shape, include_extras=True)
    return {
        "type": "object",
        "description": getdoc(shape),
        "properties": {name: schema_of(hint) for name, hint in hints.items()},
        "required": list(hints),
    }


def schema_of(hint: Any) -> Schema:
    """Return the JSON Schema of a type: of the snapshot's dataclasses, or of a shape's field."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return {**schema_of(arguments[0]), **arguments[1]}
    if origin in (UnionType, Union):
        return {"oneOf": [schema_of(arguments[0]), {"type": "null"}]}
    if origin in (tuple, list):
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict and arguments[1] is Any:
        return {"type": "object"}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if is_typeddict(hint):
        return reference(hint)
    if is_dataclass(hint):
        return _dataclass_schema(hint)
    if issubclass(hint, StrEnum):
        values = [member.value for member in hint]
        return {"type": "string", "description": getdoc(hint), "enum": values}
    return {"type": _JSON_TYPES[hint]}


def _dataclass_schema(hint: Any) -> Schema:
    hints = get_type_hints(hint)
    properties = {}
    for field in fields(hint):
        keywords = _FURTHER_KEYWORDS.get((hint, field.name), {})
        properties[field.name] = {**schema_of(hints[field.name]), **keywords}
    return {
        "type": "object",
        "description": getdoc(hint),
        "properties": properties,
        "required": list(required_fields(hint)),
    }
