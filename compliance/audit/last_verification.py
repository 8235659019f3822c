"""What `manage.py verify` found last, for the desk of auditors.

It is no part of the record and proves nothing: whoever may write to the database may write it. It
only shows whether the timer still runs. The cache is the table that all processes share.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import DatabaseError

_KEY = "last-verification"


@dataclass(frozen=True, slots=True)
class LastVerification:
    """When the record was verified, how many entries fit, and the first fault, if any."""

    at: datetime
    entries: int = 0
    fault: str = ""


def remember(*, at: datetime, entries: int = 0, fault: str = "") -> None:
    """Keep what a verification found. What it printed counts even if that cannot be kept."""
    try:
        cache.set(_KEY, asdict(LastVerification(at, entries, fault)), timeout=None)
    except DatabaseError:
        return


def last_verification() -> LastVerification | None:
    """Return what the last verification found, None if nobody remembers one."""
    kept = cache.get(_KEY)
    return LastVerification(**kept) if kept else None
