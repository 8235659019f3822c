"""Adapters by which django-allauth asks the project: sign-up, mails, and the QR code."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from qrcode.main import QRCode

from compliance.accounts import encryption
from compliance.accounts.client_address import client_address

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: administrators create accounts and set their one email address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": (
            "Too many failed tries to sign in under this name or from this address. Wait five "
            "minutes. A passkey opens your account all the same."
        ),
    }

    def get_login_stages(self) -> list[str]:
        """Return the steps of a sign-in; a second factor at the provider may stand for ours."""
        ours = "compliance.accounts.second_factor_stage.SecondFactorStage"
        stages = super().get_login_stages()
        return [ours if name.endswith("mfa.stages.AuthenticateStage") else name for name in stages]

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that the throttle counts; raises PermissionDenied without one."""
        address = client_address(request)
        if not address:
            raise PermissionDenied("The address of the client is not known.")
        return address

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Notify a user of a changed password or factor, at the address of the account."""
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail, and log the error if that fails.

        A failing mail server must not keep anybody from signing in, nor make the response for a
        known address different from that for an unknown one.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except Exception:
            logger.exception("The mail %s could not be sent.", template_prefix)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts secrets, shows the username in authenticator apps, and draws their QR code."""

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code of an address as an SVG element.

        allauth's own is an image with a data: address, which the Content Security Policy refuses.
        """
        code: Any = QRCode()
        code.add_data(url)
        rows = code.get_matrix()
        path = ""
        for y, row in enumerate(rows):
            for x, is_dark in enumerate(row):
                if is_dark:
                    path += f"M{x} {y}h1v1h-1z"
        return format_html(
            '<svg class="qr" viewBox="0 0 {0} {0}" shape-rendering="crispEdges" role="img" '
            'aria-label="QR code">'
            '<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path fill="#000" d="{1}"/></svg>',
            len(rows),
            path,
        )
