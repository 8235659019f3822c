"""Previews of a change form and of a deletion: what saving would change, without saving it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.messages import constants
from django.contrib.messages.storage.base import BaseStorage, Message
from django.db.models import ProtectedError, QuerySet
from django.forms.formsets import all_valid
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from compliance.admin.components.fields import acting
from compliance.admin.preview.summary import Preview, preview
from compliance.models.bulk import delete_all
from compliance.rendering.faults import screen_faults
from compliance.workingcopy.preview import dry_run

# Posted by the script that shows, while a person types, what saving would change.
_LIVE = "_live"
# The sentences in the bar. All of them are in the full preview.
_MOST_SENTENCES = 12
_LIVE_TEMPLATE = "admin/preview/live.html"


def is_live(request: HttpRequest) -> bool:
    """Return whether a script asks for the sentences of a preview, for the bar of the form."""
    return _LIVE in request.POST


def as_asked_for(request: HttpRequest, response: Any) -> Any:
    """Return the response of a form as it was asked for: whole, or for the bar of the form."""
    return _live_response(request, response) if is_live(request) else response


def unrendered(request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Return a response that holds the context of a change form, in place of the whole screen."""
    return TemplateResponse(request, _LIVE_TEMPLATE, context)


def _live_response(request: HttpRequest, response: Any) -> HttpResponse:
    """Return what saving would change as a few sentences, or why it could not be saved."""
    asked: Any = getattr(response, "context_data", None) or {}
    context: dict[str, Any] = {}
    if outcome := asked.get("preview"):
        sentences = [
            (shown.register, change) for shown in outcome.registers for change in shown.changes
        ]
        context = {
            "preview": outcome,
            "many": len(outcome.registers) > 1,
            "sentences": sentences[:_MOST_SENTENCES],
            "more": max(len(sentences) - _MOST_SENTENCES, 0),
        }
    elif "adminform" in asked:
        context["faults"] = list(screen_faults(asked))
    else:
        context["is_overtaken"] = "conflict" in asked
    return TemplateResponse(request, _LIVE_TEMPLATE, context)


class PreviewedFormMixin:
    """A form that is shown with its preview: it is validated, and never saved by Django's view."""

    errors: Any

    def is_valid(self) -> bool:
        """Return False without an error, so that Django shows the form instead of saving it."""
        _ = self.errors  # validates the form
        return False


def valid_forms(response: HttpResponse) -> tuple[Any, list[Any]] | None:
    """Return the form and the formsets of a response that shows them, None if one has an error."""
    context: Any = getattr(response, "context_data", None) or {}
    if "adminform" not in context:
        return None  # a conflict, or a record that was deleted
    form = context["adminform"].form
    formsets = [inline.formset for inline in context["inline_admin_formsets"]]
    return None if form.errors or not all_valid(formsets) else (form, formsets)


class DiscardedMessages(BaseStorage):
    """The messages of a dry run. They report a save that was rolled back: nobody may see them."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Message], bool]:
        return [], True

    def _store(self, messages: list[Any], response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return []

    def warnings(self) -> tuple[str, ...]:
        """Return the texts of the warnings, which the preview shows itself."""
        return tuple(str(item.message) for item in self if item.level == constants.WARNING)


def preview_of_save(request: HttpRequest, save: Callable[[], None]) -> Preview:
    """Return what saving a form would change; `save` writes the form, which is valid.

    Raises what saving raises, where the database refuses it.
    """
    discarded, kept = DiscardedMessages(request), messages.get_messages(request)
    request._messages = discarded  # type: ignore[attr-defined]
    try:
        with dry_run(by=acting(request), at=timezone.now()) as dry_run_result:
            save()
    finally:
        request._messages = kept  # type: ignore[attr-defined]
    return preview(dry_run_result, doubts=discarded.warnings())


def preview_of_deletion(request: HttpRequest, records: QuerySet[Any]) -> Preview | None:
    """Return what deleting the records would change; None where something uses one of them."""
    try:
        with dry_run(by=acting(request), at=timezone.now()) as dry_run_result:
            delete_all(records.all())
    except ProtectedError:
        return None
    return preview(dry_run_result)
