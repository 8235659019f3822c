"""The record, to be read: changesets with what they did."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed

from compliance.admin import history
from compliance.admin.lookups import RefusesUnlistedLookups
from compliance.admin.sites import site
from compliance.models import Changeset


class ReadOnlyAdmin(RefusesUnlistedLookups, admin.ModelAdmin):
    """A part of the record: nobody adds, changes or deletes, superusers included."""

    change_form_template = "admin/record_form.html"
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

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Refuse everybody: the record is the history and has none itself."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        raise Http404


@admin.register(Changeset, site=site)
class ChangesetAdmin(ReadOnlyAdmin):
    """Who edited what, when and why."""

    change_form_template = "admin/changeset.html"
    fields = ["recorded", "who", "reason", "source"]
    list_display = ["recorded", "who", "reason", "source"]
    list_filter = ["source"]
    allowed_lookups = ["source__exact"]
    search_fields = ["label", "reason"]
    search_help_text = "Search names and reasons."

    @admin.display(description="When", ordering="recorded_at")
    def recorded(self, changeset: Changeset) -> str:
        """The moment, in UTC."""
        return f"{changeset.recorded_at:%-d %b %Y, %H:%M} UTC"

    @admin.display(description="Who", ordering="label")
    def who(self, changeset: Changeset) -> str:
        """The account, or the user of the operating system."""
        return history.who(changeset)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Add what the changeset did."""
        context["lines"] = history.of_changeset(kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)
