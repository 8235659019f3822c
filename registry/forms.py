"""How every form of the site is rendered, and what it says in place of Django's own sentences."""

from typing import Any

from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

from compliance.page.lengths import TOO_LONG

# Labels that begin with one of these stand in a sentence without an article.
_WITHOUT_ARTICLE = ("its", "whose", "what", "which", "how", "the")
_DASHES = BLANK_CHOICE_DASH[0][1]


class PlainBoundField(BoundField):
    """A field with a label without a colon, and with messages that name it and say what to do."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        own = {
            key: message
            for key, message in field.error_messages.items()
            if message != _stock_messages(field).get(key)
        }
        field.error_messages = {**field.error_messages, **_messages(field, str(self.label)), **own}
        _name_empty_choice(field)

    def label_tag(
        self,
        contents: str | None = None,
        attrs: dict[str, Any] | None = None,
        label_suffix: str | None = None,
        tag: str | None = None,
    ) -> SafeString:
        return super().label_tag(contents, attrs, label_suffix or "", tag)


class FormRenderer(TemplatesSetting):
    """Finds the templates of widgets where those of the screens are."""

    bound_field_class = PlainBoundField


def named_in_sentence(label: str) -> str:
    """Return a label as a sentence names it: `Name` as "the name", `Its text` as "its text"."""
    # An abbreviation such as URL keeps its capitals.
    words = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    return words if words.split(" ")[0] in _WITHOUT_ARTICLE else f"the {words}"


def _stock_messages(field: forms.Field) -> dict[str, Any]:
    """Return the messages that Django's own classes give a field."""
    messages: dict[str, Any] = {}
    for base in reversed(type(field).__mro__):
        if base.__module__.startswith("django."):
            messages.update(getattr(base, "default_error_messages", {}))
    return messages


def _messages(field: forms.Field, label: str) -> dict[str, str]:
    """Return what a field says where Django would speak of "this field" or "a valid choice"."""
    named = named_in_sentence(label)
    empty = f"Enter {named}."
    if isinstance(field, forms.ChoiceField):
        empty = f"Choose {named}."
    elif isinstance(field, forms.BooleanField):
        empty = f"Tick “{label}”."
    elif isinstance(field, forms.FileField):
        empty = f"Choose a file for {named}."
    gone = "What was chosen is not on offer here. Choose again."
    messages = {
        "required": empty,
        "blank": empty,
        "null": empty,
        "invalid_choice": gone,
        "invalid_list": gone,
        "invalid_pk_value": gone,
        "unique": "Another one has this already. Enter something else.",
        "max_length": TOO_LONG,
        "min_value": "Enter %(limit_value)s or more.",
        "max_value": "Enter %(limit_value)s or less.",
    }
    if isinstance(field, forms.URLField):
        messages["invalid"] = "Enter a web address, such as https://example.com/."
    return messages


def _name_empty_choice(field: forms.Field) -> None:
    """Say in words what Django shows as dashes: that nothing is chosen."""
    words = "Choose" if field.required else "Not chosen"
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == _DASHES:
            field.empty_label = words
    elif isinstance(field, forms.ChoiceField):
        choices: Any = list(field.choices)  # type: ignore[arg-type]
        if choices and choices[0] == BLANK_CHOICE_DASH[0]:
            field.choices = [("", words), *choices[1:]]
