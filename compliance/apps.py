"""The one Django app."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.management import call_command
from django.db import connections, transaction
from django.db.models.signals import post_migrate, post_save, pre_migrate

from compliance.checks import settings_are_known, static_files_are_collected


class ComplianceConfig(AppConfig):
    """The compliance registry's app: after every migration the guards and the roles are put in place anew."""

    name = "compliance"
    verbose_name = "Registry"

    def ready(self) -> None:
        """Connect what runs before and after a migration, and after an entry of the ledger."""
        # Here, because Django loads the app before its models.
        from compliance.migration_checks import migrations_keep_the_record  # noqa: PLC0415

        checks.register(settings_are_known, "settings")
        checks.register(
            migrations_keep_the_record, deploy=True
        )  # `make check` runs it, no other command does
        # Not in every command: `migrate` may run before `collectstatic`, which itself must be able to start.
        checks.register(static_files_are_collected, "serving", deploy=True)
        pre_migrate.connect(_before_migration, sender=self)
        post_migrate.connect(_after_migration, sender=self)
        import_module("compliance.accounts.factors")  # its receivers, and those of sessions
        post_save.connect(_after_entry, sender=self.get_model("LedgerEntry"))


def _before_migration(*, using: str, plan: Any, **kwargs: Any) -> None:
    # SQLite refuses to make a table anew while a trigger elsewhere names it; PostgreSQL alters in place.
    if plan and connections[using].vendor == "sqlite":
        from compliance.audit import guards  # noqa: PLC0415

        guards.uninstall(connections[using])


def _after_entry(*, raw: bool, **kwargs: Any) -> None:
    """Show the checkpoint once the act is committed; a store that fails undoes nothing."""
    if raw:  # loaddata: nothing is written beside what it brings
        return
    from compliance.published import writer  # noqa: PLC0415

    transaction.on_commit(writer.write_checkpoint, robust=True)


def _after_migration(*, using: str, **kwargs: Any) -> None:
    # Here, because Django loads the app before its models.
    from compliance.accounts import roles  # noqa: PLC0415
    from compliance.audit import guards  # noqa: PLC0415

    guards.install(connections[using])
    roles.install_groups()
    call_command("createcachetable", database=using, verbosity=0)  # the counters of the sign-in
