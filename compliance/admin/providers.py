"""The screens of providers, with their policy documents."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from compliance.admin.bulk import BulkEditMixin
from compliance.admin.components.labels import location_label, prefetch_locations
from compliance.admin.inlines import PartInline
from compliance.admin.reviewed import (
    REVIEW_FIELDS,
    OverdueFilter,
    ReviewedAdmin,
    ReviewMixin,
    today,
)
from compliance.admin.site import site
from compliance.admin.tracked import NamedForm
from compliance.models import Cell, PolicyDocument, Provider
from compliance.models.bulk import delete_all
from compliance.models.reviews import Reviewed
from compliance.page.vocabulary import ColumnRole

_CLAIMS = [role.value for role in ColumnRole if role.is_claim]
# More rows than these are changed together from the list of listings.
_MOST_ROWS = 100


class ProviderForm(NamedForm):
    """A provider, with the rows that state a claim which could follow what it declares."""

    follow = forms.MultipleChoiceField(
        label="Let these follow the provider",
        initial=(),  # a conflict posts what the form shows, and None would be a choice
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "What a ticked row says itself is deleted, with its footnote marks. It then prints"
            " what its providers declare."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cells: dict[str, Cell] = {}
        if "follow" in self.fields and not self.instance._state.adding:
            self.cells = {str(cell.pk): cell for cell in _stated_claims(self.instance)[:_MOST_ROWS]}
            labels = _labels(self.cells.values())
            follow: Any = self.fields["follow"]
            follow.choices = list(zip(self.cells, labels, strict=True))

    def delete_claims(self) -> None:
        """Delete the claims that shall follow the provider; it is saved already."""
        delete_all(self.cells[key] for key in self.cleaned_data.get("follow", ()))


def _stated_claims(provider: Provider) -> QuerySet[Cell]:
    """Return the claims that rows of a provider state themselves, in the order of pages."""
    listings = provider.listed.values("listing")
    cells = Cell.objects.filter(listing__in=listings, column__role__in=_CLAIMS)
    return cells.order_by(
        "listing__section__register__title",
        "listing__section__position",
        "listing__position",
        "listing",
        "column__position",
    )


def _labels(cells: Iterable[Cell]) -> list[str]:
    prefetch_locations(cells)
    return [capfirst(location_label(cell)) for cell in cells]


class DocumentInline(ReviewMixin, PartInline):
    """The documents of a provider."""

    model = PolicyDocument
    fields = [
        ("kind", "label"),
        "url",
        "position",
        "is_default",
        ("valid_from", "valid_until"),
        *REVIEW_FIELDS,
    ]
    readonly_fields = ["last_review"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the documents with their owners, who are named to people who may not edit."""
        return super().get_queryset(request).select_related("owner")


class ProviderOverdueFilter(OverdueFilter):
    """Filters providers that are overdue for review, or have a document that is.

    Documents have no list of their own that could be filtered.
    """

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*super().lookups(request, model_admin), ("documents", "With an overdue document")]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Provider] | None:
        """Return the providers of the chosen filter."""
        if self.value() != "documents":
            return super().queryset(request, queryset)
        late = PolicyDocument.objects.overdue(today())
        filtered: QuerySet[Provider] = queryset.filter(pk__in=late.values("provider"))
        return filtered


@admin.register(Provider, site=site)
class ProviderAdmin(ReviewedAdmin, BulkEditMixin):
    """Providers: who receives prompts, what they declare, and the documents that say so."""

    form = ProviderForm
    fieldsets = [
        (None, {"fields": ["name", "legal_entity", "website", "aliases"]}),
        ("What the provider declares", {"fields": ["declared_training", "declared_retention"]}),
        (
            "Places",
            {"fields": ["processing_countries", "storage_countries"], "classes": ["collapse"]},
        ),
        ("Review", {"fields": REVIEW_FIELDS}),
    ]
    follow_fieldset = ("Rows with a wording of their own", {"fields": ["follow"]})
    inlines = [DocumentInline]
    list_display = [
        "name",
        "declared_training",
        "declared_retention",
        "review_due",
        "owner",
        "legal_entity",
    ]
    list_filter = ["declared_training", ProviderOverdueFilter]
    allowed_lookups = ["declared_training__exact", "declared_retention__id__exact", "review"]
    list_select_related = ["declared_retention", "owner"]
    search_fields = [
        "name__says",
        "legal_entity__says",
        "aliases__says",
        "documents__label__says",
        "documents__url__says",
    ]
    search_help_text = "Search names, legal entities, aliases and documents."
    bulk_fields = [
        "legal_entity",
        "declared_training",
        "declared_retention",
        "owner",
        "review_interval",
        "processing_countries",
        "storage_countries",
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Offer to let rows follow the provider where some state their own claims."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj and _stated_claims(obj).exists():
            fieldsets.insert(2, self.follow_fieldset)
        return fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only show the rows to people who may not edit listings."""
        fields = super().get_readonly_fields(request, obj)
        may_edit = request.user.has_perm("compliance.change_listing")
        return fields if may_edit else [*fields, "follow"]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Let the ticked rows follow the provider."""
        super().save_related(request, form, formsets, change)
        form.delete_claims()

    @admin.display(description="Rows that do not follow the provider")
    def follow(self, provider: Provider) -> str:
        """The rows that state their own claims, for people who may not edit."""
        return "\n".join(_labels(list(_stated_claims(provider)[:_MOST_ROWS])))

    def to_review(self, record: Any) -> list[Reviewed]:
        """Return the provider with its documents."""
        return [
            record,
            *PolicyDocument.objects.with_reviews()
            .filter(provider=record)
            .select_related("provider"),
        ]
