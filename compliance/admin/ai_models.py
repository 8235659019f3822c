"""AI models."""

from django.contrib import admin

from compliance.admin.act_forms import OF_MODEL
from compliance.admin.acts import DoesActs
from compliance.admin.sites import site
from compliance.admin.tracked import NamedForm, TrackedAdmin
from compliance.models import AIModel


@admin.register(AIModel, site=site)
class AIModelAdmin(DoesActs, TrackedAdmin):
    """Models as users see them named. Most are made on a listing's form."""

    form = NamedForm
    acts = OF_MODEL
    fieldsets = [(None, {"fields": ["name", "developer", "aliases", "retention_floor"]})]
    allowed_lookups = ["retention_floor__id__exact"]
    list_display = ["name", "developer", "retention_floor"]
    list_select_related = ["retention_floor"]
    search_fields = ["name", "developer", "aliases"]
    search_help_text = "Search names, developers and aliases."
