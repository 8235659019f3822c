"""The people who sign in."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction


class User(AbstractUser):
    """Django's own user, as a model of this project.

    Django cannot replace its user model once there is data (ADR 0012).
    """

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the account; the invitation of a new one is recorded in the same transaction."""
        super().save(*args, **kwargs)
