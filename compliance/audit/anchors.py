"""What somebody saved earlier; only that reveals a ledger or a public log that was written anew.

A file may hold heads of the ledger, which `verify` prints, and signed checkpoints of the public
log, which /checkpoint gives.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

_NO_CHECKPOINT = "is no checkpoint. Save the last line of verify, or what /checkpoint gives."
# Origin, size, root, a blank line and at least one signature (https://c2sp.org/tlog-checkpoint).
_SIGNED = re.compile(
    r"^[^\s{][^\n]*\n(?:0|[1-9][0-9]{0,15})\n[A-Za-z0-9+/]{43}=\n\n(?:— [^\n]+(?:\n|\Z))+",
    re.MULTILINE,
)


class NotACheckpoint(ValueError):
    """A text is not a saved checkpoint; the message quotes it."""


def read_anchors(text: str) -> list[Mapping[str, Any]]:
    """Return the heads of the ledger in a text that has one a line, as `verify` prints them.

    Each has the `number` and the `hash` of a ledger entry. Signed checkpoints are left out; raises
    NotACheckpoint for other lines.
    """
    anchors: list[Mapping[str, Any]] = []
    for line in _SIGNED.sub("", text).splitlines():
        if not line.strip():
            continue
        try:
            anchor = json.loads(line)
            number, sha256 = anchor["number"], anchor["hash"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise NotACheckpoint(f"{line[:60]} {_NO_CHECKPOINT}") from error
        if (
            type(number) is not int  # True is an instance of int
            or not isinstance(sha256, str)
            or not re.fullmatch("[0-9a-f]{64}", sha256)
        ):
            raise NotACheckpoint(f"{line[:60]} {_NO_CHECKPOINT}")
        anchors.append({"number": number, "hash": sha256})
    return anchors


def read_checkpoints(text: str) -> list[str]:
    """Return the signed checkpoints of the public log in a text."""
    return _SIGNED.findall(text)
