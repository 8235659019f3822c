"""Checkpoints that somebody saved earlier; only they reveal a ledger that was chained anew."""

import json
import re
from collections.abc import Mapping
from typing import Any

_NO_CHECKPOINT = "is no checkpoint. Save what /checkpoint gives, one a line."


class NotACheckpoint(ValueError):
    """A text is not a saved checkpoint; the message quotes it."""


def read_anchors(text: str) -> list[Mapping[str, Any]]:
    """Return the checkpoints in a text that has one per line, as /checkpoint responds.

    Each has the `number` and the `hash` of a ledger entry. Raises NotACheckpoint for other lines.
    """
    anchors: list[Mapping[str, Any]] = []
    for line in text.splitlines():
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
