"""Parts of a page that are submitted already: in review, or scheduled for later."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from compliance.models import Publication, Register
from compliance.page.parts import changed_parts
from compliance.publishing.statuses import AHEAD, Status, with_statuses


def pending_publications(
    register: Register, base: Publication | None, *, at: datetime
) -> list[Any]:
    """Return the publications in review, and those that take effect after the page `base`.

    They have their `status` and `takes_effect_at`.
    """
    shown_since = base.effective_from if base else None
    pending = with_statuses(register.publications.all(), at=at).filter(
        status__in=[Status.IN_REVIEW, *AHEAD]
    )
    return [
        publication
        for publication in pending.select_related("base").order_by("pk")
        if not publication.takes_effect_at
        or not shown_since
        or publication.takes_effect_at > shown_since
    ]


def pending_parts(pending: Iterable[Publication]) -> dict[str, list[Any]]:
    """Return the pending publications that would change a part, by the part's key."""
    by_part: defaultdict[str, list[Any]] = defaultdict(list)
    for publication in pending:
        before = publication.base.page() if publication.base else None
        for part in changed_parts(before, publication.page()):
            by_part[part.key].append(publication)
    return dict(by_part)
