"""The one Django app."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    """The compliance registry's app: after every migration the guards and the roles are put in place anew."""

    name = "compliance"
    verbose_name = "Registry"

    def ready(self) -> None:
        """Connect what runs after a migration."""
        post_migrate.connect(_after_migration, sender=self)


def _after_migration(*, using: str, **kwargs: Any) -> None:
    # Here, because Django loads the app before its models.
    from compliance.models import guards, roles  # noqa: PLC0415

    guards.install(connections[using])
    roles.install()
