"""What is wrong on a form that was refused: a sentence for each fault, and where to put it right.

The summary follows https://design-system.service.gov.uk/components/error-summary/.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.forms.boundfield import BoundField
from django.utils.text import capfirst


@dataclass(frozen=True, slots=True)
class Fault:
    """A sentence, and the id of the field that it is about; "" where it is about the whole form."""

    sentence: str
    field_id: str = ""


def form_faults(form: Any, *, part: str = "") -> list[Fault]:
    """Return the faults of a form, in the order of its fields; `part` names what the form is of.

    A form may have `further_forms`: the names and forms that are shown and sent with it.
    """
    faults = [Fault(_in_part(part, str(error))) for error in form.non_field_errors()]
    for bound in form:
        field_id = "" if bound.is_hidden else _field_id(bound)
        for error in bound.errors:
            faults.append(Fault(_in_part(part, _with_label(bound, str(error))), field_id))
    for name, further in getattr(form, "further_forms", ()):
        faults += form_faults(further, part=name)
    return faults


def formset_faults(formset: Any) -> list[Fault]:
    """Return the faults of the parts of a record, each with the name of its part."""
    faults = [Fault(str(error), f"{formset.prefix}-parts") for error in formset.non_form_errors()]
    for form in formset.forms:
        kind = form._meta.model._meta.verbose_name
        name = f"New {kind}" if form.instance._state.adding else f"{capfirst(kind)} {form.instance}"
        faults += form_faults(form, part=name)
    return faults


def screen_faults(context: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of a change form and of its parts, from the context of its template."""
    yield from form_faults(context["adminform"].form)
    for shown in context.get("inline_admin_formsets", ()):
        yield from formset_faults(shown.formset)


def _in_part(part: str, sentence: str) -> str:
    return f"{part}: {sentence}" if part else sentence


def _with_label(bound: BoundField, error: str) -> str:
    """Return an error after the label of its field, unless it names the field itself."""
    label = str(bound.label)
    first_word = label.split(" ")[0].casefold()
    return error if first_word in error.casefold() else f"{label}: {error}"


def _field_id(bound: BoundField) -> str:
    """Return the id of a field; of boxes and radio buttons the first one's."""
    return str(bound.id_for_label or f"{bound.auto_id}_0")
