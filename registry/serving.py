"""What must be set, and be in place, before anything is served."""

import logging
from importlib import import_module

from django.core.exceptions import ImproperlyConfigured

from registry import settings

logger = logging.getLogger(__name__)
_NEEDED = {"SECRET_KEY": "50 random characters", "ALLOWED_HOSTS": "privacy.example.com"}


def require_settings() -> None:
    """Refuse to serve without SECRET_KEY and ALLOWED_HOSTS; raises ImproperlyConfigured, naming the variable."""
    # Not through django.conf: its message for an empty SECRET_KEY does not say where the value comes from.
    for variable, example in _NEEDED.items():
        if not getattr(settings, variable):
            raise ImproperlyConfigured(f"{variable} is not set. Put it into the environment, for example: {example}.")
    if not settings.STATIC_ROOT.is_dir():
        raise ImproperlyConfigured(f"STATIC_ROOT={settings.STATIC_ROOT} is not there. Run manage.py collectstatic.")


def complete_published_store() -> None:
    """Write the indexes that are behind the database; with the database or the store out of reach, serve as it is."""
    try:
        import_module("compliance.store").complete()
    except Exception:
        # Whatever it is, the pages that are published can still be served; /readyz says what is wrong.
        logger.exception("The published store could not be compared with the database.")
