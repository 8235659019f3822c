"""The screens of registers, with the preview of a page and the time line of a register."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.safestring import SafeString

from compliance.admin.components.states import StateMixin
from compliance.admin.history.timeline import register_scope
from compliance.admin.history.views import timeline_response
from compliance.admin.imports import PageImportMixin
from compliance.admin.listings.action_views import ActionsMixin
from compliance.admin.listings.actions import REGISTER_ACTIONS
from compliance.admin.listings.page_views import PageMixin
from compliance.admin.sections import RegisterForm
from compliance.admin.site import site
from compliance.admin.tracked import TrackedAdmin
from compliance.models import Register
from compliance.rendering.html import html_body
from compliance.workingcopy.resolve import capture


@admin.register(Register, site=site)
class RegisterAdmin(StateMixin, ActionsMixin, PageImportMixin, PageMixin, TrackedAdmin):
    """Registers: the sections of a page with their columns, and who answers for it."""

    form = RegisterForm
    change_form_template = "admin/register_form.html"
    change_list_template = "admin/register_list.html"
    one_step_actions = REGISTER_ACTIONS
    fieldsets = [
        (None, {"fields": ["title", "slug", "link_base", "language"]}),
        ("Who answers for it", {"fields": ["publisher", "contact", "licence"]}),
    ]
    set_once = ["slug"]
    list_display = ["title", "state", "slug", "publisher", "language"]
    search_fields = ["title__says", "slug__says"]
    search_help_text = "Search titles and slugs."

    def get_urls(self) -> list[URLPattern]:
        """Add the preview and the time line."""
        preview = self.admin_site.admin_view(self.preview_view)
        timeline = self.admin_site.admin_view(self.timeline_view)
        return [
            path("<int:pk>/preview/", preview, name="compliance_register_preview"),
            path("<int:pk>/timeline/", timeline, name="compliance_register_timeline"),
            *super().get_urls(),
        ]

    def register_of(self, record: Any) -> int | None:
        """Return the key of the register itself."""
        return int(record.pk) if record.pk else None

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Add the sections, with their fields or for reading only."""
        may_edit = self.has_add_permission(request)
        if context["original"]:
            may_edit = self.has_change_permission(request, context["original"])
        form = context["adminform"].form
        context["may_edit_sections"] = may_edit
        context["sections"] = form.sections
        return super().render_change_form(request, context, *args, **kwargs)

    def typed_form(self, request: HttpRequest, key: str) -> Any:
        """Return the form of a deleted register, with the sections that were typed."""
        return self.get_form(request, None)(names=request.POST)

    def stored_form(self, request: HttpRequest, record: Any) -> Any:
        """Return the form of a register as it is stored, with the parts that were added to it."""
        return self.get_form(request, record, change=True)(instance=record, names=request.POST)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the sections and their columns as well."""
        super().save_related(request, form, formsets, change)
        form.save_sections()

    def timeline_view(self, request: HttpRequest, pk: int) -> Any:
        """Show the changesets of a register and everything in it, to people who may read those."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        register = self.get_object(request, str(pk))
        if not (
            self.has_view_permission(request, register)
            and request.user.has_perm("compliance.view_changeset")
        ):
            raise PermissionDenied
        if register is None:
            raise Http404
        context = {
            "title": f"Time line: {register}",
            "opts": self.opts,
            "object": register,
            "here": "Time line",
        }
        return timeline_response(
            request,
            self.admin_site,
            register_scope(register.pk),
            context=context,
            file_name=f"timeline-{register.pk}",
        )

    def history_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Add a link to the time line, which also has what was done to the listings."""
        if record is None or not request.user.has_perm("compliance.view_changeset"):
            return {}
        return {"elsewhere": reverse("admin:compliance_register_timeline", args=[record.pk])}

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the working copy as the page that it would be if it were published now."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        register = self.get_object(request, str(pk))
        if not self.has_view_permission(request, register):
            raise PermissionDenied
        if register is None:
            raise Http404
        # html_body escapes and sanitises; it is the same fragment that is frozen at submission.
        body = SafeString(html_body(capture(register)))
        return TemplateResponse(
            request, "admin/register_preview.html", {"register": register, "body": body}
        )
