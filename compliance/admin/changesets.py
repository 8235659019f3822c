"""The changesets in the admin: the time line of everything, and one changeset with its lines."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from compliance.admin.components.readonly import ReadOnlyAdmin
from compliance.admin.history import queries
from compliance.admin.history.timeline import everything_scope
from compliance.admin.history.views import timeline_response
from compliance.admin.listings.action_views import action_response
from compliance.admin.restore import UndoChangeset
from compliance.admin.site import site
from compliance.models import Changeset
from compliance.rendering.moments import minute_text


@admin.register(Changeset, site=site)
class ChangesetAdmin(ReadOnlyAdmin):
    """Shows who edited what, when and why."""

    change_form_template = "admin/changeset.html"
    fields = ["recorded", "who", "reason", "source"]
    search_fields = ["label__says", "reason__says"]

    def get_urls(self) -> list[URLPattern]:
        """Add the undoing of a changeset."""
        view = self.admin_site.admin_view(self.undo_view)
        return [
            path("<int:pk>/undo/", view, name="compliance_changeset_undo"),
            *super().get_urls(),
        ]

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what undoing a changeset would change, and do it once it is confirmed."""
        if not request.user.has_perms(UndoChangeset.permissions):
            raise PermissionDenied
        changeset = get_object_or_404(Changeset, pk=pk, kind=Changeset.Kind.EDIT)
        address = reverse("admin:compliance_changeset_change", args=[pk])
        whence = (str(changeset), address)
        return action_response(self, request, UndoChangeset, changeset, whence=whence)

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the time line of everything in place of a list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": "Edits", "opts": self.opts, "here": "Edits"}
        return timeline_response(
            request, self.admin_site, everything_scope(), context=context, file_name="changesets"
        )

    @admin.display(description="When")
    def recorded(self, changeset: Changeset) -> str:
        return minute_text(changeset.recorded_at)

    @admin.display(description="Who")
    def who(self, changeset: Changeset) -> str:
        return queries.editor_name(changeset)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Add the lines of the changeset to the context, and where it is undone."""
        changeset = kwargs["obj"]
        context["lines"] = queries.lines_of_changeset(changeset)
        context["may_undo"] = changeset.kind == Changeset.Kind.EDIT and request.user.has_perms(
            UndoChangeset.permissions
        )
        return super().render_change_form(request, context, *args, **kwargs)
