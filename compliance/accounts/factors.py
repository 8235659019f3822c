"""The second factor: who must show one, who has, and how a lost one is reset."""

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

from compliance.accounts import sessions
from compliance.models import User


def is_factor_missing(request: HttpRequest) -> bool:
    """Return whether the person must show a second factor, and this session was opened without one."""
    return request.user.has_perm("compliance.approve_publication") and not _is_shown(request)


def enrol(user: User) -> list[str]:
    """Give a user an authenticator app that nobody holds, and return recovery codes, each of which opens once."""
    reset(user)
    TOTP.activate(user, generate_totp_secret())
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def reset(user: User) -> int:
    """Take all second factors from a user, end the user's sessions, and return how many factors there were."""
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    sessions.end_sessions({user.pk})
    return deleted


def _is_shown(request: HttpRequest) -> bool:
    # By session, not by account: a session opened with the password alone stays outside, though its owner, or whoever
    # else opened it, has set up a factor since.
    user: Any = request.user
    return any(
        record.get("method") == "mfa" for record in get_authentication_records(request, user)
    )


@receiver(authenticator_added)
def _added(
    request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object
) -> None:
    """Count a factor as shown by whoever sets it up: an app by its first code, a passkey by its signature."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


@receiver(authenticator_removed)
def _removed(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Ask anew for a factor once the last one was removed, not only at the next sign-in."""
    if not is_mfa_enabled(user):
        clear_authentication_records(request)
