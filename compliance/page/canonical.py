"""RFC 8785 canonical JSON: one sequence of bytes for one value."""

import hashlib
from typing import Any

import rfc8785


def encode(value: Any) -> bytes:
    """Return the canonical UTF-8 bytes of a JSON value.

    Raises rfc8785.CanonicalizationError for a value without any, such as a number above 2^53.
    """
    return rfc8785.dumps(value)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of some bytes as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()
