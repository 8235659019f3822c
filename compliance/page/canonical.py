"""RFC 8785 canonical JSON: one sequence of bytes for one value."""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

import rfc8785

_Default = Callable[[Any], Any]


def encode(value: Any, *, default: _Default | None = None) -> bytes:
    """Return the canonical UTF-8 bytes of a JSON value.

    As in `json.dumps`, `default` returns what to write for an object that is no JSON value. Raises
    rfc8785.CanonicalizationError for a value without any bytes, such as a number above 2^53, and
    UnicodeEncodeError for a surrogate.
    """
    parts: list[str] = []
    _write(value, parts.append, default)
    return "".join(parts).encode()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


# Texts, lists and objects, of which a page has very many, are written here, because rfc8785 needs
# three times as long for them.
def _write(value: Any, write: Callable[[str], object], default: _Default | None) -> None:
    if isinstance(value, str):
        write(encode_basestring(value))
    elif isinstance(value, dict):
        separator = "{"
        for key, written_key in _members(tuple(value)):
            write(f"{separator}{written_key}:")
            _write(value[key], write, default)
            separator = ","
        write("}" if value else "{}")
    elif isinstance(value, list | tuple):
        separator = "["
        for item in value:
            write(separator)
            _write(item, write, default)
            separator = ","
        write("]" if value else "[]")
    elif default is None or value is None or isinstance(value, int | float):
        write(rfc8785.dumps(value).decode())
    else:
        _write(default(value), write, default)


@lru_cache(maxsize=256)
def _members(keys: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the keys of an object in the order of RFC 8785, each also as it is written."""
    in_order = sorted(keys, key=lambda key: key.encode("utf-16-be"))
    return tuple((key, encode_basestring(key)) for key in in_order)
