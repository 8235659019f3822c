"""manage.py reset_second_factor: for somebody who lost phone, passkey and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from compliance.accounts import factors
from compliance.management.inputs import RegistryCommand, refusal, user_named
from compliance.models import Changeset
from compliance.models.changesets import changeset


class Command(RegistryCommand):
    help = (
        "Remove all second factors of a user and end the user's sessions, so that they can set up "
        "new ones. Who did it and why is recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="user name of whoever lost the second factor")
        parser.add_argument(
            "--by",
            required=True,
            help="user name of the administrator who checked the person's identity",
        )
        parser.add_argument(
            "--reason",
            required=True,
            help="why, and how the identity was checked; kept in the record",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user: Any = user_named(options["user"])
        by: Any = user_named(options["by"])
        if not by.is_administrator:
            raise refusal(
                f"{by} is no administrator. Name the one who checked the person's identity."
            )
        who = {"by": by, "source": Changeset.Source.COMMAND}
        with changeset(reason=options["reason"], kind=Changeset.Kind.ACCOUNT, **who):
            if not factors.reset(user):
                raise refusal(f"{user} has no second factor.")
        self.stdout.write(
            f"{user} is signed out and can set up a new second factor after signing in."
        )
