"""Frozen dataclasses as JSON values, and back.

A dataclass may define `to_values()` and the class method `from_values(value, place)` where its JSON
is not simply its fields, and `fault()`, which says why an object cannot be one.
"""

import datetime
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


class MalformedSnapshot(ValueError):
    """Data that is not a snapshot; the message names the place and the reason."""


# Most values are of these types, of which no subclass is meant.
_PLAIN = (str, int, type(None))


def plain(value: Any) -> Any:
    """Return dataclasses as dicts, tuples as lists, enumerations and days as their texts."""
    if type(value) in _PLAIN:
        return value
    if hasattr(value, "to_values"):
        return value.to_values()
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def built(hint: Any, value: Any, place: str) -> Any:
    """Return the value of a type that a JSON value stands for.

    Raises MalformedSnapshot at the first fault, with the place in the notation of JSONPath.
    """
    if hint is str and isinstance(value, str):
        return value
    origin = get_origin(hint)
    if origin in (UnionType, Union):
        return None if value is None else built(get_args(hint)[0], value, place)
    if origin is tuple:
        if not isinstance(value, list):
            raise MalformedSnapshot(f"{place} must be a list.")
        inner = get_args(hint)[0]
        return tuple(built(inner, item, f"{place}[{index}]") for index, item in enumerate(value))
    if is_dataclass(hint):
        return _object(hint, value, place)
    if issubclass(hint, StrEnum):
        try:
            return hint(value)
        except ValueError:
            message = f"{place} is {value!r}; it must be one of {', '.join(hint)}."
            raise MalformedSnapshot(message) from None
    if hint is datetime.date:
        return _day(value, place)
    # In Python a bool is an int; in JSON `true` is no number.
    if not isinstance(value, hint) or isinstance(value, bool):
        raise MalformedSnapshot(f"{place} must be a {'whole number' if hint is int else 'text'}.")
    return value


def member(value: Any, name: str, place: str) -> Any:
    """Return a member of a JSON object; raises MalformedSnapshot where there is none."""
    if not isinstance(value, dict):
        raise MalformedSnapshot(f"{place} must be an object.")
    if name not in value:
        raise MalformedSnapshot(f'{place} has no "{name}".')
    return value[name]


def required_fields(kind: Any) -> tuple[str, ...]:
    """Return the names of a dataclass's fields that have no default, in their order."""
    return tuple(
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    )


def _object(kind: Any, value: Any, place: str) -> Any:
    if not isinstance(value, dict):
        raise MalformedSnapshot(f"{place} must be an object.")
    if hasattr(kind, "from_values"):
        return kind.from_values(value, place)
    values = {}
    for name, hint in _hints(kind).items():
        if name in value:
            values[name] = built(hint, value[name], f"{place}.{name}")
        elif name in required_fields(kind):
            raise MalformedSnapshot(f'{place} has no "{name}".')
    made = kind(**values)
    if hasattr(kind, "fault") and (fault := made.fault()):
        raise MalformedSnapshot(f"{place}: {fault}")
    return made


# get_type_hints evaluates every annotation again at each call, and a page has many objects.
@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _day(value: Any, place: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise MalformedSnapshot(f"{place} is {value!r}; write a day as 2030-01-31.") from None
