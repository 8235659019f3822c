"""manage.py add_account: make an account from the command line, for the first administrator."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from compliance.accounts import invitations, mail
from compliance.accounts.actors import operating_system_user
from compliance.management.inputs import RegistryCommand, refusal
from compliance.models import Changeset, User
from compliance.models.account_states import ROLES
from compliance.models.changesets import changeset


class Command(RegistryCommand):
    help = (
        "Make an account with a role, and print the address at which its owner chooses a password. "
        "Who made it and why is recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="user name, with which the person signs in")
        parser.add_argument("mail", help="mail address of the person")
        parser.add_argument("--role", required=True, choices=ROLES)
        parser.add_argument(
            "--reason", required=True, help="why this person gets an account; kept in the record"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User(username=options["name"], email=options["mail"], is_staff=True)
        user.set_unusable_password()
        try:
            user.full_clean()
        except ValidationError as error:
            raise refusal(" ".join(error.messages)) from error
        if not user.email:
            raise refusal("The mail address is empty.")
        who, why = operating_system_user(), options["reason"]
        source, kind = Changeset.Source.COMMAND, Changeset.Kind.ACCOUNT
        with changeset(by=None, label=who, source=source, reason=why, kind=kind):
            user.save()
            user.groups.set([Group.objects.get(name=options["role"])])
        if mail.is_sent():
            invitations.send(user, by=who, reason=why)
            self.stdout.write(f"A link to choose a password went to {user.email}.")
        else:
            self.stdout.write(
                "No mail server is set. Give this address to the person, and to nobody else. It "
                "works once:"
            )
            self.stdout.write(invitations.address_for(user))
