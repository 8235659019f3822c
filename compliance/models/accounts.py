"""What the record holds of accounts: who invited them, their second factors, and signatures.

Passwords, secrets of authenticator apps and recovery codes are never in it. The rows are inserted
and never changed: a factor that was renamed or removed has a row that says so.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from compliance.models.publications import Decision
from compliance.models.tracked import TrackedHistory


class Invitation(TrackedHistory):
    """An account that was made for somebody. Its changeset says by whom, when and why.

    An account is made once: nobody can be invited anew to answer with another factor.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.user} invited by {self.changeset.label}"


class RecordedFactor(TrackedHistory):
    """A second factor that somebody set up. Its changeset says who and when.

    A passkey has a credential id and a public key (COSE, RFC 9053), against which the signatures of
    approvals are verified. `invitation` is the invitation that a first factor answers, if any: the
    operator of the database could add a key for somebody, but not the act of another person.
    """

    class Kind(models.TextChoices):
        TOTP = "totp", "Authenticator app"
        WEBAUTHN = "webauthn", "Passkey"
        RECOVERY_CODES = "recovery_codes", "Recovery codes"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=150, blank=True)
    credential_id = models.BinaryField(max_length=1023, blank=True)
    public_key = models.BinaryField(blank=True)
    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, null=True, related_name="factor"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["totp", "webauthn", "recovery_codes"]),
                name="%(app_label)s_%(class)s_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.user}"

    @property
    def latest_name(self) -> str:
        """The name that its owner gave it last."""
        renaming = self.renamings.last()
        return renaming.name if renaming else self.name


class FactorRenaming(TrackedHistory):
    """A passkey was given another name by its owner."""

    factor = models.ForeignKey(RecordedFactor, on_delete=models.PROTECT, related_name="renamings")
    name = models.CharField(max_length=150)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.factor} is called {self.name}"


class FactorRemoval(TrackedHistory):
    """A factor was removed. Its changeset says who removed it and when."""

    factor = models.OneToOneField(RecordedFactor, on_delete=models.PROTECT, related_name="removal")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.factor} removed"


class Assertion(models.Model):
    """The base of signatures by a passkey (WebAuthn, 7.2: verifying an assertion).

    `factor` is the passkey that signed. The challenge in `client_data` is the signed hash.
    """

    factor = models.ForeignKey(RecordedFactor, on_delete=models.PROTECT, related_name="+")
    credential_id = models.BinaryField(max_length=1023)
    authenticator_data = models.BinaryField()
    client_data = models.BinaryField()
    signature = models.BinaryField()

    class Meta:
        abstract = True


class DecisionSignature(Assertion):
    """The signature of an approval or withdrawal; its challenge is the `approval_sha256`."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="signature")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Signature of {self.decision}"


class FactorEndorsement(TrackedHistory, Assertion):
    """The signature by which an older passkey of the same account vouches for a newer one."""

    endorsed = models.OneToOneField(
        RecordedFactor, on_delete=models.PROTECT, related_name="endorsement"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.factor} vouches for {self.endorsed}"
