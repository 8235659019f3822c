"""The screens of listings. A listing is one row of the page."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.text import capfirst

from compliance.admin.bulk import BulkEditMixin
from compliance.admin.components.labels import NamedRecord, listing_title
from compliance.admin.history import queries
from compliance.admin.listings.action_views import ActionsMixin
from compliance.admin.listings.actions import LISTING_ACTIONS
from compliance.admin.listings.bulk import ListingBulkForm
from compliance.admin.listings.form import ListingForm, ListingRows
from compliance.admin.site import site
from compliance.models import Citation, Footnote, ListedModel, ListedProvider, Listing, Register

_ROWS = (
    Prefetch("listed_models", ListedModel.objects.select_related("model")),
    Prefetch("listed_providers", ListedProvider.objects.select_related("provider")),
)


@admin.register(Listing, site=site)
class ListingAdmin(ActionsMixin, BulkEditMixin):
    """Listings: which models go to which providers, on which terms."""

    form = ListingForm
    one_step_actions = LISTING_ACTIONS
    fieldsets = [
        (None, {"fields": ["register", "position"]}),
        ("Who gets which prompts", {"fields": ["model_lines", "provider_lines"]}),
        (
            "Terms",
            {
                "fields": [
                    "training_use",
                    "training_text",
                    "training_footnotes",
                    "retention_term",
                    "retention_footnotes",
                ]
            },
        ),
        ("Documents", {"fields": ["departs", "document_lines"]}),
        ("Footnotes of this register", {"fields": ["footnotes", "marked_everywhere"]}),
    ]
    readonly_fields = ["footnotes", "marked_everywhere"]
    set_once = ["register"]
    list_display = ["models", "providers", "training", "retention", "position", "register"]
    list_display_links = ["models"]
    list_filter = ["register", "listed_providers__provider"]
    allowed_lookups = [
        "register__id__exact",
        "listed_providers__provider__id__exact",
        "listed_documents__document__provider__id__exact",
        "listed_models__model__id__exact",
        "retention_term__id__exact",
    ]
    list_select_related = ["register", "retention_term"]
    search_fields = ["listed_models__model__name__says", "listed_providers__provider__name__says"]
    search_help_text = "Search the names of models and providers."
    ordering = ["register__title", "position", "id"]
    bulk_fields = ["training_use", "training_text", "retention_term"]
    bulk_form = ListingBulkForm
    bulk_prefetch = [*_ROWS, "listed_models__citations", "listed_providers__citations", "citations"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the listings; for their list, with what its columns show."""
        listings = super().get_queryset(request)
        if request.resolver_match is None or not str(request.resolver_match.url_name).endswith(
            "_changelist"
        ):
            return listings.select_related("register")
        return listings.prefetch_related(*_ROWS)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return the register where there is only one, so that it need not be chosen."""
        registers = list(Register.objects.all()[:2])
        return {"register": registers[0].pk} if len(registers) == 1 else {}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the rows and marks; report what changed and what is probably a mistake."""
        super().save_related(request, form, formsets, change)
        for sentence in form.save_rows():
            self.message_user(request, sentence, messages.SUCCESS)
        for sentence in form.doubts():
            self.message_user(request, sentence, messages.WARNING)

    def shown(self, record: Any) -> Any:
        """Return the listing with its title as its name."""
        prefetch_related_objects(
            [record], Prefetch("listed_models", ListedModel.objects.select_related("model"))
        )
        return NamedRecord(record, capfirst(listing_title(record)))

    def names_of(self, rows: Iterable[Any]) -> list[str]:
        """Return the names of listings at the time of their history rows."""
        return queries.names_at_the_time(rows)

    # The columns

    @admin.display(description="Models")
    def models(self, listing: Listing) -> str:
        """The models in order."""
        return ", ".join(row.model.name for row in listing.listed_models.all()) or "No model"

    @admin.display(description="Providers")
    def providers(self, listing: Listing) -> str:
        """The providers in order."""
        return ", ".join(row.provider.name for row in listing.listed_providers.all())

    @admin.display(description="Training")
    def training(self, listing: Listing) -> str:
        """What the listing itself says."""
        return (
            listing.training_text
            or listing.get_training_use_display()
            or "As the providers declare"
        )

    @admin.display(description="Retention")
    def retention(self, listing: Listing) -> str:
        """What the listing itself says."""
        return (
            listing.retention_term.wording if listing.retention_term else "As the providers declare"
        )

    # Read-only fields of the form

    @admin.display(description="Footnotes")
    def footnotes(self, listing: Listing) -> str:
        """The footnotes of the register, by number."""
        if listing.pk is None or listing.register_id is None:
            return ""
        return "\n".join(
            f"[{note.position}] {note.text}"
            for note in Footnote.objects.filter(register=listing.register)
        )

    @admin.display(description="Set on the footnote")
    def marked_everywhere(self, listing: Listing) -> str:
        """The footnotes that mark a model or provider wherever the register lists it."""
        if listing.register_id is None:
            return ""
        everywhere = Citation.objects.filter(
            footnote__register=listing.register, listing=None
        ).select_related("footnote", "provider", "model")
        in_models = everywhere.filter(model__listed__listing=listing)
        in_providers = everywhere.filter(provider__listed__listing=listing)
        names = set()
        for citation in [*in_models, *in_providers]:
            names.add(f"{citation.provider or citation.model} [{citation.footnote.position}]")
        return "\n".join(f"{name}, wherever it is listed" for name in sorted(names))

    # The form's own fields for people who may not edit: Django then shows methods of the admin.

    @admin.display(description="Models")
    def model_lines(self, listing: Listing) -> str:
        """The models with their marks."""
        return ListingRows(listing).model_lines()

    @admin.display(description="Providers")
    def provider_lines(self, listing: Listing) -> str:
        """The providers with their marks."""
        return ListingRows(listing).provider_lines()

    @admin.display(description="Documents")
    def document_lines(self, listing: Listing) -> str:
        """The documents with their marks."""
        return ListingRows(listing).document_lines()

    @admin.display(description="Footnotes on training")
    def training_footnotes(self, listing: Listing) -> str:
        """The numbers on the training cell."""
        return ListingRows(listing).cell_numbers("training")

    @admin.display(description="Footnotes on retention")
    def retention_footnotes(self, listing: Listing) -> str:
        """The numbers on the retention cell."""
        return ListingRows(listing).cell_numbers("retention")
