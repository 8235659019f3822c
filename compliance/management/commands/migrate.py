"""manage.py migrate: Django's command, which here says in one sentence why it may not start."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import SystemCheckError
from django.core.management.commands import migrate
from django.db import DatabaseError, connections

from compliance.management.inputs import BAD_INPUT, refusal, refused_right, unusable_database
from compliance.models.outages import write_fault


class Command(migrate.Command):
    """Migrate; a database that is out of reach, and a role that may not, get one sentence."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            # A database that is not there is told apart from a statement that fails.
            connections[options["database"]].ensure_connection()
            obstacle = write_fault(connections[options["database"]])
        except DatabaseError as error:
            raise unusable_database(error) from error
        if obstacle:
            raise refusal(f"Nothing was migrated. {obstacle}")
        try:
            return super().execute(*args, **options)
        except ImproperlyConfigured as fault:  # the refusals of audit/database_roles
            raise refusal(str(fault)) from fault
        except DatabaseError as error:
            if refused_right(error):
                raise unusable_database(error) from error
            raise
        except SystemCheckError as error:
            error.returncode = BAD_INPUT
            raise
