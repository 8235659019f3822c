"""A snapshot as JSON: the canonical bytes of design section 5."""

import json
from typing import Any, NoReturn

import rfc8785

from compliance.formats.contract import Format, Reading, Unreadable, Unwritable, decoded
from compliance.snapshot import MalformedSnapshot, Snapshot


def render(snapshot: Snapshot) -> bytes:
    """Return the RFC 8785 bytes; raises Unwritable for what has none, such as a number beyond 2^53."""
    try:
        return snapshot.canonical_bytes()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise Unwritable(f"The snapshot has no canonical JSON: {error}.") from error


def parse(source: bytes) -> Reading:
    """Return the snapshot that JSON holds; raises Unreadable where it is not JSON or not a snapshot."""
    text = decoded(source.removeprefix(b"\xef\xbb\xbf"))
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
        snapshot = Snapshot.from_dict(value)
        canonical = render(snapshot)
    except json.JSONDecodeError as error:
        raise Unreadable(f"the text is not JSON: {error.msg}.", error.lineno, error.colno) from None
    except RecursionError:
        raise Unreadable("The JSON is nested too deeply to be a snapshot.") from None
    except (MalformedSnapshot, Unwritable) as error:
        raise Unreadable(str(error)) from None
    return Reading(snapshot, () if canonical == source else ("The JSON was not in canonical form.",))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Unreadable(f"An object with the keys {', '.join(key for key, _ in pairs)} names one twice.")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is not a JSON value. Use a number, a text or null.")


FORMAT = Format("json", "application/json", render, parse)
