"""Second factors: whether a session has shown one, and how to reset them."""

from typing import Any

from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django.dispatch import receiver
from django.http import HttpRequest

from compliance.accounts import notices, recording, sessions
from compliance.models import User
from compliance.models.changesets import current_changeset


def is_factor_missing(request: HttpRequest) -> bool:
    """Return whether a session has not shown a second factor, which all of the admin needs."""
    # Asked of the session, not of the account. A session that was opened with a stolen password
    # stays outside although the owner has set up a factor elsewhere.
    user: Any = request.user
    return not any(
        record.get("method") == "mfa" for record in get_authentication_records(request, user)
    )


def enrol(user: User) -> list[str]:
    """Replace a user's second factors by recovery codes, and return the codes.

    allauth keeps recovery codes only beside another factor, so the user also gets an
    authenticator app whose secret nobody knows.
    """
    with recording.recorded("Replace the second factors by recovery codes."):
        reset(user)
        TOTP.activate(user, generate_totp_secret())
        codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def has_any(user: User) -> bool:
    """Return whether a user has a second factor, or the record says so."""
    standing = recording.standing_factors().filter(user=user)
    return Authenticator.objects.filter(user=user).exists() or standing.exists()


def reset(user: User) -> int:
    """Delete all second factors of a user, end their sessions, and return how many were deleted.

    Those that only the record still has count too: their owner could not sign without them.
    """
    with recording.recorded("Remove all second factors."):
        deleted, _ = Authenticator.objects.filter(user=user).delete()
        lost = recording.record_lost_factors(user)
        sessions.end_sessions({user.pk})
        if deleted + lost:
            changeset = current_changeset().ensure_saved()
            notices.tell(user, changeset, "Your second factors were removed.")
    return deleted + lost


@receiver(authenticator_added)
def _record_added_factor(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    """Count a new factor as shown in this session.

    Setting it up proves it: an app by its first code, a passkey by its signature.
    """
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(authenticator_removed)
def _forget_removed_factor(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Ask for a second factor again once the last one is removed, not only at the next sign-in."""
    if not is_mfa_enabled(user):
        clear_authentication_records(request)
