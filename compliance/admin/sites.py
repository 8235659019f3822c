"""The one admin site."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from compliance.models import Changeset


class RegistryAdminSite(admin.AdminSite):
    """The staff's side of the registry."""

    site_header = "Compliance registry"
    site_title = "Compliance registry"
    index_title = "Working copy"
    empty_value_display = "–"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what can be edited, and the latest changesets to whoever may read them."""
        may_read = request.user.has_perm("compliance.view_changeset")
        latest = Changeset.objects.all()[:8] if may_read else Changeset.objects.none()
        return super().index(request, {"latest_changesets": latest, **(extra_context or {})})


site = RegistryAdminSite()
