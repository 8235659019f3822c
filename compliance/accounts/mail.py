"""What happens to mail where no mail server is set."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger(__name__)


class NoMailServer(BaseEmailBackend):
    """The mail backend of an installation without a mail server: it sends nothing.

    The log says so and holds no message, because messages hold codes that reset a password.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Log how many messages were not sent; return 0."""
        number = len(email_messages)
        logger.warning(
            "%d %s not sent, because no mail server is set. Set EMAIL_HOST.",
            number,
            "mail was" if number == 1 else "mails were",
        )
        return 0


def is_sent() -> bool:
    """Return whether mail leaves this installation, or is printed by a demonstration."""
    backend = f"{NoMailServer.__module__}.{NoMailServer.__qualname__}"
    return backend != settings.EMAIL_BACKEND
