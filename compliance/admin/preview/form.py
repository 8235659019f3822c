"""A form that shows what saving it would change: the save itself is rehearsed and taken back."""

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
from compliance.workingcopy.preview import dry_run

BUTTON = "_preview"
_SHOWN = "compliance.preview"


def is_asked(request: HttpRequest) -> bool:
    """Return whether the form was sent to be shown what it would change, not to be saved."""
    return request.method == "POST" and BUTTON in request.POST


def shown(request: HttpRequest) -> Any:
    """Return the preview that was made for this answer, None where there is none."""
    return request.META.get(_SHOWN)


class OnlyShown:
    """A form that is shown again with what was typed: it is bound and clean, but nothing may be saved from it."""

    def is_valid(self) -> bool:
        """Refuse, without an error: the same form was just rehearsed."""
        return False


class DiscardedMessages(BaseStorage):
    """Messages of a rehearsal. What it says was done was not."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Message], bool]:
        return [], True

    def _store(self, messages: list[Any], response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return []

    def doubts(self) -> tuple[str, ...]:
        """Return what was warned of."""
        return tuple(str(each.message) for each in self if each.level == constants.WARNING)


def previewed(request: HttpRequest, show: Callable[[], Any]) -> Any:
    """Return the form again, with what saving it would change above it, or with its errors.

    `show` is the admin's own view: it saves and redirects, or shows the form.
    """
    said, kept = DiscardedMessages(request), messages.get_messages(request)
    request._messages = said  # type: ignore[attr-defined]
    try:
        with dry_run(by=acting(request), at=timezone.now()) as rehearsed:
            answer = show()
    finally:
        request._messages = kept  # type: ignore[attr-defined]
    if _asks_again(answer):
        return answer
    request.META[_SHOWN] = preview(rehearsed, doubts=said.doubts())
    return show()


def of_deletion(request: HttpRequest, records: QuerySet[Any]) -> Preview | None:
    """Return what deleting records would change; None where one is in use."""
    try:
        with dry_run(by=acting(request), at=timezone.now()) as rehearsed:
            for record in records.all():
                record.delete()
    except ProtectedError:
        return None
    return preview(rehearsed)


def _asks_again(answer: HttpResponse) -> bool:
    """Say whether it is the form with its errors, or what somebody else saved meanwhile."""
    return isinstance(answer, TemplateResponse) and bool(
        {"adminform", "opts"} & set(answer.context_data or ())
    )
