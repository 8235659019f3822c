"""Listings: the rows of a register, with their models, providers and documents."""

import uuid

from django.db import models

from compliance.models.ai_models import AIModel
from compliance.models.choices import ROLES, TRAINING_USES, one_of
from compliance.models.providers import PolicyDocument, Provider
from compliance.models.registers import Register
from compliance.models.terms import RetentionTerm
from compliance.models.tracked import Tracked

_POSITION = "Printed from the lowest to the highest. Leave gaps: 10, 20, 30."


class Listing(Tracked):
    """One row of a register: models that share their providers, training use and retention.

    An empty cell is derived from what the providers declare. Editors edit a listing with all its
    parts on one form, and can publish one listing without the others.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="listings")
    position = models.PositiveIntegerField(default=0, help_text=_POSITION)
    training_use = models.CharField(
        max_length=15,
        choices=TRAINING_USES,
        blank=True,
        help_text="Leave empty to print the worst of what the providers declare.",
    )
    training_text = models.CharField(
        "training wording",
        max_length=200,
        blank=True,
        help_text='Printed instead of "No", "Yes" and the like.',
    )
    retention_term = models.ForeignKey(
        RetentionTerm,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="listings",
        help_text=(
            "Leave empty to print the longest of what the providers declare and the models require."
        ),
    )
    departs = models.BooleanField(
        "departs from its providers' documents",
        default=False,
        help_text=(
            "Off: the page shows its providers' documents in provider order."
            " On: exactly the documents below."
        ),
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            one_of("training_use", TRAINING_USES, blank=True),
            models.CheckConstraint(
                condition=models.Q(training_text="") | models.Q(training_use__gt=""),
                name="%(app_label)s_%(class)s_wording_needs_use",
                violation_error_message="A training wording needs the training use that it words.",
            ),
        ]

    def __str__(self) -> str:
        return f"Listing at {self.position}"


class ListedModel(Tracked):
    """An AI model in a listing."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="listed_models")
    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="listed")
    position = models.PositiveIntegerField(default=0, help_text=_POSITION)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.model.name

    @property
    def part_of(self) -> Listing:
        return self.listing


class ListedProvider(Tracked):
    """A provider in a listing, as the primary one or as a fallback."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="listed_providers")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="listed")
    position = models.PositiveIntegerField(default=0, help_text=_POSITION)
    role = models.CharField(max_length=10, choices=ROLES, default="primary")
    condition = models.CharField(
        max_length=200,
        blank=True,
        help_text="When a fallback is used, for example: when the Azure quota is used up.",
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [one_of("role", ROLES)]

    def __str__(self) -> str:
        return self.provider.name

    @property
    def part_of(self) -> Listing:
        return self.listing


class ListedDocument(Tracked):
    """A document of a listing that departs from its providers' documents.

    Other listings have none: they print the documents of their providers, in the order of the
    providers.
    """

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="listed_documents")
    document = models.ForeignKey(PolicyDocument, on_delete=models.PROTECT, related_name="listed")
    position = models.PositiveIntegerField(default=0, help_text=_POSITION)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def part_of(self) -> Listing:
        return self.listing
