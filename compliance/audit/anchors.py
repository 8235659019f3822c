"""What somebody saved earlier; only that reveals a ledger or a public log that was written anew.

A file may hold heads of the ledger, which `verify` prints, and signed checkpoints of the public
log, which /checkpoint gives.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

# Origin, size, root, a blank line and at least one signature (https://c2sp.org/tlog-checkpoint).
_CHECKPOINT = re.compile(
    r"^[^\s{][^\n]*\n(?:0|[1-9][0-9]{0,15})\n[A-Za-z0-9+/]{43}=\n\n(?:— [^\n]+(?:\n|\Z))+",
    re.MULTILINE,
)


class NotSaved(ValueError):
    """A line is neither a head nor part of a checkpoint; the message says which, and quotes it."""


def read_heads(text: str) -> list[Mapping[str, Any]]:
    """Return the heads of the ledger in a text that has one a line, as `verify` prints them.

    Each has the `number` and the `hash` of a ledger entry. Checkpoints are left out; raises
    NotSaved for other lines.
    """
    heads: list[Mapping[str, Any]] = []
    # The lines of a checkpoint stay as empty ones, so that the others keep their numbers.
    rest = _CHECKPOINT.sub(lambda checkpoint: "\n" * checkpoint[0].count("\n"), text)
    for number, line in enumerate(rest.split("\n"), start=1):
        if line.strip():
            heads.append(_read_head(number, line))
    return heads


def read_checkpoints(text: str) -> list[str]:
    """Return the signed checkpoints of the public log in a text."""
    return _CHECKPOINT.findall(text)


def _read_head(line_number: int, line: str) -> Mapping[str, Any]:
    try:
        head = json.loads(line)
        number, sha256 = head["number"], head["hash"]
    except (ValueError, TypeError, KeyError, RecursionError):
        number = sha256 = None
    if (
        type(number) is not int  # True is an instance of int
        or not isinstance(sha256, str)
        or not re.fullmatch("[0-9a-f]{64}", sha256)
    ):
        raise NotSaved(f"line {line_number} is neither a head nor a checkpoint: {line[:60]}")
    return {"number": number, "hash": sha256}
