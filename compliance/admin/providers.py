"""Providers with their policy documents."""

from django.contrib import admin

from compliance.admin.bulk import EditsTogether
from compliance.admin.parts import PartInline
from compliance.admin.sites import site
from compliance.admin.tracked import NamedForm
from compliance.models import PolicyDocument, Provider


class DocumentInline(PartInline):
    """The documents of a provider."""

    model = PolicyDocument
    fields = [("kind", "label"), "url", "position", "is_default", ("valid_from", "valid_until")]


@admin.register(Provider, site=site)
class ProviderAdmin(EditsTogether):
    """Who receives prompts, what they declare, and where they say so."""

    form = NamedForm
    fieldsets = [
        (None, {"fields": ["name", "legal_entity", "website", "aliases"]}),
        ("What the provider declares", {"fields": ["declared_training", "declared_retention"]}),
        ("Places", {"fields": ["processing_countries", "storage_countries"], "classes": ["collapse"]}),
    ]
    inlines = [DocumentInline]
    list_display = ["name", "legal_entity", "declared_training", "declared_retention"]
    list_filter = ["declared_training"]
    allowed_lookups = ["declared_training__exact", "declared_retention__id__exact"]
    list_select_related = ["declared_retention"]
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
        "processing_countries",
        "storage_countries",
    ]
