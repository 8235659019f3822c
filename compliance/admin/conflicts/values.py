"""Values of form fields: as a browser posts them, and as they read on the screen."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from compliance.rendering.marked_words import MarkedText, marked_words


def carry_opened_values(form: Any) -> None:
    """Let a form post, in hidden fields, what it showed when it was opened.

    It is Django's `show_hidden_initial`. Three versions can be compared only because of it.
    """
    for name, field in form.fields.items():
        field.show_hidden_initial = name != "reason"


def visible_fields(form: Any) -> Iterator[BoundField]:
    """Yield the fields of a form that hold something of the record."""
    for name, field in form.fields.items():
        if name not in ("reason", "DELETE") and not field.widget.is_hidden:
            yield form[name]


def typed_value(bound: BoundField, posted: QueryDict, prefix: str) -> Any:
    """Return what was typed into a field, from a form that was posted under a prefix."""
    name = prefixed(prefix, bound.name)
    return bound.field.widget.value_from_datadict(posted, MultiValueDict(), name)


def opened_value(bound: BoundField, posted: QueryDict, prefix: str) -> Any:
    """Return what a field showed when its form was opened; see `carry_opened_values`."""
    name = f"initial-{prefixed(prefix, bound.name)}"
    return bound.field.hidden_widget().value_from_datadict(posted, MultiValueDict(), name)


def typed_texts(form: Any, posted: QueryDict) -> Iterator[tuple[str, str]]:
    """Yield the label and the text of each field into which something was typed."""
    for bound in visible_fields(form):
        text = display_text(bound.field, typed_value(bound, posted, form.prefix or ""))
        if text:
            yield str(bound.label), text


def as_posted(value: Any) -> list[str]:
    """Return a value as a browser posts it."""
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    return ["" if value is None else str(value)]


def display_text(field: forms.Field, value: Any) -> str:
    """Return a value, typed or stored, as its field shows it."""
    if isinstance(field, forms.BooleanField):
        return "Yes" if str(value) in ("True", "on") else "No"
    values = as_posted(value)
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        labels = {str(key): str(label) for key, label in choices}
        return ", ".join(labels.get(key, key) for key in values if key)
    return "\n".join("\n".join(values).strip().splitlines())


def marked_text(before: str, after: str) -> tuple[MarkedText, ...]:
    """Return two versions of a text as one, with the words that were added and removed.

    Each text ends its last line: otherwise an added line would begin within the line above it.
    """
    return marked_words(f"{before}\n" if before else "", f"{after}\n" if after else "")


def posted_rows(posted: QueryDict, prefix: str, limit: int) -> list[str]:
    """Return the prefixes of the rows that a formset posted, at most `limit`."""
    total = posted.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), limit) if is_number(total) else 0
    return [f"{prefix}-{index}" for index in range(count)]


def is_number(text: str) -> bool:
    """Return whether a posted text is a number that every database can hold (64 bits, signed)."""
    return text.isdecimal() and text.isascii() and len(text) < 19


def prefixed(prefix: str, name: str) -> str:
    """Return the name under which a field is posted."""
    return f"{prefix}-{name}" if prefix else name
