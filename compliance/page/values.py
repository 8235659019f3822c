"""Frozen dataclasses as JSON values, and back.

A dataclass may define `to_values()` and the class method `from_values(value, place)` where its JSON
is not simply its fields, and `fault()`, which says why an object cannot be one.
"""

import datetime
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache, partial
from operator import attrgetter, methodcaller
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


class MalformedSnapshot(ValueError):
    """Data that is not a snapshot; the message names the place and the reason."""


def plain(value: Any) -> Any:
    """Return dataclasses as dicts, tuples as lists, enumerations and days as their texts."""
    kind: Any = type(value)
    return _to_plain(kind)(value)


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


# A page has many values of few types, so it is found out once what to do with each type.
@cache
def _to_plain(kind: Any) -> Callable[[Any], Any]:
    """Return the function that makes JSON values of a type's objects."""
    if hasattr(kind, "to_values"):
        return methodcaller("to_values")
    if is_dataclass(kind):
        return partial(_plain_object, kind)
    if issubclass(kind, tuple):
        return lambda value: [plain(item) for item in value]
    if issubclass(kind, dict):
        return lambda value: {key: plain(item) for key, item in value.items()}
    if issubclass(kind, datetime.date):
        return methodcaller("isoformat")
    return attrgetter("value") if issubclass(kind, StrEnum) else _same


def _plain_object(kind: Any, value: Any) -> dict[str, Any]:
    return {name: plain(getattr(value, name)) for name in _field_names(kind)}


def _same(value: Any) -> Any:
    return value


def built(hint: Any, value: Any, place: str) -> Any:
    """Return the value of a type that a JSON value stands for.

    Raises MalformedSnapshot at the first fault, with the place in the notation of JSONPath.
    """
    return _builder(hint)(value, place)


@cache
def _builder(hint: Any) -> Callable[[Any, str], Any]:
    """Return the function that makes a type's value of a JSON value and its place."""
    if get_origin(hint) in (UnionType, Union):
        return partial(_optional, _builder(get_args(hint)[0]))
    if get_origin(hint) is tuple:
        return partial(_tuple, _builder(get_args(hint)[0]))
    if is_dataclass(hint):
        return partial(_object, hint)
    if issubclass(hint, StrEnum):
        return partial(_enumerated, hint)
    return _day if hint is datetime.date else partial(_scalar, hint)


def _optional(build: Callable[[Any, str], Any], value: Any, place: str) -> Any:
    return None if value is None else build(value, place)


def _tuple(build: Callable[[Any, str], Any], value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise MalformedSnapshot(f"{place} must be a list.")
    return tuple(build(item, f"{place}[{index}]") for index, item in enumerate(value))


def _enumerated(kind: type[StrEnum], value: Any, place: str) -> StrEnum:
    if not isinstance(value, str) or value not in kind.__members__.values():
        raise MalformedSnapshot(f"{place} is {value!r}; it must be one of {', '.join(kind)}.")
    return kind(value)


def _scalar(kind: type, value: Any, place: str) -> Any:
    # In Python a bool is an int; in JSON `true` is no number.
    if not isinstance(value, kind) or isinstance(value, bool):
        raise MalformedSnapshot(f"{place} must be a {'whole number' if kind is int else 'text'}.")
    return value


def member(value: Any, name: str, place: str) -> Any:
    """Return a member of a JSON object; raises MalformedSnapshot where there is none."""
    if not isinstance(value, dict):
        raise MalformedSnapshot(f"{place} must be an object.")
    if name not in value:
        raise MalformedSnapshot(f'{place} has no "{name}". Add it.')
    return value[name]


def _described(hint: Any) -> str:
    """Return what a value of a type is in JSON, in words."""
    if get_origin(hint) in (UnionType, Union):
        return f"{_described(get_args(hint)[0])}, or null"
    if get_origin(hint) is tuple:
        return "a list"
    if is_dataclass(hint):
        names = ", ".join(f'"{name}"' for name in required_fields(hint))
        return f"an object with {names}"
    if issubclass(hint, StrEnum):
        return f"one of {', '.join(hint)}"
    return {int: "a whole number", datetime.date: "a day such as 2030-01-31"}.get(hint, "a text")


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
    for name, build in _field_builders(kind).items():
        if name in value:
            values[name] = build(value[name], f"{place}.{name}")
        elif name in required_fields(kind):
            wanted = _described(get_type_hints(kind)[name])
            raise MalformedSnapshot(f'{place} has no "{name}". Add it: {wanted}.')
    made = kind(**values)
    if hasattr(kind, "fault") and (fault := made.fault()):
        raise MalformedSnapshot(f"{place}: {fault}")
    return made


@cache
def _field_builders(kind: Any) -> dict[str, Callable[[Any, str], Any]]:
    return {name: _builder(hint) for name, hint in get_type_hints(kind).items()}


def _day(value: Any, place: str) -> datetime.date:
    try:
        day = datetime.date.fromisoformat(value)
        # Python reads 20300131 and 2030-W05-4 too.
        if day.isoformat() == value:
            return day
        raise ValueError(value)
    except (TypeError, ValueError):
        raise MalformedSnapshot(f"{place} is {value!r}; write a day as 2030-01-31.") from None
