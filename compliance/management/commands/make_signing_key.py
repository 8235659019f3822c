"""manage.py make_signing_key: make the key that signs the public log."""

import os
from typing import Any

from django.conf import settings

from compliance.management.inputs import RegistryCommand, refusal
from compliance.published.signed_note import SigningKey, load_signing_key


class Command(RegistryCommand):
    help = (
        "Make the key that signs the public log, unless there is one, and print the public key by "
        "which others verify it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        key = load_signing_key() or _make_key()
        self.stdout.write(str(key.verifier_key))


def _make_key() -> SigningKey:
    """Write a new key into the file that SIGNING_KEY_FILE names; only its owner can read it."""
    key = SigningKey.generate(_log_name())
    # O_EXCL: a key that another process has made meanwhile is never overwritten.
    descriptor = os.open(settings.SIGNING_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key.encode()}\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _log_name() -> str:
    """Return the name of the log: the host of the site, and /log.

    It stays with the key, also when the site moves. The system checks, which run before each
    command, let SITE_URL hold a host and a port at most.
    """
    if not settings.SITE_URL:
        raise refusal(
            "SITE_URL is not set, and gives the log its name."
            " Set it to the address of the site, for example https://privacy.example.com."
        )
    return f"{settings.SITE_URL.partition('://')[2]}/log"
