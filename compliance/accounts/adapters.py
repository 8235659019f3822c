"""What allauth leaves to the project: no sign-up, mails that fail without harm, a QR code without a script or style."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from qrcode.main import QRCode

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators, who also keep each one's single address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: nobody makes their own account."""
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead back to the admin."""
        return reverse("admin:index")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the user, at the address of the account, that its password or a factor was changed."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; whatever the mail server does, nobody is kept from signing in, and no answer differs."""
        try:
            super().send_mail(template_prefix, email, context)
        except Exception:
            logger.exception("The mail %s could not be sent.", template_prefix)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator apps and passkeys under the name that people sign in with."""

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        """Return the name that the authenticator app shows."""
        return user.get_username()

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code of an address as SVG to be put into the page: the CSP allows neither data: nor style=."""
        code: Any = QRCode()
        code.add_data(url)
        rows = code.get_matrix()
        dark = "".join(
            f"M{x} {y}h1v1h-1z"
            for y, row in enumerate(rows)
            for x, is_dark in enumerate(row)
            if is_dark
        )
        return format_html(
            '<svg class="qr" viewBox="0 0 {0} {0}" shape-rendering="crispEdges" role="img" aria-label="QR code">'
            '<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path fill="#000" d="{1}"/></svg>',
            len(rows),
            dark,
        )
