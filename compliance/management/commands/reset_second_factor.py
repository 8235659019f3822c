"""manage.py reset_second_factor: for somebody who lost phone, passkey and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from compliance.accounts import factors
from compliance.management.inputs import RegistryCommand, refusal, user_named
from compliance.models.changesets import reason_fault


class Command(RegistryCommand):
    help = (
        "Remove all second factors of a user and end the user's sessions, so that they can set up "
        "new ones. Who did it and why is logged."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name of whoever lost the second factor")
        parser.add_argument(
            "--by",
            required=True,
            help="user name of the administrator who checked the person's identity",
        )
        parser.add_argument(
            "--reason", required=True, help="why, and how the identity was checked; kept in the log"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user: Any = user_named(options["user"])
        by: Any = user_named(options["by"])
        if not by.is_superuser:
            raise refusal(
                f"{by} is no superuser. Name the administrator who checked the person's identity."
            )
        if fault := reason_fault(options["reason"]):
            raise refusal(fault)
        if not factors.reset(user):
            raise refusal(f"{user} has no second factor.")
        message = f"Second factor reset: {options['reason']}"
        LogEntry.objects.log_actions(
            by.pk, [user], CHANGE, change_message=message, single_object=True
        )
        self.stdout.write(
            f"{user} is signed out and can set up a new second factor after signing in."
        )
