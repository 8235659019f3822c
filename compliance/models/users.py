"""The people who sign in."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """Django's own user, as a model of this project.

    Django cannot replace its user model once there is data (ADR 0012).
    """
