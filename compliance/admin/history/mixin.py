"""Adds the read-only screens of a record's history to its admin class."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest
from django.urls import re_path
from django.urls.resolvers import URLPattern
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from compliance.admin.components.labels import LabelMixin
from compliance.admin.history import queries
from compliance.admin.history.rows import rows_of
from compliance.admin.history.timeline import record_scope
from compliance.admin.history.views import timeline_response


class HistoryMixin(LabelMixin):
    """Shows the history of records, deleted ones included. The screens take only GET and HEAD."""

    def get_urls(self) -> list[URLPattern]:
        """Add the screen of one history row."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            re_path(
                r"^(.+)/history/([^/]+)/$",
                self.admin_site.admin_view(self.history_row_view),
                name=f"{name}_simple_history",
            ),
            *super().get_urls(),
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show what was done to a record and its parts."""
        return self._history(request, object_id)

    def history_row_view(self, request: HttpRequest, object_id: str, row_id: str) -> Any:
        """Show what the changeset of one history row did to a record and its parts."""
        return self._history(request, object_id, row_id)

    def names_of(self, rows: Iterable[Any]) -> list[str]:
        """Return the names of the records of history rows."""
        return [str(row.history_object) for row in rows]

    @method_decorator(require_safe)
    def _history(self, request: HttpRequest, object_id: str, row_id: str | None = None) -> Any:
        key = parse_key(self.model, unquote(object_id))
        record = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        rows = rows_of(self.model).filter(id=key)
        if row_id is not None:
            rows = rows.filter(history_id=parse_key(self.model.history.model, row_id))
        row = rows.first()
        if row is None:
            raise Http404
        shown = self.shown(record) if record else None
        context = {
            "title": f"History: {shown or 'a deleted record'}",
            "opts": self.opts,
            "here": "History",
            "object": shown,
            "is_deleted": record is None,
            "may_restore": self.has_add_permission(request),
            "here_about": (self.model, key),
            **self.history_context(request, record),
        }
        return timeline_response(
            request,
            self.admin_site,
            record_scope(self.model, key),
            context=context,
            file_name=f"history-{self.opts.model_name}-{key}",
            changeset=row.changeset_id if row_id is not None else None,
        )

    def entries_of(self, key: str) -> list[queries.ChangesetEntry]:
        """Return what was done to a record and its parts, latest first; none for no valid key."""
        pk = parse_key(self.model, key)
        return queries.entries_of_record(self.model, pk) if pk is not None else []

    def history_context(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Return more context for the history screen of a record; None is a deleted record."""
        return {}


def parse_key(model: Any, text: str) -> Any:
    """Return the primary key that an address names, None if no record can have it."""
    try:
        return model._meta.pk.clean(text, None)
    except (ValidationError, ValueError):
        return None
