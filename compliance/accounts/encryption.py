"""Encrypts the secrets of second factors, so that a copy of the database opens no account.

The keys are in the environment: FACTOR_KEYS, separated by commas. The first encrypts, all decrypt,
so that a key can be replaced. They are Fernet keys (cryptography.io/en/latest/fernet).
"""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError

# What a demonstration has in place of a secret key: its accounts have passwords that it prints.
_DEMO_KEY = "ZGVtb25zdHJhdGlvbi1vZi10aGUtcmVnaXN0cnktMDE="
_UNREADABLE = (
    "Your second factor cannot be read: the server has another key than the one with which it was "
    "stored. Ask an administrator to reset your second factor."
)


class UnreadableFactor(ValidationError):
    """No key fits; forms show it as an error, and templates leave out what they cannot read."""

    silent_variable_failure = True


def encrypt(text: str) -> str:
    """Return a text encrypted with the first key."""
    return _keys().encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Return the text; raises UnreadableFactor if no key fits."""
    try:
        return _keys().decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise UnreadableFactor(_UNREADABLE) from error


def rotate(text: str) -> str:
    """Return a text that was encrypted with any of the keys, encrypted with the first.

    Raises UnreadableFactor if no key fits.
    """
    try:
        return _keys().rotate(text.encode()).decode()
    except InvalidToken as error:
        raise UnreadableFactor(_UNREADABLE) from error


def keys_fault() -> str:
    """Return what is wrong with FACTOR_KEYS, "" if nothing is."""
    try:
        _keys()
    except ImproperlyConfigured as error:
        return str(error)
    return ""


def _keys() -> MultiFernet:
    """Return the keys; raises ImproperlyConfigured without a message that holds one."""
    keys = settings.FACTOR_KEYS or ([_DEMO_KEY] if settings.DEMO else [])
    if not keys:
        raise ImproperlyConfigured(f"FACTOR_KEYS is not set. {_ADVICE}")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise ImproperlyConfigured(f"FACTOR_KEYS has a key that is none. {_ADVICE}") from error


_ADVICE = (
    "Put a key into the environment, and keep it: without it everybody sets up a new second "
    'factor. Make one with: python3 -c "import base64, secrets; '
    'print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())"'
)
