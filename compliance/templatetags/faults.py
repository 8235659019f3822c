"""A template filter for the summary of errors; TEMPLATES in registry/settings.py loads it."""

from typing import Any

from django import template

from compliance.rendering.faults import Fault, form_faults

register = template.Library()


@register.filter
def faults(form: Any) -> list[Fault]:
    """Return what is wrong with what was typed into a form."""
    return form_faults(form)
