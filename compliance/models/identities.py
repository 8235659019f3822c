"""What the record holds of identities at the company's provider: connected, and taken away."""

from django.conf import settings
from django.db import models

from compliance.models.tracked import TrackedHistory


class IdentityState(TrackedHistory):
    """An identity at the provider was connected with an account, or is no longer.

    `subject_sha256` is the SHA-256 of the provider's name of the person, as hexadecimal digits: it
    tells identities apart, and says nothing about the person.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    provider = models.CharField(max_length=200)
    subject_sha256 = models.CharField(max_length=64)
    is_connected = models.BooleanField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        state = "connected" if self.is_connected else "disconnected"
        return f"{self.user} at {self.provider}, {state}"
