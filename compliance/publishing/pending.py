"""Parts of a page that are submitted already: in review, or scheduled for later."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from compliance.models import Publication, Register
from compliance.page.parts import changed_parts
from compliance.publishing.statuses import AHEAD, Status, with_statuses


def pending_parts(
    register: Register, base: Publication | None, *, at: datetime
) -> dict[str, list[Any]]:
    """Return the publications that would change a part of the page `base`, by the part's key.

    These are the ones in review, and those that take effect after `base`. They have their
    `status` and `takes_effect_at`.
    """
    by_part: defaultdict[str, list[Any]] = defaultdict(list)
    shown_since = base.effective_from if base else None
    pending = with_statuses(register.publications.all(), at=at).filter(
        status__in=[Status.IN_REVIEW, *AHEAD]
    )
    for publication in pending.select_related("base").order_by("pk"):
        moment = publication.takes_effect_at
        if moment and shown_since and moment <= shown_since:
            continue
        before = publication.base.page() if publication.base else None
        for part in changed_parts(before, publication.page()):
            by_part[part.key].append(publication)
    return dict(by_part)
