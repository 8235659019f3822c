"""The screens of providers, with their policy documents."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern

from compliance.admin.bulk import BulkEditMixin
from compliance.admin.components.states import StateMixin
from compliance.admin.followers import FollowersBulkForm, FollowersForm, FollowersMixin
from compliance.admin.inlines import PartInline
from compliance.admin.listings.action_views import action_response
from compliance.admin.listings.adoption import AdoptDeclarations
from compliance.admin.reviewed import (
    REVIEW_FIELDS,
    OverdueFilter,
    ReviewedAdmin,
    ReviewMixin,
    today,
)
from compliance.admin.site import site
from compliance.admin.tracked import NamedForm
from compliance.models import PolicyDocument, Provider
from compliance.models.reviews import Reviewed


class ProviderForm(NamedForm, FollowersForm):
    """A provider, with the rows that state a claim which could follow what it declares."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "follow" in self.fields:
            self.fields["follow"].label = "Let these follow the provider"


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
class ProviderAdmin(StateMixin, FollowersMixin, ReviewedAdmin, BulkEditMixin):
    """Providers: who receives prompts, what they declare, and the documents that say so."""

    form = ProviderForm
    change_list_template = "admin/provider_list.html"
    fieldsets = [
        (None, {"fields": ["name"]}),
        ("What the provider declares", {"fields": ["declared_training", "declared_retention"]}),
        (
            "Legal entity, website, other names and countries",
            {
                "fields": [
                    "legal_entity",
                    "website",
                    "aliases",
                    "processing_countries",
                    "storage_countries",
                ],
                "classes": ["collapse"],
                "description": "The page, its data files and its API publish these.",
            },
        ),
        ("Review", {"fields": REVIEW_FIELDS, "classes": ["collapse"]}),
    ]
    followers_place = 2
    is_closed = False
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
    bulk_form = FollowersBulkForm
    bulk_fields = [
        "legal_entity",
        "declared_training",
        "declared_retention",
        "owner",
        "review_interval",
        "processing_countries",
        "storage_countries",
    ]

    def get_urls(self) -> list[URLPattern]:
        """Add the adoption of declarations, for the providers of all registers."""
        view = self.admin_site.admin_view(self.adopt_view)
        return [path("adopt/", view, name="compliance_provider_adopt"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Link to the adoption of declarations, for those who may."""
        may_adopt = request.user.has_perms(AdoptDeclarations.permissions)
        return super().changelist_view(request, {"may_adopt": may_adopt, **(extra_context or {})})

    def adopt_view(self, request: HttpRequest) -> HttpResponse:
        """Propose what providers could declare, preview it, and adopt it once confirmed."""
        if not request.user.has_perms(AdoptDeclarations.permissions):
            raise PermissionDenied
        whence = ("Providers", reverse("admin:compliance_provider_changelist"))
        return action_response(self, request, AdoptDeclarations, None, whence=whence)

    def to_review(self, record: Any) -> list[Reviewed]:
        """Return the provider with its documents."""
        return [
            record,
            *PolicyDocument.objects.with_reviews()
            .filter(provider=record)
            .select_related("provider"),
        ]
