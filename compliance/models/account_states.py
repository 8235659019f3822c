"""What an account may do, as the record holds it: a row for each time that this changed."""

from django.conf import settings
from django.db import models

from compliance.models.tracked import TrackedHistory


class AccountState(TrackedHistory):
    """What an account was called and could do from its changeset on, until the next row of it.

    The rows are inserted and never changed. `is_active` is whether the person may sign in at all.
    `changes_mail` says that this changeset gave the account another mail address, which is not
    recorded itself.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="states"
    )
    username = models.CharField("user name", max_length=150)
    is_active = models.BooleanField("may sign in")
    is_editor = models.BooleanField("editor")
    is_approver = models.BooleanField("approver")
    is_auditor = models.BooleanField("auditor")
    is_administrator = models.BooleanField("administrator")
    changes_mail = models.BooleanField("mail address changed", default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.username}: {', '.join(self.roles) or 'no role'}"

    @property
    def roles(self) -> list[str]:
        """The names of the account's roles, in the order in which screens show them."""
        return [role for role in ROLES if getattr(self, f"is_{role}")]

    @property
    def may_approve(self) -> bool:
        """Whether the account could approve: as an approver who may sign in."""
        return self.is_active and self.is_approver and not self.is_administrator


EDITOR, APPROVER, AUDITOR, ADMINISTRATOR = ROLES = (
    "editor",
    "approver",
    "auditor",
    "administrator",
)
