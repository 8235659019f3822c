"""Bring a submission in review up to date with the page that came before it meanwhile."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from compliance.models import Decision, Publication, User, ledger
from compliance.models.carrying import CarriedOver, put_on_top
from compliance.models.changesets import take_editing_lock
from compliance.models.publications import ENDED
from compliance.page.diff.sentences import FEW, join_names
from compliance.page.rules import Finding
from compliance.publishing import notifications
from compliance.publishing.announcements import obstacle_to_announcing
from compliance.publishing.carry import freeze_renewed, open_findings
from compliance.publishing.errors import NotAllowed, NotPublishable
from compliance.publishing.inserts import decide
from compliance.publishing.people import APPROVE, SUBMIT, acting_person


@dataclass(frozen=True, slots=True)
class Rebase:
    """What would bring a submission up to date: its differences on top of the page `onto`.

    `open_findings` are what the rules find there and nobody has answered. `hidden` says why it may
    not be announced there.
    """

    onto: Publication | None
    carried: CarriedOver
    open_findings: tuple[Finding, ...] = ()
    hidden: str = ""

    @property
    def obstacle(self) -> str:
        """Why it cannot be brought up to date, "" if it can."""
        if self.onto is None:
            return "No page is left that it could change. Withdraw it, and submit it again."
        if self.carried.conflicts:
            return (
                f"{self.onto} changed the same: {join_names(self.carried.conflicts, limit=FEW)}. "
                "Withdraw it, and submit it again."
            )
        if self.carried.is_fulfilled:
            return f"{self.onto} says all that it would change. Withdraw it."
        if self.carried.ungraded:
            return (
                f"On top of {self.onto} it changes something else than was graded: "
                f"{' '.join(self.carried.ungraded)} "
                "Withdraw it, submit it again, and say what that means for readers."
            )
        if self.hidden:
            return self.hidden
        if self.open_findings:
            messages = " ".join(finding.message for finding in self.open_findings)
            return (
                f"On top of {self.onto} the rules find what nobody has answered: {messages} "
                "Withdraw it, submit it again, and answer that."
            )
        return ""


def rebase_outlook(publication: Publication, *, at: datetime) -> Rebase | None:
    """Return what would bring a publication in review up to date, None if it is. Writes nothing."""
    publications = publication.register.publications
    requested = publication.requested_effective_from
    onto = publications.followed_at(publications.earliest_effect(at=at, requested=requested))
    if publication.state != Publication.State.IN_REVIEW or onto == publication.base:
        return None
    if onto is None:
        return Rebase(None, CarriedOver(publication))
    carried = put_on_top(publication, onto.page(), onto.answers)
    if carried.page is None:
        return Rebase(onto, carried)
    takes_effect = max(at, requested) if requested else at
    return Rebase(
        onto,
        carried,
        tuple(open_findings(carried, at=at, takes_effect=takes_effect)),
        obstacle_to_announcing(
            onto,
            publications.standing_after(onto),
            announce=publication.announce,
            takes_effect=requested,
            at=at,
        ),
    )


def outdated_submissions(*, at: datetime) -> set[int]:
    """Return the keys of the publications in review that are not up to date, in one query.

    `rebase_outlook` says of each whether it can be brought up to date.
    """
    standing = Decision.objects.filter(
        register=OuterRef("register"), kind=Decision.Kind.APPROVED
    ).exclude(publication__decisions__kind__in=ENDED)
    before = standing.filter(
        Q(effective_from__lte=at) | Q(effective_from__lt=OuterRef("requested_effective_from"))
    )
    onto = Subquery(before.order_by("-number").values("publication")[:1])
    compared = Publication.objects.in_review().annotate(onto=onto).values_list("pk", "base", "onto")
    return {key for key, base, onto in compared if base != onto}


@transaction.atomic
def rebase(publication: Publication, *, by: User, at: datetime) -> Publication:
    """Renew a publication in review on top of the page that is in force by then, and return it.

    The new publication in review has the differences, submitter, reason, moment, answers and grades
    of the old one. Whoever may submit or approve can do this: it changes nothing that somebody
    wrote. Raises NotPublishable if it is up to date or decided, or if both changed the same part.
    """
    take_editing_lock()
    publication.refresh_from_db()
    by = acting_person(by)
    if not (by.has_perm(SUBMIT) or by.has_perm(APPROVE)):
        raise NotAllowed(
            f"{by.get_username()} may not bring {publication} up to date. Ask an editor."
        )
    if publication.state != Publication.State.IN_REVIEW:
        state = publication.state.label.lower()
        raise NotPublishable(f"{publication} is {state}. Only one in review is brought up to date.")
    at = ledger.not_before_last(at)
    outlook = rebase_outlook(publication, at=at)
    if outlook is None:
        raise NotPublishable("It is up to date. Approve it, or reject it.")
    if outlook.obstacle:
        raise NotPublishable(outlook.obstacle)
    renewal = freeze_renewed(
        outlook.carried,
        onto=outlook.onto,
        at=at,
        takes_effect=publication.requested_effective_from,
    )
    decide(
        publication,
        Decision.Kind.RENEWED,
        at=at,
        by=by,
        label=by.get_username(),
        reason=f"Brought up to date with {outlook.onto}.",
    )
    transaction.on_commit(lambda: notifications.decided(publication), robust=True)
    transaction.on_commit(lambda: notifications.submitted(renewal, by=by), robust=True)
    return renewal
