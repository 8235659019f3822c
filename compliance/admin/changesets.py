"""The record, to be read: changesets with what they did."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from compliance.admin.components.lookups import LookupAllowlistMixin
from compliance.admin.history import queries
from compliance.admin.history.timeline import of_everything
from compliance.admin.history.views import answer
from compliance.admin.site import site
from compliance.models import Changeset


class ReadOnlyAdmin(LookupAllowlistMixin, admin.ModelAdmin):
    """A part of the record: nobody adds, changes or deletes, superusers included."""

    change_form_template = "admin/readonly_form.html"
    actions = None
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse everybody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse everybody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse everybody."""
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Refuse everybody: the record is the history and has none itself."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        raise Http404


@admin.register(Changeset, site=site)
class ChangesetAdmin(ReadOnlyAdmin):
    """Who edited what, when and why."""

    change_form_template = "admin/changeset.html"
    fields = ["recorded", "who", "reason", "source"]
    search_fields = ["label__says", "reason__says"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the time line of everything instead of a list."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": "Changesets", "opts": self.opts, "here": "Changesets"}
        return answer(
            request, self.admin_site, of_everything(), context=context, file_name="changesets"
        )

    @admin.display(description="When")
    def recorded(self, changeset: Changeset) -> str:
        """The moment, in UTC."""
        return f"{changeset.recorded_at:%-d %b %Y, %H:%M} UTC"

    @admin.display(description="Who")
    def who(self, changeset: Changeset) -> str:
        """The account, or the user of the operating system."""
        return queries.who(changeset)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add what the changeset did."""
        context["lines"] = queries.of_changeset(kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)
