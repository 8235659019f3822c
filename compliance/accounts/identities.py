"""Records which identities at the company's provider open an account.

django-allauth's own table of them is there only where single sign-on is set up.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest

from compliance.accounts.recording import is_loading, recorded
from compliance.models import IdentityState


def oidc_name(request: HttpRequest) -> dict[str, str]:
    """Give templates what the provider is called, "" without one."""
    return {"oidc_name": settings.OIDC_NAME if settings.OIDC_SERVER_URL else ""}


def subject_sha256(subject: str) -> str:
    """Return the hash by which the record knows what the provider calls a person."""
    return hashlib.sha256(subject.encode()).hexdigest()


def connect_signals(model: type[Any]) -> None:
    """Record what happens to rows of allauth's model of connected identities."""
    post_save.connect(_record_connection, sender=model, dispatch_uid="identity connected")
    post_delete.connect(_record_removal, sender=model, dispatch_uid="identity removed")


def _record_connection(instance: Any, created: bool, raw: bool, **kwargs: object) -> None:
    if created and not raw and not is_loading():
        _record(instance, is_connected=True, reason=f"Connect with {settings.OIDC_NAME}.")


def _record_removal(instance: Any, **kwargs: object) -> None:
    if not is_loading():
        _record(instance, is_connected=False, reason=f"Disconnect from {settings.OIDC_NAME}.")


def _record(identity: Any, *, is_connected: bool, reason: str) -> None:
    with recorded(reason):
        IdentityState.objects.create(
            user=identity.user,
            provider=settings.OIDC_SERVER_URL[:200],
            subject_sha256=subject_sha256(identity.uid),
            is_connected=is_connected,
        )
