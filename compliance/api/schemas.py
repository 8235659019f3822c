"""The snapshot's JSON shape for the OpenAPI document, read from the dataclasses that make it."""

import re
from dataclasses import fields, is_dataclass
from enum import StrEnum
from inspect import getdoc
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from compliance.page.diff import ChangeKind, Effect
from compliance.page.snapshot import (
    DURATION,
    SCHEMA,
    Clause,
    Document,
    Footnote,
    Model,
    Provider,
    Retention,
    Snapshot,
    Training,
    required_fields,
)


def whole(pattern: re.Pattern[str]) -> str:
    """Return a pattern as JSON Schema writes one that a whole text fits: unanchored ones fit any part of it."""
    return f"^(?:{pattern.pattern.replace(chr(92) + 'Z', '')})$"


DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What the type of a field does not say.
_BESIDES: dict[tuple[Any, str], dict[str, Any]] = {
    (Clause, "duration"): {"pattern": whole(DURATION)},
    (Footnote, "number"): {"minimum": 1},
}
_JSON_TYPES = {str: "string", int: "integer", bool: "boolean"}


def snapshot_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Snapshot.to_dict()`."""
    schema = _schema(Snapshot)
    schema["properties"] = {"schema": {"type": "string", "const": SCHEMA}, **schema["properties"]}
    schema["required"].insert(0, "schema")
    return schema


def register_schema(id: str) -> dict[str, Any]:
    """Return the JSON Schema of `register/1` as a document under its own address."""
    return {"$schema": DIALECT, "$id": id, "title": SCHEMA, **snapshot_schema()}


def offering_schema() -> dict[str, Any]:
    """Return the JSON Schema of an offering."""
    parts = {"model": Model, "provider": Provider, "training": Training, "retention": Retention}
    documents = {"type": "array", "items": _schema(Document)}
    return _object(
        "A model as served by one provider, on the terms of its row.",
        listing={"type": "string", "description": "The id of its row."},
        **{name: _schema(part) for name, part in parts.items()},
        documents={
            **documents,
            "description": "The provider's documents, and those of no provider, in that row.",
        },
    )


def step_schema() -> dict[str, Any]:
    """Return the JSON Schema of a publication against the one before it."""
    ids = {"type": "array", "items": {"type": "string"}}
    change = _object(
        "One difference.",
        kind={"type": "string", "enum": list(ChangeKind), "description": "What changed."},
        effect={
            "type": "string",
            "enum": list(Effect),
            "description": "What it means for whose prompts are sent.",
        },
        sentence={"type": "string", "description": "It in words."},
        listing={"type": ["string", "null"], "description": "The id of the row it happened in."},
        models={**ids, "description": "The ids of the models that it concerns."},
        providers={**ids, "description": "The ids of the providers that it concerns."},
    )
    number = {"type": "integer", "minimum": 1}
    return _object(
        "A publication against the one before it that stands.",
        publication={**number, "description": "Its number."},
        before={
            "type": ["integer", "null"],
            "description": "The number of the one before it; null before the first.",
        },
        effective_from={
            "type": "string",
            "format": "date-time",
            "description": "When it takes or took effect.",
        },
        announced={
            "type": "boolean",
            "description": "Whether it was announced and has not taken effect.",
        },
        url={"type": "string", "format": "uri", "description": "The page that says the same."},
        changes={"type": "array", "items": change, "description": "What it changed, weaker first."},
    )


def fit_schema() -> dict[str, Any]:
    """Return the JSON Schema of the models of a publication judged by a policy."""
    text = {"type": "string"}
    provider = _object(
        "A provider.",
        id={**text, "description": "Its id."},
        name={**text, "description": "Its name."},
    )
    reason = _object(
        "Why it does not fit.",
        sentence={**text, "description": "It in words."},
        providers={
            "type": "array",
            "items": provider,
            "description": "The providers at which it is so.",
        },
    )
    verdict = _object(
        "A model, judged by the worst that is printed for it.",
        model={**text, "description": "Its id."},
        name={**text, "description": "Its name."},
        fits={"type": "boolean", "description": "Whether it fits."},
        reasons={
            "type": "array",
            "items": reason,
            "description": "Why it does not fit; empty where it does.",
        },
    )
    return _object(
        "The models of a publication, judged by a policy.",
        publication={
            "type": "integer",
            "minimum": 1,
            "description": "The number of the publication in force.",
        },
        models={
            "type": "array",
            "items": verdict,
            "description": "The verdicts, in the order of the page.",
        },
    )


def _object(description: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
    }


def _schema(hint: Any) -> dict[str, Any]:
    if get_origin(hint) in (UnionType, Union):
        return {"oneOf": [_schema(get_args(hint)[0]), {"type": "null"}]}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _schema(get_args(hint)[0])}
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        names = [field.name for field in fields(hint)]
        properties = {
            name: {**_schema(hints[name]), **_BESIDES.get((hint, name), {})} for name in names
        }
        required = list(required_fields(hint))
        return {
            "type": "object",
            "description": getdoc(hint),
            "properties": properties,
            "required": required,
        }
    if issubclass(hint, StrEnum):
        return {
            "type": "string",
            "description": getdoc(hint),
            "enum": [member.value for member in hint],
        }
    return {"type": _JSON_TYPES[hint]}
