"""AI models, by the names that users know."""

from django.core.exceptions import ValidationError
from django.db import models

from compliance.models.choices import not_empty, short_slug
from compliance.models.terms import RetentionTerm
from compliance.models.tracked import Named
from compliance.page.continued import predecessors


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
            "The ids of models whose history this one takes on, one a line. It is the same model, "
            "which was listed under another id before, such as one made from a misspelt name."
        ),
    )
    retention_floor = models.ForeignKey(
        RetentionTerm,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="floor_of",
        help_text="The shortest retention that any provider of this model can offer.",
    )

    class Meta:
        verbose_name = "model"
        ordering = ["name"]
        constraints = [not_empty("name"), short_slug()]

    def clean(self) -> None:
        """Refuse a model that would come to continue itself."""
        if not self.continued_ids:
            return
        continues = {self.slug: self.continued_ids}
        for other in AIModel.objects.exclude(pk=self.pk).exclude(continues=""):
            continues[other.slug] = other.continued_ids
        if self.slug in predecessors(self.slug, continues):
            fault = f"{self.name} would continue itself. Take out the id that leads back."
            raise ValidationError({"continues": fault})

    @property
    def continued_ids(self) -> tuple[str, ...]:
        """The ids of the models whose history this one takes on."""
        return tuple(line.strip() for line in self.continues.splitlines() if line.strip())
