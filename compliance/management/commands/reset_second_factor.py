"""manage.py reset_second_factor: let somebody who lost phone, passkey and recovery codes set up new ones."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from compliance.accounts import factors
from compliance.management.inputs import RegistryCommand, refusal, user_named


class Command(RegistryCommand):
    """Take all second factors from a user, end the user's sessions, and log who did it and why."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the user, the administrator and the reason."""
        parser.add_argument("user", help="user name of whoever lost the second factor")
        parser.add_argument(
            "--by", required=True, help="user name of the administrator who made sure who asks"
        )
        parser.add_argument(
            "--reason", required=True, help="why, and how you made sure; kept in the user's log"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Reset and log; exit 2 where there is no such user or nothing to reset."""
        user: Any = user_named(options["user"])
        by: Any = user_named(options["by"])
        if not by.is_superuser:
            raise refusal(f"{by} is no superuser. Name the administrator who made sure who asks.")
        if not options["reason"].strip():
            raise refusal("The reason is empty. Say why, and how you made sure who asks.")
        if not factors.reset(user):
            raise refusal(f"{user} has no second factor.")
        message = f"Second factor reset: {options['reason']}"
        LogEntry.objects.log_actions(
            by.pk, [user], CHANGE, change_message=message, single_object=True
        )
        self.stdout.write(
            f"{user} is signed out, and may set up a new second factor after signing in."
        )
