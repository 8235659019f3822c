"""Providers and their policy documents."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django_countries.fields import CountryField

from compliance.models.choices import DOCUMENT_KINDS, TRAINING_USES, not_empty, one_of, short_slug
from compliance.models.reviews import REVIEW_INTERVALS, Reviewed
from compliance.models.terms import RetentionTerm
from compliance.models.tracked import Named
from compliance.page.documents import document_label, is_contact, is_placeholder
from compliance.page.snapshot import Declared
from compliance.page.vocabulary import DocumentKind, TrainingUse


class Provider(Named, Reviewed):
    """A company or API service that receives users' prompts.

    The GDPR calls it a processor or subprocessor (articles 4(8) and 28).
    """

    legal_entity = models.CharField(
        max_length=200, blank=True, help_text="As in the contract: OpenAI Ireland Ltd."
    )
    website = models.URLField(max_length=2000, blank=True, help_text="https://…")
    processing_countries = CountryField(
        multiple=True, blank=True, help_text="Where prompts are processed."
    )
    storage_countries = CountryField(
        multiple=True, blank=True, help_text="Where prompts are stored."
    )
    declared_training = models.CharField(
        max_length=15,
        choices=TRAINING_USES,
        blank=True,
        help_text=(
            "What the provider says of all its API traffic. A row that says nothing itself"
            " prints the worst of its providers' declarations."
        ),
    )
    declared_retention = models.ForeignKey(
        RetentionTerm,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="declared_by",
        help_text="How long it says that it keeps prompts, for all its API traffic.",
    )
    aliases = models.TextField(
        blank=True, help_text="Other names that pages and contracts use, one a line."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            not_empty("name"),
            short_slug(),
            one_of("declared_training", TRAINING_USES, blank=True),
            one_of("review_interval", REVIEW_INTERVALS),
        ]

    def declared(self) -> Declared | None:
        """Return what the provider declares, None where it declares nothing."""
        if not self.declared_training and not self.declared_retention:
            return None
        training = TrainingUse(self.declared_training) if self.declared_training else None
        term = self.declared_retention
        return Declared(training, term.to_snapshot() if term else None)


class PolicyDocument(Reviewed):
    """A document in which a provider says what it does with data.

    It is a privacy policy, an FAQ, terms of service, a data processing agreement (DPA) or a private
    agreement, which need not be on the web.
    """

    provider = models.ForeignKey(
        Provider,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="documents",
        help_text="Empty only where an imported page does not say whose document it is.",
    )
    position = models.PositiveIntegerField(
        "order", default=0, help_text="Printed from the lowest to the highest."
    )
    kind = models.CharField(
        max_length=15, choices=DOCUMENT_KINDS, default=DocumentKind.PRIVACY_POLICY.value
    )
    label = models.CharField(
        max_length=200,
        blank=True,
        help_text=(
            "Leave empty to print the provider's name and the kind,"
            " for example: OpenAI Privacy Policy."
        ),
    )
    url = models.URLField(
        "URL", max_length=2000, blank=True, help_text="Only a private agreement may have none."
    )
    is_default = models.BooleanField(
        "shown by default",
        default=True,
        help_text="If not ticked, only the rows that name it themselves show it.",
    )
    valid_from = models.DateField(
        null=True, blank=True, help_text="Published, but not printed on the page."
    )
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            one_of("kind", DOCUMENT_KINDS),
            one_of("review_interval", REVIEW_INTERVALS),
            models.CheckConstraint(
                # An imported page may hold a bare answer in place of a document: of another kind.
                condition=Q(url__gt="")
                | Q(kind__in=[DocumentKind.AGREEMENT.value, DocumentKind.OTHER.value]),
                name="%(app_label)s_%(class)s_url_or_agreement",
                violation_error_message="Only an agreement may have no URL.",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gte=models.F("valid_from")),
                name="%(app_label)s_%(class)s_valid_in_order",
                violation_error_message="The document would end before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return self.printed_label

    @property
    def part_of(self) -> Provider | None:
        return self.provider

    @property
    def printed_label(self) -> str:
        """The label, or if it is empty the provider's name and the kind."""
        return printed_label(self.label, self.provider.name if self.provider else None, self.kind)

    def clean(self) -> None:
        """Refuse a document without text or without the URL that it needs, and a contact."""
        if is_contact(self.label, self.url):
            raise ValidationError(
                {
                    "label": f"“{self.label}” is a contact, no document. Link the policy, and put "
                    "the contact in a column of text or in the text of the page."
                }
            )
        is_answer = bool(self.label) and is_placeholder(self.label, self.url)
        if is_answer and self.kind == DocumentKind.AGREEMENT.value:
            raise ValidationError(
                {
                    "label": f"“{self.label}” is no document. Link the document, name the "
                    "agreement, or leave this document out."
                }
            )
        if not self.url and self.kind == DocumentKind.OTHER.value and not is_answer:
            raise ValidationError("Only an agreement may have no URL.")
        if self.provider_id is None and self.provider is None and not self.label:
            raise ValidationError({"label": "A document without a provider needs a label."})


def printed_label(label: str, provider: str | None, kind: str) -> str:
    """Return the label of a document, or if it is empty the provider's name and the kind."""
    if label or provider is None:
        return label
    return document_label(provider, DocumentKind(kind))
