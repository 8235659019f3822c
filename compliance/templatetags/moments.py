"""Template filters that print a moment; TEMPLATES in registry/settings.py loads them."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from compliance.rendering.moments import minute_text

register = template.Library()
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60}


@register.filter
def day_element(moment: datetime) -> SafeString:
    """Return the day in UTC as readers see it, in a `<time>` that holds the exact moment."""
    moment = moment.astimezone(UTC)
    exact = date_format(moment, r"Y-m-d\TH:i:s\Z")
    return format_html('<time datetime="{}">{}</time>', exact, date_format(moment, "j F Y"))


@register.filter
def second_element(moment: datetime) -> SafeString:
    """Return day and time in UTC as readers see them where a day has several moments."""
    moment = moment.astimezone(UTC)
    exact = date_format(moment, r"Y-m-d\TH:i:s\Z")
    words = date_format(moment, "j F Y, H:i:s") + " UTC"
    return format_html('<time datetime="{}">{}</time>', exact, words)


@register.filter
def spelled(duration: timedelta) -> str:
    """Return a duration in its largest unit that is there at least twice: 43 seconds, 3 days."""
    seconds = int(duration.total_seconds())
    for unit, length in _UNITS.items():
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


@register.filter
def minute_element(moment: datetime) -> SafeString:
    """Return the minute as the staff sees it, in a `<time>` that holds the exact moment."""
    exact = moment.astimezone(UTC).isoformat()
    return format_html('<time datetime="{}">{}</time>', exact, minute_text(moment))


@register.filter
def minute(moment: datetime) -> str:
    """Return the minute as the staff sees it."""
    return minute_text(moment)
