"""Parts of an aggregate, edited in its form."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from compliance.admin.components.fields import FORMFIELD_OVERRIDES
from compliance.admin.conflicts.mixin import carry_base


class OrderedFormSet(BaseInlineFormSet):
    """Parts in order: a new one without a position goes to the end."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """Let the part know its owner, also one that is not saved yet: what a document prints depends on it."""
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        setattr(form.instance, self.fk.name, self.instance)
        return form

    def save_new(self, form: Any, commit: bool = True) -> Any:
        """Give the new part its position, then save it."""
        if not form.instance.position:
            siblings = self.get_queryset()
            form.instance.position = max((part.position for part in siblings), default=0) + 10 * (
                1 + len(self.new_objects)
            )
        return super().save_new(form, commit)


class PartForm(forms.ModelForm):
    """A part whose position may be left out: then it goes to the end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            carry_base(self)
        if position := self.fields.get("position"):
            position.required = False
            if self.instance._state.adding:
                self.initial["position"] = None
                position.help_text = f"{position.help_text} Leave it empty to put it at the end."

    def clean_position(self) -> Any:
        """Return the position; where none is given, the present one, or 0 for a new part, which goes to the end."""
        position = self.cleaned_data["position"]
        return self.instance.position if position is None else position


class PartInline(admin.StackedInline):
    """Parts of an aggregate, edited in its form."""

    extra = 0
    max_num = 300  # each costs time to show, and whoever posts a form says how many there are
    form = PartForm
    formset = OrderedFormSet
    show_change_link = False
    formfield_overrides = FORMFIELD_OVERRIDES

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset, which reads no more parts than may be."""
        return super().get_formset(
            request, obj, absolute_max=self.max_num + 1, validate_max=True, **kwargs
        )
