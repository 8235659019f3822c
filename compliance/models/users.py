"""The people who sign in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.functional import cached_property

from compliance.models.account_states import ADMINISTRATOR, ROLES
from compliance.models.time_zones import is_time_zone


def validate_time_zone(name: str) -> None:
    """Raise ValidationError for what is no time zone."""
    if not is_time_zone(name):
        raise ValidationError(f"{name} is not a time zone. Choose one, such as Europe/Berlin.")


class User(AbstractUser):
    """Django's own user, as a model of this project.

    Django cannot replace its user model once there is data (ADR 0012).
    """

    time_zone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text="In which moments are shown and read. Empty: that of the installation.",
    )

    # The stored mail address while another one is saved (`accounts.recording`).
    mail_before: str | None = None

    class Meta(AbstractUser.Meta):
        verbose_name = "person"
        verbose_name_plural = "people"

    @property
    def role_names(self) -> list[str]:
        """The names of the person's roles; a superuser is an administrator."""
        groups = {group.name for group in self.groups.all()} if self.pk else set()
        if self.is_superuser:
            groups.add(ADMINISTRATOR)
        return [role for role in ROLES if role in groups]

    @cached_property
    def is_administrator(self) -> bool:
        """Whether the person keeps the accounts, and so may not approve; read once, like rights."""
        return self.is_superuser or ADMINISTRATOR in self.role_names

    def clean(self) -> None:
        """Bring the user name into normal form, unless it is too long, which is reported.

        Marks upon a letter take quadratic time there.
        """
        longest: int | None = self._meta.get_field("username").max_length  # type: ignore[union-attr]
        if longest is None or len(self.username) <= longest:
            super().clean()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Return whether the person has a permission; an administrator never has that to approve.

        Who makes the accounts could else approve with one of their own edits.
        """
        has_right = super().has_perm(perm, obj)
        if has_right and perm == "compliance.approve_publication":
            return not self.is_administrator
        return has_right

    @property
    def shown_time_zone(self) -> str:
        """The time zone in which this person sees moments."""
        return self.time_zone if is_time_zone(self.time_zone) else settings.TIME_ZONE

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the account; what is recorded of it is written in the same transaction."""
        super().save(*args, **kwargs)
