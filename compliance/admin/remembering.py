"""The history of a record on its screens: it is only read."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path, re_path
from django.urls.resolvers import URLPattern

from compliance.admin import history
from compliance.admin.naming import CallsRecords


class Remembers(CallsRecords):
    """A record whose history can be read, a deleted one's too."""

    def get_urls(self) -> list[URLPattern]:
        """Add the list of deleted records, and one row of history. All of them are only read."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("deleted/", self.admin_site.admin_view(self.deleted_view), name=f"{name}_deleted"),
            re_path(
                r"^(.+)/history/([^/]+)/$",
                self.admin_site.admin_view(self.history_row_view),
                name=f"{name}_simple_history",
            ),
            *super().get_urls(),
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show what was done to a record and its parts, a deleted one's too; a POST is refused."""
        return self._history(request, object_id)

    def history_row_view(self, request: HttpRequest, object_id: str, row_id: str) -> HttpResponse:
        """Show what the changeset of one history row did; a POST is refused."""
        return self._history(request, object_id, row_id)

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """List the deleted records with links to their history; a POST is refused."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = Paginator(history.deleted(self.model), 100).get_page(request.GET.get("p"))
        named = list(zip(page, self.names_of(page), strict=True))
        context = {"title": f"Deleted {self.opts.verbose_name_plural}", "page": page, "named": named}
        return self._page(request, "admin/deleted.html", context)

    def names_of(self, rows: Iterable[Any]) -> list[str]:
        """Return what the records of history rows are called."""
        return [str(row.history_object) for row in rows]

    def _history(self, request: HttpRequest, object_id: str, row_id: str | None = None) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        record = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        acts = self._acts(unquote(object_id))
        if row_id is not None:
            rows = self.model.history.filter(id=self._key(unquote(object_id)))
            wanted = [row.changeset_id for row in rows if str(row.history_id) == row_id]
            acts = [act for act in acts if act.changeset.pk in wanted]
        if not acts:
            raise Http404
        name = str(self.shown(record)) if record else "a deleted record"
        page = Paginator(acts, 50).get_page(request.GET.get("p"))
        context = {
            "title": f"History: {name}",
            "object": record and self.shown(record),
            "page": page,
            "is_deleted": record is None,
        }
        return self._page(request, "admin/history.html", context)

    def _acts(self, object_id: str) -> list[history.Act]:
        key = self._key(object_id)
        return history.of(self.model, key) if key is not None else []

    def _key(self, object_id: str) -> Any:
        """Return the primary key that an address names, None where it is none or out of the database's range."""
        field = self.model._meta.pk
        try:
            return field.clean(object_id, None)
        except (ValidationError, ValueError):
            return None

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, "subtitle": None, **context}
        )
