"""Listings: the rows of a table, with their models, providers, documents and other cells."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from compliance.models.ai_models import AIModel
from compliance.models.choices import TRAINING_USES, one_of
from compliance.models.providers import PolicyDocument, Provider
from compliance.models.registers import Register
from compliance.models.sections import Column, Section
from compliance.models.terms import RetentionTerm
from compliance.models.tracked import Tracked
from compliance.page import inline, lengths, urls
from compliance.page.diff.sentences import label_of_row
from compliance.page.vocabulary import ColumnRole

_POSITION = "Printed from the lowest to the highest. Leave gaps: 10, 20, 30."
_PRINTED_TEXT = "Markdown in one line, with links. Empty: the name."


class Listing(Tracked):
    """What stands in one row of a table, with a cell for each column of its section.

    A claim that it does not state is derived from what the providers declare and the models
    require, and its documents are those of its providers. Editors edit a listing with all its parts
    on one form, and can publish one listing without the others.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="listings")
    position = models.PositiveIntegerField("order", default=0, help_text=_POSITION)

    class Meta:
        verbose_name = "row"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        """Return what sentences and choices call the row, as `row_label` does for a printed one.

        Prefetch what names it (`admin.components.labels.name_relations`) for several rows.
        """
        models = [listed.words for listed in self.listed_models.all()]
        return label_of_row(models, () if models else self.first_cell)

    @property
    def first_cell(self) -> list[str]:
        """The words that the row itself has in the first column, which is its header."""
        column = next(iter(self.section.columns.all()), None)
        if column is None:
            return []
        match column.role:
            case ColumnRole.MODELS:
                return [listed.words for listed in self.listed_models.all()]
            case ColumnRole.PROVIDERS:
                return [listed.words for listed in self.listed_providers.all()]
            case ColumnRole.DOCUMENTS:
                return [str(listed) for listed in self.listed_documents.all()]
        return [cell.words for cell in self.cells.all() if cell.column_id == column.pk]

    @property
    def register(self) -> Register:
        """The register that the section belongs to."""
        return self.section.register

    @property
    def register_id(self) -> int:
        return self.section.register_id


class ListedModel(Tracked):
    """An AI model in a listing: an item of the cell in the models column."""

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="listed_models", verbose_name="row"
    )
    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="listed")
    position = models.PositiveIntegerField("order", default=0, help_text=_POSITION)
    text = models.CharField(
        "printed text", max_length=lengths.ITEM.most, blank=True, help_text=_PRINTED_TEXT
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.model.name

    @property
    def words(self) -> str:
        """What a reader sees: the printed text, or else the name."""
        return inline.plain(self.text) or self.model.name

    @property
    def part_of(self) -> Listing:
        return self.listing

    def clean(self) -> None:
        """Refuse a text that no cell can hold; take emphasis out of it, which no cell has."""
        self.text = cell_text(self.text)


class ListedProvider(Tracked):
    """A provider in a listing: an item of the cell in the providers column."""

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="listed_providers", verbose_name="row"
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="listed")
    position = models.PositiveIntegerField("order", default=0, help_text=_POSITION)
    text = models.CharField(
        "printed text", max_length=lengths.ITEM.most, blank=True, help_text=_PRINTED_TEXT
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.provider.name

    @property
    def words(self) -> str:
        """What a reader sees: the printed text, or else the name."""
        return inline.plain(self.text) or self.provider.name

    @property
    def part_of(self) -> Listing:
        return self.listing

    def clean(self) -> None:
        """Refuse a text that no cell can hold; take emphasis out of it, which no cell has."""
        self.text = cell_text(self.text)


class ListedDocument(Tracked):
    """A document that a listing states itself: an item of the cell in the documents column.

    A listing without any prints the documents of its providers, in the order of the providers,
    unless a blank cell in the column says that it prints none.
    """

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="listed_documents", verbose_name="row"
    )
    document = models.ForeignKey(PolicyDocument, on_delete=models.PROTECT, related_name="listed")
    position = models.PositiveIntegerField("order", default=0, help_text=_POSITION)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return str(self.document)

    @property
    def part_of(self) -> Listing:
        return self.listing


class Cell(Tracked):
    """One item that a listing states in a column other than those of models and providers.

    A column of text or places has as many as it prints. A column of training or retention has one,
    or none where the claim is derived; it is blank where the listing states an empty claim. In a
    column of documents there is only the blank one, which says that none is printed.
    """

    listing = models.ForeignKey(
        Listing, on_delete=models.CASCADE, related_name="cells", verbose_name="row"
    )
    column = models.ForeignKey(Column, on_delete=models.PROTECT, related_name="cells")
    position = models.PositiveIntegerField("order", default=0, help_text=_POSITION)
    text = models.CharField(
        max_length=lengths.ITEM.most,
        blank=True,
        help_text="Markdown in one line, with links. A claim without one prints its usual wording.",
    )
    use = models.CharField(
        "training use", max_length=15, choices=TRAINING_USES, blank=True, help_text="Of a training."
    )
    term = models.ForeignKey(
        RetentionTerm,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cells",
        help_text="Of a retention.",
    )
    is_blank = models.BooleanField(
        "empty on purpose", default=False, help_text="On: the page prints nothing here."
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            one_of("use", TRAINING_USES, blank=True),
            models.CheckConstraint(
                condition=Q(is_blank=False) | Q(text="", use="", term__isnull=True),
                name="%(app_label)s_%(class)s_blank_states_nothing",
                violation_error_message="A cell that is empty on purpose has nothing in it.",
            ),
            models.CheckConstraint(
                condition=Q(is_blank=True) | Q(text__gt="") | Q(use__gt="") | Q(term__isnull=False),
                name="%(app_label)s_%(class)s_states_something",
                violation_error_message="The cell is empty. Leave it out, or say that it is meant.",
            ),
            models.CheckConstraint(
                condition=Q(use="") | Q(term__isnull=True),
                name="%(app_label)s_%(class)s_claims_one_thing",
                violation_error_message="A cell is about training or about retention.",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def part_of(self) -> Listing:
        return self.listing

    @property
    def words(self) -> str:
        """What a reader sees, or what the cell claims where it has no text of its own."""
        if self.text:
            return inline.plain(self.text)
        return self.term.wording if self.term else self.get_use_display()

    def clean(self) -> None:
        """Refuse a cell of another section's column, and one that does not fit its column.

        Emphasis is taken out of the text, because no cell has it.
        """
        if self.column.section_id != self.listing.section_id:
            raise ValidationError(
                {"column": f"{self.column} is not a column of the row's section."}
            )
        if fault := self._misfit(ColumnRole(self.column.role)):
            raise ValidationError(fault)
        self.text = cell_text(self.text)
        if self.term and self.text and inline.plain(self.text) != self.term.wording:
            raise ValidationError(
                {"text": f"It reads otherwise than its retention term, “{self.term.wording}”."}
            )

    def _misfit(self, role: ColumnRole) -> dict[str, str] | None:
        """Return what does not fit a column of a role, None if everything does."""
        if role in (ColumnRole.MODELS, ColumnRole.PROVIDERS):
            return {"column": f"{self.column} lists {role}, which are no cells of their own."}
        if role is ColumnRole.DOCUMENTS and not self.is_blank:
            return {"column": f"{self.column} lists documents. Add the document to the row."}
        if self.use and role is not ColumnRole.TRAINING:
            return {"use": f"{self.column} is not about training."}
        if self.term_id and role is not ColumnRole.RETENTION:
            return {"term": f"{self.column} is not about retention."}
        if self.is_blank:
            fault = {"is_blank": "An empty text needs no cell. Delete it."}
            return fault if role.is_text else None
        if role is ColumnRole.TRAINING and not self.use:
            return {"use": f"Say what “{self.text}” means for training."}
        if role is ColumnRole.RETENTION and not self.term_id:
            return {"term": f"Say what “{self.text}” means for retention."}
        return None


def cell_text(text: str) -> str:
    """Return inline Markdown as cells hold it; raises ValidationError for what they cannot hold."""
    if fault := inline.fault(text):
        raise ValidationError({"text": fault})
    if text and not inline.plain(text).strip():
        raise ValidationError({"text": "It prints nothing. Write words, or leave it empty."})
    for run in inline.runs(text):
        if run.url and (fault := urls.link_fault(run.url)):
            raise ValidationError({"text": fault})
    return inline.normal(text)
