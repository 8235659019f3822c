"""The leaves of the public log: what each of them says about a public event.

A leaf names no person. It holds `approval_sha256`, which covers the random UUID of the publication,
so nobody can guess a leaf, and with it a page that is not public yet, from its hash.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from compliance.page import canonical
from compliance.published.index import moment_text


class Event(StrEnum):
    """What happened: a withdrawal of a publication that never took effect calls it off."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    CALLED_OFF = "called_off"


def make_leaf(
    event: Event,
    *,
    register: str,
    number: int,
    approval_sha256: str,
    content_sha256: str,
    decided_at: datetime,
    effective_from: datetime,
    renews: int | None = None,
) -> str:
    """Return the leaf of an event as canonical JSON (RFC 8785).

    `register` is a slug and `number` that of the publication. `approval_sha256` is the hash of all
    that was decided, and `effective_from` the moment from which the publication is in force.
    `renews` is the number of the scheduled publication that it carries over; where there is none,
    the leaf does not say so.
    """
    leaf: dict[str, Any] = {
        "event": event.value,
        "register": register,
        "number": number,
        "approval_sha256": approval_sha256,
        "content_sha256": content_sha256,
        "decided_at": moment_text(decided_at),
        "effective_from": moment_text(effective_from),
    }
    if renews is not None:
        leaf["renews"] = renews
    return canonical.encode(leaf).decode()
