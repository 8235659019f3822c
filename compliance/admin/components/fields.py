"""The texts that a form of the admin takes, and who sends it why."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from compliance.page import text

# What somebody is told whose turn did not come in the time that the database waits.
BUSY = "So many are saving that your turn did not come, and nothing was changed. Do it again."


class MultilineField(forms.CharField):
    """A text of several lines, with a line feed at the end of each, whatever the browser sent."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        """Return the text with line feeds."""
        typed = super().to_python(value)
        return typed.replace("\r\n", "\n").replace("\r", "\n") if isinstance(typed, str) else typed


def reason_errors(done: str) -> dict[str, str]:
    return {"required": f"The reason is empty. Say why the register changes; nothing was {done}."}


class ReasonField(MultilineField):
    """Why something changes: a text that reads as it is stored, because the record shows it for good."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, **kwargs)

    def validate(self, value: Any) -> None:
        """Refuse no reason, and one that holds what may not be shown."""
        super().validate(value)
        if fault := text.fault(value, multiline=True):
            raise ValidationError(f"The reason cannot be recorded. {fault}")


def reason_typed(request: HttpRequest) -> str:
    """Return the reason that was typed, with line feeds, empty where there is none."""
    typed: str = MultilineField(required=False).to_python(request.POST.get("reason", ""))
    return typed


def acting(request: HttpRequest) -> Any:
    return request.user


# How the fields of tracked records are typed.
FORMFIELD_OVERRIDES: dict[Any, Any] = {
    models.URLField: {"assume_scheme": "https"},
    models.TextField: {"form_class": MultilineField},
    models.PositiveIntegerField: {
        "max_value": 1_000_000
    },  # far from what either database can hold, and steps after it
}
