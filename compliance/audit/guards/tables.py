"""The tables of the database: all of them, and those that are emptied in the ordinary course."""

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session

MIGRATIONS_TABLE = "django_migrations"


def emptied_tables() -> list[str]:
    """Return the tables whose rows only serve for a while: sessions and counters."""
    return [Session._meta.db_table, settings.COUNTERS_TABLE]


def kept_tables() -> list[str]:
    """Return the tables that nobody may empty: every other one."""
    models = apps.get_models(include_auto_created=True)
    names = {model._meta.db_table for model in models if model._meta.managed}
    return sorted({MIGRATIONS_TABLE, *names} - set(emptied_tables()))


def all_tables() -> list[str]:
    """Return every table that the registry makes."""
    return [*kept_tables(), *emptied_tables()]
