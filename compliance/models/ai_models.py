"""AI models, by the names that users know."""

from django.db import models

from compliance.models.choices import not_empty, short_slug
from compliance.models.terms import RetentionTerm
from compliance.models.tracked import Named


class AIModel(Named):
    """An AI model that users can choose, under the name that they see.

    A variant is a model of its own: "Claude 4.5 Haiku (reasoning)".
    """

    developer = models.CharField(
        max_length=200,
        blank=True,
        help_text="Who made it. The EU AI Act calls the developer the provider.",
    )
    aliases = models.TextField(
        blank=True, help_text="The names that APIs use, one a line: gpt-5-2025-08-07."
    )
    continues = models.TextField(
        blank=True,
        help_text=(
            "The ids of models whose history this one takes on, one a line: it is the same model "
            "under another id."
        ),
    )
    retention_floor = models.ForeignKey(
        RetentionTerm,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="floor_of",
        help_text="A term that no host of this model can go below.",
    )

    class Meta:
        verbose_name = "model"
        ordering = ["name"]
        constraints = [not_empty("name"), short_slug()]
