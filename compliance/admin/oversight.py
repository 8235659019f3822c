"""What administrators and auditors see on the desk: accounts to look after, and the record."""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from compliance.audit.last_verification import LastVerification, last_verification
from compliance.models import Decision, LedgerEntry, User

_PEOPLE = 10
_PUBLICATIONS = 5


@dataclass(frozen=True, slots=True)
class Person:
    """An account and its form."""

    user: User
    address: str


@dataclass(frozen=True, slots=True)
class People:
    """Accounts that somebody has to look after; `more` of each kind are not shown."""

    without_factor: tuple[Person, ...]
    more_without_factor: int
    not_signed_in: tuple[Person, ...]
    more_not_signed_in: int

    @property
    def is_empty(self) -> bool:
        return not (self.without_factor or self.not_signed_in)


@dataclass(frozen=True, slots=True)
class Record:
    """The state of the record: its last verification, its last entry, the latest publications."""

    verification: LastVerification | None
    entries: int
    last_entry_at: datetime | None
    publications: tuple[Decision, ...]


def people() -> People:
    """Return the active accounts without a second factor, and those that never signed in.

    Whoever never signed in is not listed among those without a second factor.
    """
    active = User.objects.filter(is_active=True, is_staff=True).order_by("username")
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    without = active.filter(~Exists(factors), last_login__isnull=False)
    never = active.filter(last_login__isnull=True)
    shown_without, shown_never = _persons(without), _persons(never)
    return People(
        shown_without,
        max(0, without.count() - len(shown_without)),
        shown_never,
        max(0, never.count() - len(shown_never)),
    )


def record() -> Record:
    """Return the state of the record, in a fixed number of queries. It verifies nothing."""
    last = LedgerEntry.objects.defer("sealed").last()
    approvals = Decision.objects.filter(kind=Decision.Kind.APPROVED)
    latest = approvals.select_related("publication__register").order_by("-at", "-pk")
    return Record(
        verification=last_verification(),
        entries=last.number if last else 0,
        last_entry_at=last.recorded_at if last else None,
        publications=tuple(latest[:_PUBLICATIONS]),
    )


def _persons(users: QuerySet[User]) -> tuple[Person, ...]:
    return tuple(
        Person(user, reverse("admin:compliance_user_change", args=[user.pk]))
        for user in users[:_PEOPLE]
    )
