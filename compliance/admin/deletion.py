"""Deletion that asks for a reason, and takes what is still as it was shown."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as delete_after_asking
from django.contrib.admin.utils import NestedObjects, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, OperationalError
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from compliance.admin.components.fields import (
    BUSY,
    ReasonField,
    acting,
    reason_errors,
    reason_typed,
)
from compliance.admin.components.usage import places
from compliance.admin.history import queries
from compliance.admin.history.mixin import HistoryMixin
from compliance.admin.preview import form
from compliance.models import Changeset, changesets

_NAME = "compliance.name"
_IN_USE = (
    "Something came to use it at the same moment, so nothing was deleted. Look at it and try again."
)
_OVERTAKEN = "This was changed after you were asked, so nothing was deleted. Look at it as it is now, and delete again."
_SHOWN = re.compile(r"([^:,]+):(\d{1,10}):(\d{1,18})(?:,|\Z)")


class DeletionMixin(HistoryMixin):
    """A record that can be deleted when nothing uses it."""

    actions = ["delete_selected"]
    delete_confirmation_template = "admin/tracked_delete.html"
    delete_selected_confirmation_template = "admin/tracked_delete_selected.html"

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Ask for the reason, then delete in a changeset what is still as it was shown."""
        record = self.get_object(request, unquote(object_id))
        if not self.has_delete_permission(request, record):
            raise PermissionDenied
        records = [record] if record else []
        context = {**(extra_context or {}), "version": _versions(records)}
        if record:
            context["object"] = self.shown(record)
            request.META[_NAME] = str(context["object"])
        if request.method == "POST":
            return self._delete(
                request, records, partial(super().delete_view, request, object_id, context)
            )
        context["preview"] = record and form.of_deletion(
            request, self.model.objects.filter(pk=record.pk)
        )
        return super().delete_view(request, object_id, context)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Say what was deleted, by the name that it had."""
        return super().response_delete(request, request.META.get(_NAME, obj_display), obj_id)

    @admin.action(permissions=["delete"], description="Delete selected %(verbose_name_plural)s")
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Ask for the reason, then delete the selected records in one changeset, if all are as they were shown."""
        show = partial(delete_after_asking, self, request, queryset)
        if "post" in request.POST:
            return self._delete(request, list(queryset), show)
        asked = show()
        if asked is not None and asked.context_data is not None:
            asked.context_data["version"] = _versions(queryset)
            asked.context_data["preview"] = form.of_deletion(request, queryset)
        return asked

    def _delete(self, request: HttpRequest, records: list[Any], delete: Callable[[], Any]) -> Any:
        """Delete in a changeset, or go back to the question and say what is missing or was in the way."""
        try:
            reason = ReasonField(error_messages=reason_errors("deleted")).clean(
                reason_typed(request)
            )
            with changesets.changeset(
                by=acting(request), reason=reason, source=Changeset.Source.ADMIN.value
            ):
                if request.POST.get("version") == _versions(records):
                    return delete()
            self.message_user(
                request, " ".join([_OVERTAKEN, *self._overtaken(request, records)]), messages.ERROR
            )
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        except (IntegrityError, ProtectedError):
            self.message_user(request, _IN_USE, messages.ERROR)
        except OperationalError:
            self.message_user(request, BUSY, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    def _overtaken(self, request: HttpRequest, records: Iterable[Any]) -> list[str]:
        """Return who did what to the records since they were shown, a sentence an act."""
        now = {str(record.pk): record for record in records}
        acts: dict[int, queries.ChangesetEntry] = {}
        for pk, version, opened in _SHOWN.findall(request.POST.get("version", "")):
            if pk not in now:
                acts |= {act.changeset.pk: act for act in self.entries_of(pk)[:1]}
            elif now[pk].lock_version != int(version):
                acts |= {
                    act.changeset.pk: act for act in queries.entries_since(now[pk], int(opened))
                }
        return [_sentence(act) for act in acts.values()]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete one by one, each with its history row."""
        for record in queryset:
            record.delete()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what a deletion takes along; what stands in its way is named with its place."""
        collector = NestedObjects(using="default")
        collector.collect(objs)
        if collector.protected:  # whether the person lacks a permission is not the question then
            return [], {}, set(), places(collector.protected)
        return super().get_deleted_objects(objs, request)


def _versions(records: Iterable[Any]) -> str:
    """Return what a confirmation carries of each record: its key, its version, and the last changeset in it."""
    return ",".join(
        sorted(
            f"{each.pk}:{each.lock_version}:{queries.last_changeset_number(type(each), each.pk)}"
            for each in records
        )
    )


def _sentence(act: queries.ChangesetEntry) -> str:
    lines = (f"{line.what}: {line.before or '–'} → {line.after or '–'}" for line in act.lines)
    return f"{queries.editor_name(act.changeset)} ({act.changeset.reason}): {'; '.join(lines)}."
