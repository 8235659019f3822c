"""The person who acts, as the database knows them under the editing lock, and who else may act."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from compliance.models import Contribution, Publication, User
from compliance.models.account_states import ADMINISTRATOR
from compliance.publishing.errors import NotAllowed

SUBMIT = "compliance.submit_publication"
APPROVE = "compliance.approve_publication"


def acting_person(person: User) -> User:
    """Return the account of a person as it is now, with the rights that it has now.

    Call it under the editing lock. The caller read the account earlier, and may have waited long
    for the lock: meanwhile the person may have left, or have lost a role. Raises NotAllowed if the
    account is deactivated.
    """
    # A new instance, because Django keeps the permissions that it has read on the old one.
    current = User.objects.get(pk=person.pk)
    if not current.is_active:
        raise NotAllowed(
            f"The account of {current.get_username()} was deactivated. Ask an administrator."
        )
    return current


def approvers_besides(publications: Collection[Publication]) -> QuerySet[User]:
    """Return the approvers who neither submitted nor edited any of these publications."""
    administrators = User.objects.filter(groups__name=ADMINISTRATOR)
    approvers = User.objects.with_perm(
        APPROVE,
        include_superusers=False,
        backend="django.contrib.auth.backends.ModelBackend",
    ).exclude(Q(is_superuser=True) | Q(pk__in=administrators))
    added = Contribution.objects.adding().filter(publication__in=publications)
    contributors = added.exclude(changeset__by=None).values("changeset__by")
    submitters = [
        publication.submitted_by_id
        for publication in publications
        if publication.submitted_by_id is not None
    ]
    return approvers.exclude(pk__in=submitters).exclude(pk__in=contributors).order_by("username")
