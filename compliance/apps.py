"""The Django app of the registry, and what runs beside migrations."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.db import connections, transaction
from django.db.models.signals import post_migrate, post_save, pre_migrate

from compliance.checks import (
    mail_can_be_sent,
    public_log_can_be_signed,
    settings_are_known,
    static_files_are_collected,
)


class ComplianceConfig(AppConfig):
    """The compliance registry. Every migration ends by installing the guards and the roles."""

    name = "compliance"
    verbose_name = "Registry"

    def ready(self) -> None:
        """Register the system checks, and connect the receivers of signals."""
        # Not at the top of the module: Django imports it before the models can be loaded.
        from compliance.audit.migration_checks import migrations_keep_the_record  # noqa: PLC0415

        checks.register(settings_are_known, "settings")
        # With deploy=True only `check --deploy` runs them, which `make check` does. Every command
        # would run the others, and `migrate` and `collectstatic` have to start before the static
        # files are collected.
        checks.register(migrations_keep_the_record, deploy=True)
        checks.register(static_files_are_collected, "serving", deploy=True)
        checks.register(mail_can_be_sent, deploy=True)
        checks.register(public_log_can_be_signed, deploy=True)
        pre_migrate.connect(_before_migration, sender=self)
        post_migrate.connect(_after_migration, sender=self)
        post_save.connect(_after_ledger_entry, sender=self.get_model("LedgerEntry"))
        # Connects its receivers, those of sessions and those that record accounts.
        import_module("compliance.accounts.factors")
        if settings.OIDC_SERVER_URL:
            identities = import_module("compliance.accounts.identities")
            models = import_module("allauth.socialaccount.models")
            identities.connect_signals(models.SocialAccount)


def _before_migration(*, using: str, plan: Any, **kwargs: Any) -> None:
    """Refuse another role than the owner of the tables, and drop the guards on SQLite.

    SQLite alters a table by making it anew under another name, and refuses to while a trigger of
    any table refers to the old one. PostgreSQL alters tables in place.
    """
    from compliance.audit import database_roles, guards  # noqa: PLC0415

    database_roles.require_owner(connections[using])
    if plan and connections[using].vendor == "sqlite":
        guards.uninstall(connections[using])


def _after_ledger_entry(*, raw: bool, **kwargs: Any) -> None:
    """Write the head of the ledger into the store as soon as the transaction is committed.

    `robust`: if the published store cannot be written, that is logged, and the edit stays.
    """
    if raw:  # loaddata inserts the rows of a dump, and nothing else is to be written then
        return
    from compliance.published import writer  # noqa: PLC0415

    transaction.on_commit(writer.write_head, robust=True)


def _after_migration(*, using: str, **kwargs: Any) -> None:
    """Create the table of the cache, and install guards, groups and the application's grants."""
    from compliance.accounts import roles  # noqa: PLC0415
    from compliance.audit import database_roles, guards  # noqa: PLC0415

    # The cache counts failed attempts to sign in. In the database all processes share the counts.
    call_command("createcachetable", database=using, verbosity=0)
    guards.install(connections[using])
    roles.install_groups()
    database_roles.grant(connections[using])
