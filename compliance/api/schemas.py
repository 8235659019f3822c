"""The snapshot's JSON shape for the OpenAPI document, read from the dataclasses that make it."""

from dataclasses import fields, is_dataclass
from enum import StrEnum
from inspect import getdoc
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from compliance.snapshot import SCHEMA, Snapshot

_JSON_TYPES = {str: "string", int: "integer", bool: "boolean"}


def snapshot_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Snapshot.to_dict()`."""
    schema = _schema(Snapshot)
    schema["properties"] = {"schema": {"type": "string", "const": SCHEMA}, **schema["properties"]}
    schema["required"].insert(0, "schema")
    return schema


def _schema(hint: Any) -> dict[str, Any]:
    if get_origin(hint) in (UnionType, Union):
        return {"oneOf": [_schema(get_args(hint)[0]), {"type": "null"}]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _schema(get_args(hint)[0])}
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        names = [field.name for field in fields(hint)]
        properties = {name: _schema(hints[name]) for name in names}
        return {"type": "object", "description": getdoc(hint), "properties": properties, "required": names}
    if issubclass(hint, StrEnum):
        return {"type": "string", "description": getdoc(hint), "enum": [member.value for member in hint]}
    return {"type": _JSON_TYPES[hint]}
