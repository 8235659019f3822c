"""Which publication of a register readers saw at each moment, by the decisions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from compliance.models import Decision, Publication, Register
from compliance.models.publications import ENDED


@dataclass(frozen=True, slots=True)
class ShownPublication:
    """A publication, and since when readers saw it: until the next one, or still.

    `publication` is None for a time without a page. `ending` is the withdrawal of the one before
    by which it came back, None where it took effect.
    """

    publication: Publication | None
    since: datetime
    ending: Decision | None


@dataclass(frozen=True, slots=True)
class _Approved:
    """An approved publication, and the decision that ended it, if one did."""

    publication: Publication
    effective_from: datetime
    ending: Decision | None

    def stands(self, at: datetime) -> bool:
        """Return whether it had taken effect, and was neither withdrawn nor renewed by then."""
        has_ended = self.ending is not None and self.ending.at <= at
        return self.effective_from <= at and not has_ended


def shown_publications(register: Register, *, at: datetime) -> list[ShownPublication]:
    """Return what readers saw one after the other up to a moment, the oldest first.

    Takes two queries.
    """
    approved = list(_approved(register))
    moments = {approval.effective_from for approval in approved}
    moments |= {approval.ending.at for approval in approved if approval.ending}
    shown: list[ShownPublication] = []
    last: _Approved | None = None
    for moment in sorted(moment for moment in moments if moment <= at):
        standing = [approval for approval in approved if approval.stands(moment)]
        current = standing[-1] if standing else None
        if current == last:
            continue
        took_effect = current is not None and current.effective_from == moment
        shown.append(
            ShownPublication(
                publication=current.publication if current else None,
                since=moment,
                ending=last.ending if last and not took_effect else None,
            )
        )
        last = current
    return shown


def _approved(register: Register) -> Iterator[_Approved]:
    """Yield the approved publications of a register by number."""
    endings = {
        ending.publication_id: ending for ending in register.decisions.filter(kind__in=ENDED)
    }
    approvals = register.decisions.filter(kind=Decision.Kind.APPROVED)
    for approval in approvals.select_related("publication").order_by("number"):
        # A constraint says so: an approval has a moment of effect.
        assert approval.effective_from  # noqa: S101
        publication = approval.publication
        yield _Approved(publication, approval.effective_from, endings.get(publication.pk))
