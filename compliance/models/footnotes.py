"""Footnotes, and the citations that print their marks on a page."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from compliance.models.ai_models import AIModel
from compliance.models.choices import not_empty
from compliance.models.listings import Cell, ListedDocument, ListedModel, ListedProvider
from compliance.models.providers import Provider
from compliance.models.registers import Register
from compliance.models.tracked import Tracked
from compliance.page import lengths
from compliance.page.formats import markdown


class Footnote(Tracked):
    """A numbered note below the last section of a register."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="footnotes")
    position = models.PositiveIntegerField(
        "number",
        validators=[MinValueValidator(1), MaxValueValidator(9999)],
        help_text="The number that the page prints. Marks follow the footnote, not its number.",
    )
    text = models.TextField(
        max_length=lengths.FOOTNOTE.most,
        help_text="Markdown: *emphasis* and [links](https://…). A backslash ends a line.",
    )
    valid_until = models.DateField(
        null=True, blank=True, help_text="Published. The last day on which it is true, if known."
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            not_empty("text"),
            models.CheckConstraint(
                condition=Q(position__gte=1), name="%(app_label)s_%(class)s_position_from_1"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.text[:60]}"

    def clean(self) -> None:
        """Refuse a text that no page can hold, and write it in the form that pages have."""
        if fault := lengths.FOOTNOTE.fault(self.text):
            raise ValidationError({"text": fault})
        self.text = markdown.canonical_note(self.text)
        if fault := markdown.footnote_fault(self.text) or markdown.links_fault(self.text):
            raise ValidationError({"text": fault})


_TARGETS = ("listed_model", "listed_provider", "listed_document", "cell", "provider", "model")


def _exactly_one_target() -> Q:
    """Return the condition that one target is set."""
    condition = Q()
    for target in _TARGETS:
        condition |= Q(**{f"{field}__isnull": field != target for field in _TARGETS})
    return condition


class Citation(Tracked):
    """One footnote's mark on one target.

    A target is a part of a listing (its model, provider or document, or a cell), or a provider or
    model itself. The last two print the mark wherever the footnote's register lists the provider or
    model, so a new listing gets it by itself.
    """

    TARGETS = _TARGETS

    footnote = models.ForeignKey(Footnote, on_delete=models.PROTECT, related_name="citations")
    listed_model = models.ForeignKey(
        ListedModel, on_delete=models.CASCADE, null=True, blank=True, related_name="citations"
    )
    listed_provider = models.ForeignKey(
        ListedProvider, on_delete=models.CASCADE, null=True, blank=True, related_name="citations"
    )
    listed_document = models.ForeignKey(
        ListedDocument, on_delete=models.CASCADE, null=True, blank=True, related_name="citations"
    )
    cell = models.ForeignKey(
        Cell, on_delete=models.CASCADE, null=True, blank=True, related_name="citations"
    )
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="citations"
    )
    model = models.ForeignKey(
        AIModel, on_delete=models.PROTECT, null=True, blank=True, related_name="citations"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_exactly_one_target(),
                name="%(app_label)s_%(class)s_exactly_one_target",
                violation_error_message="A citation marks exactly one thing.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.footnote.position} on {self.target}"

    @property
    def part_of(self) -> Tracked:
        """The part of a listing that it marks, or else the footnote.

        Citations of a listing are edited on the form of the listing, so they raise its version.
        """
        return (
            self.listed_model
            or self.listed_provider
            or self.listed_document
            or self.cell
            or self.footnote
        )

    @property
    def marked(self) -> tuple[str, Any]:
        """The target as plain data: the name of the target field, and the id."""
        field = self._target_field()
        return field, getattr(self, f"{field}_id")

    @property
    def target(self) -> models.Model:
        """The record that is marked."""
        target: models.Model = getattr(self, self._target_field())
        return target

    def _target_field(self) -> str:
        return next(field for field in _TARGETS if getattr(self, f"{field}_id") is not None)
