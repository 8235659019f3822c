"""The people who sign in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, transaction

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

    class Meta(AbstractUser.Meta):
        verbose_name_plural = "people"

    @property
    def shown_time_zone(self) -> str:
        """The time zone in which this person sees moments."""
        return self.time_zone if is_time_zone(self.time_zone) else settings.TIME_ZONE

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the account; the invitation of a new one is recorded in the same transaction."""
        super().save(*args, **kwargs)
