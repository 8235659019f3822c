"""What the people whose edits are decided did to the account of who decides.

Four eyes are worth little if an editor made the account of the approver. Nothing forbids it in a
small company, so the approver is told of it.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance.models import (
    AccountState,
    Changeset,
    FactorRemoval,
    Invitation,
    Publication,
    RecordedFactor,
    User,
)

_AFFECTING = (
    (AccountState, "user"),
    (RecordedFactor, "user"),
    (FactorRemoval, "factor__user"),
)


def account_edits_by_contributors(publication: Publication, *, of: User) -> QuerySet[Changeset]:
    """Return how those whose edits a publication has changed the account of a person.

    That is the invitation, whenever it was, and what they changed since the page before was
    submitted.
    """
    added = publication.contributions.adding().exclude(changeset__by=None)
    people = {*added.values_list("changeset__by", flat=True), publication.submitted_by_id}
    invited = Exists(Invitation.objects.filter(changeset=OuterRef("pk"), user=of))
    changed = Q()
    for model, path in _AFFECTING:
        changed |= Q(Exists(model.objects.filter(changeset=OuterRef("pk"), **{path: of})))
    if base := publication.base:
        changed &= Q(recorded_at__gte=base.submitted_at)
    edits = Changeset.objects.filter(by__in=people - {None, of.pk}, kind=Changeset.Kind.ACCOUNT)
    return edits.filter(Q(invited) | changed).order_by("pk")
