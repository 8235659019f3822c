"""Links by which people choose their password: nobody sets one for somebody else.

A link works once, and for the days that PASSWORD_RESET_TIMEOUT allows: its token is Django's, which
holds until the password, the mail address or the last sign-in changes.
"""

import logging

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from compliance.models import User

logger = logging.getLogger(__name__)


def address_for(user: User) -> str:
    """Return the address at which a person chooses a password."""
    key, token = (
        urlsafe_base64_encode(force_bytes(user.pk)),
        default_token_generator.make_token(user),
    )
    return settings.SITE_URL + reverse("choose_password", args=[key, token])


def invited(key: str, token: str) -> User | None:
    """Return the person whom a link was sent to, None if it does not work, or not any more."""
    try:
        user = User.objects.filter(pk=int(force_str(urlsafe_base64_decode(key)))).first()
    except (ValueError, UnicodeDecodeError, OverflowError):
        return None
    if user is None or not user.is_active or not default_token_generator.check_token(user, token):
        return None
    return user


def send(user: User, *, by: User | str, reason: str) -> None:
    """Mail a person a link to choose a password. A failure is only logged."""
    context = {
        "account": user,
        "by": by,
        "reason": reason,
        "address": address_for(user),
        "sign_in": settings.SITE_URL + reverse("account_login"),
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
        "is_new": not user.has_usable_password(),
    }
    subject, _, text = render_to_string("mail/invitation.txt", context).partition("\n")
    try:
        mail.send_mail(subject, text.lstrip("\n"), None, [user.email])
    except Exception:
        logger.exception("The invitation of %s could not be sent.", user)
