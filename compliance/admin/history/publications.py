"""Which publication first shows what a changeset wrote, or will show it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from compliance.models import Contribution, Decision, Publication, Register
from compliance.publishing.statuses import AHEAD, Status, with_statuses

# What has taken effect, whatever became of it later.
_SHOWN = (Status.IN_FORCE, Status.SUPERSEDED, Status.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class FirstPublication:
    """The publication of a register that first showed a text, or the one that will show it."""

    publication: Publication
    register: Register
    number: int
    status: Status
    effective_from: datetime

    @property
    def is_ahead(self) -> bool:
        """Whether readers do not see it yet, or at most as an announcement."""
        return self.status in AHEAD


def first_publications(
    changesets: Collection[int], *, at: datetime
) -> dict[int, list[FirstPublication]]:
    """Return for changesets the first publication in each register that shows what they wrote.

    As long as none has taken effect, it is the one that is scheduled or announced. One that was
    called off, or renewed before its moment, showed nothing. Takes two queries.
    """
    contributions = Contribution.objects.adding().filter(
        changeset__in=changesets, publication__decisions__kind=Decision.Kind.APPROVED
    )
    pairs = list(contributions.order_by().values_list("changeset", "publication").distinct())
    known = _read_publications({publication for _, publication in pairs}, at)
    found: defaultdict[tuple[int, int], list[FirstPublication]] = defaultdict(list)
    for changeset, key in pairs:
        if publication := known.get(key):
            found[changeset, publication.register.pk].append(publication)
    first: defaultdict[int, list[FirstPublication]] = defaultdict(list)
    for (changeset, _), publications in sorted(found.items()):
        first[changeset].append(_earliest(publications))
    return first


def _earliest(publications: Iterable[FirstPublication]) -> FirstPublication:
    """Return the one that took effect first; what lies ahead comes after all that did."""
    return min(publications, key=lambda publication: publication.effective_from)


def _read_publications(keys: Collection[int], at: datetime) -> dict[int, FirstPublication]:
    """Return the publications that show something or will, by their keys."""
    approved = Publication.objects.filter(
        pk__in=keys, decisions__kind=Decision.Kind.APPROVED
    ).annotate(approved_number=F("decisions__number"))
    publications = with_statuses(approved, at=at).filter(status__in=(*_SHOWN, *AHEAD))
    return {
        publication.pk: FirstPublication(
            publication,
            publication.register,
            publication.approved_number,
            Status(publication.status),
            publication.takes_effect_at,
        )
        for publication in publications.select_related("register")
    }
