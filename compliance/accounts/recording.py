"""Records what happens to accounts: who was invited, what they may do, and their second factors.

Signals of Django's models serve every way of writing: the screens of django-allauth, the admin,
commands and a shell. Passwords, secrets, recovery codes and mail addresses are never recorded. What
is written past the models, by SQL, `update()` or `bulk_create()`, is found by `manage.py verify`.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.dispatch import receiver
from fido2 import cbor

from compliance.accounts import notices
from compliance.accounts.actors import changeset_origin
from compliance.models import (
    AccountState,
    Changeset,
    FactorRemoval,
    FactorRenaming,
    Invitation,
    RecordedFactor,
    User,
)
from compliance.models.account_states import ROLES
from compliance.models.changesets import changeset, is_changeset_open

# Django sends post_save after it has committed the row. In one transaction with it, a factor cannot
# be set up without its row in the record.
Authenticator.add_to_class("save", transaction.atomic(Authenticator.save))


@dataclass(frozen=True, slots=True)
class Factor:
    """What may be recorded of a second factor; the last three are empty but for a passkey.

    `public_key` is the COSE key (RFC 9053) in CBOR.
    """

    user: int
    kind: str
    credential_id: bytes = b""
    public_key: bytes = b""
    name: str = ""


def factor_of(authenticator: Authenticator) -> Factor:
    """Return what may be recorded of a factor as django-allauth stores it.

    A name is cut to what can be stored, without characters that reorder or break a line. Raises
    ValueError for a passkey whose stored credential cannot be read.
    """
    user, kind = authenticator.user_id, authenticator.type
    if kind != Authenticator.Type.WEBAUTHN:
        return Factor(user, kind)
    passkey = authenticator.wrap()  # type: ignore[no-untyped-call]
    try:
        credential = passkey.authenticator_data.credential_data
        public_key = cbor.encode(dict(credential.public_key))
        name = "".join(filter(str.isprintable, str(passkey.name)))
    except Exception as error:  # fido2 raises whatever the bytes lead to
        raise ValueError(f"The credential of passkey {authenticator.pk} is unreadable.") from error
    longest = RecordedFactor.name.field.max_length
    return Factor(user, kind, bytes(credential.credential_id), public_key, name[:longest])


@contextmanager
def recorded(reason: str) -> Iterator[None]:
    """Write into the open changeset, or else into a new one about accounts."""
    if is_changeset_open():
        yield
        return
    with changeset(reason=reason, kind=Changeset.Kind.ACCOUNT, **changeset_origin()):
        yield


def standing_factors() -> QuerySet[RecordedFactor]:
    """Return the recorded factors that were not removed."""
    return RecordedFactor.objects.filter(removal__isnull=True)


def record_lost_factors(user: User) -> int:
    """Record the removal of a user's factors that still stand; return how many there were.

    Call it in `recorded` when the user has no factor any more. What was deleted past the models
    stands until then.
    """
    lost = list(standing_factors().filter(user=user))
    for factor in lost:
        FactorRemoval.objects.create(factor=factor)
    return len(lost)


# True while a dump is loaded, which brings the rows of the record itself.
_is_loading: ContextVar[bool] = ContextVar("is_loading", default=False)


@contextmanager
def loading() -> Iterator[None]:
    """Record nothing of the accounts that are written."""
    token = _is_loading.set(True)
    try:
        yield
    finally:
        _is_loading.reset(token)


def is_loading() -> bool:
    """Return whether a dump is loaded, which brings the rows of the record itself."""
    return _is_loading.get()


def recorded_values(user: User) -> dict[str, object]:
    """Return what is recorded of an account beside its factors, by the fields of AccountState."""
    roles = user.role_names
    return {
        "username": user.username,
        "is_active": user.is_active,
        **{f"is_{role}": role in roles for role in ROLES},
    }


@receiver(pre_save, sender=User)
def _note_mail_address(
    instance: User, raw: bool, update_fields: Collection[str] | None, **kwargs: object
) -> None:
    """Keep the stored mail address until the account is saved, to see whether it changes."""
    instance.mail_before = None
    if not raw and not instance._state.adding and (not update_fields or "email" in update_fields):
        stored = User.objects.filter(pk=instance.pk)
        instance.mail_before = stored.values_list("email", flat=True).first()


@receiver(post_save, sender=User)
def _record_account(
    instance: User,
    created: bool,
    raw: bool,
    update_fields: Collection[str] | None,
    **kwargs: object,
) -> None:
    if raw:
        return
    if created:
        with recorded("Make an account."):
            Invitation.objects.create(user=instance)
            _record_state(instance)
    # Every sign-in saves its moment alone.
    elif update_fields is None or not _UNRECORDED.issuperset(update_fields):
        before = instance.mail_before
        has_moved = before is not None and before != instance.email
        _record_state(instance, mail_before=before if has_moved else None)


_UNRECORDED = {"last_login", "password", "time_zone", "first_name", "last_name"}


@receiver(m2m_changed, sender=User.groups.through)
def _record_roles(instance: Any, action: str, pk_set: set[int] | None, **kwargs: object) -> None:
    if isinstance(instance, User):
        users: Iterable[User] = [instance]
    elif pk_set is not None:
        users = User.objects.filter(pk__in=pk_set)
    else:  # the group loses all its members, who are only known before
        if action == "pre_clear":
            instance.cleared = list(instance.user_set.all())
        users = getattr(instance, "cleared", [])
    if action in ("post_add", "post_remove", "post_clear"):
        for user in users:
            _record_state(user)


def _record_state(user: User, *, mail_before: str | None = None) -> None:
    """Record what an account may do, unless the record says so already, and tell its owner.

    `mail_before` is the mail address that it had, None if it is still the same.
    """
    if _is_loading.get():
        return
    stored = User.objects.prefetch_related("groups").get(pk=user.pk)
    values, last = recorded_values(stored), AccountState.objects.filter(user=user).last()
    changes_mail = mail_before is not None
    is_same = last is not None and all(getattr(last, name) == values[name] for name in values)
    if is_same and not changes_mail:
        return
    with recorded("Change an account."):
        state = AccountState.objects.create(user=user, changes_mail=changes_mail, **values)
    # Once for each changeset, which may write several.
    if last is not None and last.changeset_id != state.changeset_id:
        notices.tell_of_changes(stored, state.changeset, mail_before or "")


@receiver(post_save, sender=Authenticator)
def _record_factor(
    instance: Authenticator,
    created: bool,
    raw: bool,
    update_fields: Collection[str] | None,
    **kwargs: object,
) -> None:
    if raw:
        return
    if created:
        _record_addition(factor_of(instance))
    # Every sign-in with a passkey saves the moment of its last use alone.
    elif update_fields is None or "data" in update_fields:
        _record_renaming(instance)


@receiver(post_delete, sender=Authenticator)
def _record_removal(instance: Authenticator, **kwargs: object) -> None:
    if record := _record_of(instance):
        with recorded(f"Remove a second factor: {record.get_kind_display().lower()}."):
            FactorRemoval.objects.create(factor=record)


def _record_addition(factor: Factor) -> None:
    kind = RecordedFactor.Kind(factor.kind)
    with recorded(f"Set up a second factor: {kind.label.lower()}."):
        RecordedFactor.objects.create(
            user_id=factor.user,
            kind=kind,
            name=factor.name,
            credential_id=factor.credential_id,
            public_key=factor.public_key,
            invitation=_answered_invitation(factor),
        )


def _record_renaming(authenticator: Authenticator) -> None:
    record = _record_of(authenticator)
    if record and record.latest_name != (name := factor_of(authenticator).name):
        with recorded("Rename a passkey."):
            FactorRenaming.objects.create(factor=record, name=name)


def _record_of(authenticator: Authenticator) -> RecordedFactor | None:
    """Return what the record holds of a factor, None for one that was set up past the registry.

    Such a factor stays unrecorded whatever its owner does with it, so that `verify` still finds it.
    """
    try:
        factor = factor_of(authenticator)
    except ValueError:
        return None
    return (
        standing_factors()
        .filter(
            user=factor.user,
            kind=factor.kind,
            credential_id=factor.credential_id,
            public_key=factor.public_key,
        )
        .first()
    )


def _answered_invitation(factor: Factor) -> Invitation | None:
    """Return the invitation that a new factor answers: by somebody else, if it is the first factor.

    Recovery codes answer none, because they come along with another factor.
    """
    if factor.kind == RecordedFactor.Kind.RECOVERY_CODES:
        return None
    earlier = RecordedFactor.objects.filter(user=factor.user)
    if earlier.exclude(kind=RecordedFactor.Kind.RECOVERY_CODES).exists():
        return None
    by_another = Invitation.objects.filter(user=factor.user, changeset__by__isnull=False)
    return by_another.exclude(changeset__by=factor.user).first()
