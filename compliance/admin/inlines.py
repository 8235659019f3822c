"""Parts of a record, such as the documents of a provider, that are edited on its form."""

# mypy: disable-error-code="type-arg"
# Django's own classes take no type arguments at run time.

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from compliance.admin.components.fields import FORMFIELD_OVERRIDES
from compliance.admin.conflicts.values import carry_opened_values
from compliance.models.positions import next_position


class OrderedFormSet(BaseInlineFormSet):
    """Parts with positions: a new one without a position goes to the end."""

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """Set the owner of a part before it is saved: the label of a document depends on it."""
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        setattr(form.instance, self.fk.name, self.instance)
        return form

    def save_new(self, form: Any, commit: bool = True) -> Any:
        if not form.instance.position:
            siblings = [*self.get_queryset(), *self.new_objects]
            form.instance.position = next_position(part.position for part in siblings)
        return super().save_new(form, commit)


class PartForm(forms.ModelForm):
    """A part whose position may be left empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            carry_opened_values(self)
        if position := self.fields.get("position"):
            position.required = False
            if self.instance._state.adding:
                self.initial["position"] = None
                position.help_text = f"{position.help_text} Leave it empty to put it at the end."

    def clean_position(self) -> Any:
        """Return the position; without one, that of the stored part, or 0 for a new part.

        OrderedFormSet puts 0 at the end.
        """
        position = self.cleaned_data["position"]
        return self.instance.position if position is None else position


class PartInline(admin.StackedInline):
    """Parts of a record, such as the documents of a provider, that are edited on its form."""

    extra = 0
    # Each part costs time to show, and the browser says how many there are.
    max_num = 300
    form = PartForm
    formset = OrderedFormSet
    show_change_link = False
    formfield_overrides = FORMFIELD_OVERRIDES

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset class, which reads at most one part more than is allowed."""
        return super().get_formset(
            request, obj, absolute_max=self.max_num + 1, validate_max=True, **kwargs
        )
