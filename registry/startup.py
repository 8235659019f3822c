"""Checks that run before the application serves anything."""

import logging
from importlib import import_module

from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from registry import settings

logger = logging.getLogger(__name__)
_NEEDED = {"SECRET_KEY": "50 random characters", "ALLOWED_HOSTS": "privacy.example.com"}


def require_settings() -> None:
    """Raise ImproperlyConfigured if SECRET_KEY, ALLOWED_HOSTS or FACTOR_KEYS is not set."""
    # Not through django.conf: its message for an empty SECRET_KEY does not name the variable.
    for variable, example in _NEEDED.items():
        if not getattr(settings, variable):
            raise ImproperlyConfigured(
                f"{variable} is not set. Put it into the environment, for example: {example}."
            )
    if fault := import_module("compliance.accounts.encryption").keys_fault():
        raise ImproperlyConfigured(fault)
    if not settings.STATIC_ROOT.is_dir():
        raise ImproperlyConfigured(
            f"STATIC_ROOT={settings.STATIC_ROOT} is not there. Run manage.py collectstatic."
        )


def require_passed_checks() -> None:
    """Refuse to serve with wrong settings or without static files.

    Raises ImproperlyConfigured for the first fault. Management commands run these checks of the
    settings themselves.
    """
    for fault in run_checks(tags=["settings", "serving"], include_deployment_checks=True):
        raise ImproperlyConfigured(f"{fault.msg} ({fault.id})")


def require_signing_key() -> None:
    """Raise ImproperlyConfigured if the public log was signed by another key than ours.

    One log has one key. If the store cannot be read, its pages say so, and nothing is refused here.
    """
    log = import_module("compliance.published.reader").readable_log()
    try:
        import_module("compliance.published.writer").require_key_of(log)
    except import_module("compliance.published.signed_note").UnusableKey as fault:
        raise ImproperlyConfigured(str(fault)) from fault


def compare_with_database() -> None:
    """Log what is wrong with the guards of the database, and write the indexes that are behind it.

    If the database or the store cannot be reached, the published pages are still served, and
    /readyz says what is wrong.
    """
    try:
        _log_guard_faults()
        _log_role_faults()
        import_module("compliance.published.writer").complete()
    except Exception:
        logger.exception(
            "The published store and the guards could not be compared with the database."
        )


def _log_guard_faults() -> None:
    if faults := import_module("compliance.audit.guards").faults(connection):
        logger.error(
            "The database is not guarded as it should be, and may have been changed meanwhile. Put"
            " that right, then run verify. %s",
            " ".join(faults),
        )


def _log_role_faults() -> None:
    """Log what the application's role could do to the guards; a demonstration has one role."""
    if not django_settings.DEMO:
        for fault in import_module("compliance.audit.database_roles").faults(connection):
            logger.error("%s", fault)
