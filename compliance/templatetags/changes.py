"""A template filter that prints the words of a change; TEMPLATES in registry/settings.py loads it.

It is built in, so no template has to load it.
"""

from typing import Any

from django import template

from compliance.rendering.marked_change import marked_lines_of
from compliance.rendering.marked_words import MarkedText

register = template.Library()


@register.filter
def marked_lines(change: Any) -> list[tuple[MarkedText, ...]]:
    """Return the lines that a change added, removed or changed, with its words marked."""
    return marked_lines_of(change.before, change.after)
