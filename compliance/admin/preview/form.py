"""Previews of a change form and of a deletion: what saving would change, without saving it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.messages import constants
from django.contrib.messages.storage.base import BaseStorage, Message
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from compliance.admin.components.fields import acting
from compliance.admin.preview.summary import Preview, preview
from compliance.models.bulk import delete_all
from compliance.rendering.faults import screen_faults
from compliance.workingcopy.preview import dry_run

PREVIEW_BUTTON = "_preview"
# Posted by the script that shows, while a person types, what saving would change.
_LIVE = "_live"
# The sentences in the bar. All of them are in the full preview.
_MOST_SENTENCES = 12


def is_asked(request: HttpRequest) -> bool:
    """Return whether the preview button of a form was pressed, not the save button."""
    return request.method == "POST" and PREVIEW_BUTTON in request.POST


def is_live(request: HttpRequest) -> bool:
    """Return whether a script asks for the sentences of a preview, for the bar of the form."""
    return _LIVE in request.POST


def live_response(request: HttpRequest, outcome: Preview | HttpResponse) -> HttpResponse:
    """Return what saving would change as a few sentences, or why it could not be saved."""
    context: dict[str, Any] = {}
    if isinstance(outcome, Preview):
        sentences = [
            (shown.register, change) for shown in outcome.registers for change in shown.changes
        ]
        context = {
            "preview": outcome,
            "many": len(outcome.registers) > 1,
            "sentences": sentences[:_MOST_SENTENCES],
            "more": max(len(sentences) - _MOST_SENTENCES, 0),
        }
    else:
        asked: Any = getattr(outcome, "context_data", None) or {}
        if "adminform" in asked:
            context["faults"] = list(screen_faults(asked))
        else:
            context["is_overtaken"] = "conflict" in asked
    return TemplateResponse(request, "admin/preview/live.html", context)


class PreviewedFormMixin:
    """A form that is shown below its own preview: it is bound and clean, but must not be saved."""

    def is_valid(self) -> bool:
        """Return False without an error, so that Django shows the form again instead of saving."""
        return False


class DiscardedMessages(BaseStorage):
    """The messages of a dry run. They report a save that was rolled back: nobody may see them."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Message], bool]:
        return [], True

    def _store(self, messages: list[Any], response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return []

    def warnings(self) -> tuple[str, ...]:
        """Return the texts of the warnings, which the preview shows itself."""
        return tuple(str(item.message) for item in self if item.level == constants.WARNING)


def preview_of_save(
    request: HttpRequest, save: Callable[[], HttpResponse]
) -> Preview | HttpResponse:
    """Return what saving a form would change, or the response that asks the person again.

    `save` is the admin's own view. It saves the form and redirects; or, where the form has errors
    or somebody else saved meanwhile, it returns the page that says so.
    """
    discarded, kept = DiscardedMessages(request), messages.get_messages(request)
    request._messages = discarded  # type: ignore[attr-defined]
    try:
        with dry_run(by=acting(request), at=timezone.now()) as dry_run_result:
            response = save()
    finally:
        request._messages = kept  # type: ignore[attr-defined]
    if _asks_again(response):
        return response
    return preview(dry_run_result, doubts=discarded.warnings())


def preview_of_deletion(request: HttpRequest, records: QuerySet[Any]) -> Preview | None:
    """Return what deleting the records would change; None where something uses one of them."""
    try:
        with dry_run(by=acting(request), at=timezone.now()) as dry_run_result:
            delete_all(records.all())
    except ProtectedError:
        return None
    return preview(dry_run_result)


def _asks_again(response: HttpResponse) -> bool:
    """Return whether a response is a page of the admin (with errors or a conflict), no redirect."""
    return isinstance(response, TemplateResponse) and bool(
        {"adminform", "opts"} & set(response.context_data or ())
    )
