"""The base class of admin screens that only show records."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from compliance.admin.components.change_form import ChangeFormMixin
from compliance.admin.components.lookups import LookupAllowlistMixin


class ReadOnlyAdmin(LookupAllowlistMixin, ChangeFormMixin):
    """Shows changesets or publications, which nobody may edit, superusers included.

    They are evidence: the database refuses to change or delete them too.
    """

    change_form_template = "admin/readonly_form.html"
    actions = None
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @method_decorator(require_safe)
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Answer 404: these records are never changed, so they have no history."""
        raise Http404
