"""manage.py demo: load the fixture as publication 1, and make an account for each role."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from compliance.accounts import factors, roles
from compliance.accounts.actors import operating_system_user
from compliance.management.demo_data import import_declarations
from compliance.management.inputs import RegistryCommand, refusal
from compliance.models import Register
from compliance.models.changesets import changeset
from compliance.publishing import import_history
from compliance.workingcopy.importing import read_manifest

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
SLUG = "llms-privacy"
# Each names its account too.
_ROLES = (roles.EDITOR, roles.APPROVER, roles.AUDITOR, roles.ADMINISTRATOR)


class Command(RegistryCommand):
    help = (
        "Load the fixture as publication 1 unless it is there, and print an account for each role, "
        "with a new password at each start."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise refusal(
                "demo prints the passwords of the accounts that it makes. "
                "Set DEMO=True if that is what you want."
            )
        users = get_user_model().objects
        if (
            users.filter(last_login__isnull=False).exists()
            and not users.filter(username__in=_ROLES).exists()
        ):
            raise refusal(
                "People have signed in to this database, so it is not that of a demonstration."
                " Unset DATABASE_URL, or name an empty database."
            )
        if not Register.objects.filter(slug=SLUG).exists():
            self._load()
        self.stdout.write(
            "Demo accounts, for /admin/. Each signs in with its password, and with one of its "
            "codes as a second factor. Each code works once:"
        )
        for role in _ROLES:
            self.stdout.write(f"  {role:13} {self._password_of(role)}")
            codes = factors.enrol(get_user_model().objects.get(username=role))
            self.stdout.write(f"  {'':13} {' '.join(codes)}")

    def _load(self) -> None:
        label = operating_system_user()
        with changeset(by=None, label=label, reason="What the providers declare", source="command"):
            import_declarations((FIXTURES / "providers.json").read_bytes())
        import_history(
            read_manifest(FIXTURES / "history.tsv"), slug=SLUG, at=timezone.now(), label=label
        )

    def _password_of(self, role: str) -> str:
        """Make the account of a role if there is none, and return its new password."""
        user, _ = get_user_model().objects.get_or_create(username=role, defaults={"is_staff": True})
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save()
        user.groups.set([Group.objects.get(name=role)])
        return password
