"""What must be set before anything is served."""

from django.core.exceptions import ImproperlyConfigured

from registry import settings

_NEEDED = {"SECRET_KEY": "50 random characters", "ALLOWED_HOSTS": "privacy.example.com"}


def require_settings() -> None:
    """Refuse to serve without SECRET_KEY and ALLOWED_HOSTS; raises ImproperlyConfigured, naming the variable."""
    # Not through django.conf: its message for an empty SECRET_KEY does not say where the value comes from.
    for variable, example in _NEEDED.items():
        if not getattr(settings, variable):
            raise ImproperlyConfigured(f"{variable} is not set. Put it into the environment, for example: {example}.")
    if not settings.STATIC_ROOT.is_dir():
        raise ImproperlyConfigured(f"STATIC_ROOT={settings.STATIC_ROOT} is not there. Run manage.py collectstatic.")
