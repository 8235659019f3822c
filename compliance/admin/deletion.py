"""Deletion of records: it needs a reason, and that nothing was changed since it was asked for."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from collections.abc import Callable, Iterable
from copy import copy
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as delete_after_asking
from django.contrib.admin.utils import NestedObjects, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from compliance.admin.components.fields import (
    ReasonField,
    acting,
    reason_errors,
    reason_typed,
)
from compliance.admin.components.usage import location_labels
from compliance.admin.history import queries
from compliance.admin.history.mixin import HistoryMixin
from compliance.admin.preview.form import preview_of_deletion
from compliance.models import Changeset, changesets
from compliance.models.bulk import delete_all

_IN_USE = (
    "Something came to use it at the same moment, so nothing was deleted. Look at it and try again."
)
_OVERTAKEN = (
    "This was changed after you were asked, so nothing was deleted. "
    "Look at it as it is now, and delete again."
)
# One record in the text of `_versions`: its key, its version, and the last changeset in it.
_RECORD_VERSION = re.compile(r"([^:,]+):(\d{1,10}):(\d{1,18})(?:,|\Z)")


class DeletionMixin(HistoryMixin):
    """Records that can be deleted as long as nothing uses them."""

    actions = ["delete_selected"]
    delete_confirmation_template = "admin/tracked_delete.html"
    delete_selected_confirmation_template = "admin/tracked_delete_selected.html"
    deleted_name = ""  # set on the copy of this screen that answers one request

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show the question on GET; on POST delete the record if it is still as it was shown.

        The deletion needs a reason and runs in a changeset of its own.
        """
        record = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, record):
            raise PermissionDenied
        # A copy for this request: `response_delete` needs the name that the record had.
        screen = copy(self)
        records = [record] if record else []
        context = {**(extra_context or {}), "version": _versions(records)}
        if record:
            context["object"] = self.shown(record)
            screen.deleted_name = str(context["object"])
        show = partial(
            super(DeletionMixin, screen).delete_view, request, object_id, extra_context=context
        )
        if request.method == "POST":
            return screen._delete(request, records, show)
        if record:
            context["preview"] = preview_of_deletion(
                request, self.model.objects.filter(pk=record.pk)
            )
        return show()

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Report the deletion by the record's full name: the record is gone and cannot say it."""
        return super().response_delete(request, self.deleted_name or obj_display, obj_id)

    @admin.action(permissions=["delete"], description="Delete selected %(verbose_name_plural)s")
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Ask, or delete the selected records in one changeset if none was changed."""
        show = partial(delete_after_asking, self, request, queryset)
        if "post" in request.POST:
            return self._delete(request, list(queryset), show)
        question = show()
        if question is not None and question.context_data is not None:
            question.context_data["version"] = _versions(queryset)
            question.context_data["preview"] = preview_of_deletion(request, queryset)
        return question

    def _delete(self, request: HttpRequest, records: list[Any], delete: Callable[[], Any]) -> Any:
        """Delete the records in a changeset, or go back to the question with an error message."""
        try:
            reason = ReasonField(error_messages=reason_errors("deleted")).clean(
                reason_typed(request)
            )
            with changesets.changeset(
                by=acting(request), reason=reason, source=Changeset.Source.ADMIN.value
            ):
                # Asked inside of the changeset, whose lock keeps every other editor out.
                if request.POST.get("version") == _versions(records):
                    return delete()
            self.message_user(
                request, " ".join([_OVERTAKEN, *self._overtaken(request, records)]), messages.ERROR
            )
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        except (IntegrityError, ProtectedError):
            self.message_user(request, _IN_USE, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def _overtaken(self, request: HttpRequest, records: Iterable[Any]) -> list[str]:
        """Return a sentence for each changeset that touched the records since they were shown."""
        stored = {str(record.pk): record for record in records}
        acts: dict[int, queries.ChangesetEntry] = {}
        for pk, version, opened in _RECORD_VERSION.findall(request.POST.get("version", "")):
            if pk not in stored:
                acts |= {act.changeset.pk: act for act in self.entries_of(pk)[:1]}
            elif stored[pk].lock_version != int(version):
                acts |= {
                    act.changeset.pk: act for act in queries.entries_since(stored[pk], int(opened))
                }
        return [_sentence(act) for act in acts.values()]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the records with their history, which a queryset's `delete()` would not write."""
        delete_all(queryset)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what is deleted as well, and the place of each record that prevents it."""
        collector = NestedObjects(using="default")
        collector.collect(objs)
        # Django would also list missing permissions. They do not matter as long as it is in use.
        if collector.protected:
            return [], {}, set(), location_labels(collector.protected)
        return super().get_deleted_objects(objs, request)


def _versions(records: Iterable[Any]) -> str:
    """Return the versions of records as text, for the confirming request to carry.

    Each is named by its key, its version, and the last changeset that touched it.
    """
    versions = []
    for record in records:
        last_changeset = queries.last_changeset_number(type(record), record.pk)
        versions.append(f"{record.pk}:{record.lock_version}:{last_changeset}")
    return ",".join(sorted(versions))


def _sentence(act: queries.ChangesetEntry) -> str:
    lines = (f"{line.what}: {line.before or '–'} → {line.after or '–'}" for line in act.lines)
    return f"{queries.editor_name(act.changeset)} ({act.changeset.reason}): {'; '.join(lines)}."
