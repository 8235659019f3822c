"""Form fields of the admin: texts of several lines, and the reason for a change."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from compliance.admin.components.days import DayField, DayInput
from compliance.models.changesets import MAX_REASON_LENGTH, reason_fault
from compliance.page import lengths, text


class LineField(forms.CharField):
    """A text of one line, in which what reads the same is the same, such as a no-break space."""

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        return text.normalised(typed).strip() if isinstance(typed, str) else typed


class MultilineField(forms.CharField):
    """A text of several lines, stored with LF for each line break.

    Browsers send CR LF, and what is pasted from Word has characters of its own for them. As in a
    LineField, what reads the same is the same.
    """

    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out `maxlength`: a browser would cut what is pasted without a word."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        if not isinstance(typed, str):
            return typed
        return "\n".join(map(text.plain_line, typed.splitlines()))


def reason_errors(done: str) -> dict[str, str]:
    """Return the error messages of a ReasonField; `done` is the participle of what it is for."""
    return {"required": f"The reason is empty. Say why you make this change; nothing was {done}."}


REASON_HELP = (
    "For colleagues and auditors; never shown to the public. "
    "Name the ticket, the mail or the decision."
)


class ReasonField(MultilineField):
    """Why something changes. History shows it for ever, so it must read as it is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_REASON_LENGTH, **kwargs)
        # Screens without a form clean this field by itself.
        self.error_messages.setdefault("max_length", lengths.TOO_LONG)

    def validate(self, value: Any) -> None:
        """Refuse an empty reason, and one with characters that may not be shown."""
        super().validate(value)
        is_short = len(value) <= MAX_REASON_LENGTH  # of the others, the length is said
        if value and is_short and (fault := reason_fault(value)):
            raise ValidationError(fault)


def reason_typed(request: HttpRequest) -> str:
    """Return the posted reason with its line breaks as LF; empty where none was posted."""
    typed: str = MultilineField(required=False).to_python(request.POST.get("reason", ""))
    return typed


def acting(request: HttpRequest) -> Any:
    """Return the user, typed as a changeset needs it: the admin lets nobody else in."""
    return request.user


# The form fields of tracked records, by model field.
FORMFIELD_OVERRIDES: dict[Any, Any] = {
    models.URLField: {"assume_scheme": "https", "widget": forms.URLInput},
    models.CharField: {"form_class": LineField},
    models.TextField: {"form_class": MultilineField},
    models.DateField: {"form_class": DayField, "widget": DayInput},
    # Room for all positions that are set in steps, and far below what either database can hold.
    models.PositiveIntegerField: {"max_value": 1_000_000},
}
