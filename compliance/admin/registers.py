"""Registers, and the preview of their working copy."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString

from compliance.admin.act_forms import OF_REGISTER
from compliance.admin.acts import DoesActs
from compliance.admin.page_imports import ImportsPages
from compliance.admin.sites import site
from compliance.admin.tracked import TrackedAdmin
from compliance.capture import capture
from compliance.models import Register
from compliance.rendering import html_body


@admin.register(Register, site=site)
class RegisterAdmin(DoesActs, ImportsPages, TrackedAdmin):
    """The public lists: their texts, labels and who answers for them."""

    change_form_template = "admin/register_form.html"
    change_list_template = "admin/register_list.html"
    acts = OF_REGISTER
    fieldsets = [
        (None, {"fields": ["title", "slug", "intro", "link_base", "language"]}),
        ("Who answers for it", {"fields": ["publisher", "contact", "licence"]}),
        (
            "Column labels",
            {"fields": ["models_label", "providers_label", "training_label", "retention_label", "documents_label"]},
        ),
    ]
    set_once = ["slug"]
    list_display = ["title", "slug", "publisher", "language"]
    search_fields = ["title", "slug"]
    search_help_text = "Search titles and slugs."

    def get_urls(self) -> list[URLPattern]:
        """Add the preview."""
        preview = self.admin_site.admin_view(self.preview_view)
        return [path("<int:pk>/preview/", preview, name="compliance_register_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the working copy as the page that it would be."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        register = self.get_object(request, str(pk))
        if not self.has_view_permission(request, register):
            raise PermissionDenied
        if register is None:
            raise Http404
        # html_body escapes and sanitises; it is the same fragment that is frozen at submission.
        body = SafeString(html_body(capture(register)))
        return TemplateResponse(request, "admin/preview.html", {"register": register, "body": body})
