"""Announced publications, and what the page of one would give away.

A publication holds the whole page that readers will see, with what every publication before it
changes. So one that is announced stands only on pages that are in force or announced themselves.
"""

from collections.abc import Iterable
from datetime import datetime

from compliance.models import Publication


def obstacle_to_announcing(
    base: Publication | None,
    later: Iterable[Publication],
    *,
    announce: bool,
    takes_effect: datetime | None,
    at: datetime,
) -> str:
    """Return why a publication cannot stand where it would, announced or not, "" if it can.

    `base` is the publication that it follows, and `later` are the scheduled ones that would follow
    it. `takes_effect` is its moment, None for on approval.
    """
    if announce and base and not base.announce and _is_ahead(base.effective_from, at):
        return (
            f"{base} comes before it and is not announced, and an announced page would show what "
            "that one changes. Announce that one too, or do not announce this one."
        )
    if announce or not _is_ahead(takes_effect, at):
        return ""
    for publication in later:
        if publication.announce:
            return (
                f"{publication} is announced and takes effect after it, and its page would show "
                "what this one changes. Announce this one too, or choose a later moment."
            )
    return ""


def _is_ahead(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment > at
