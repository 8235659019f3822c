"""Template filters that print a moment; TEMPLATES in registry/settings.py loads them."""

from datetime import datetime, timedelta

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
_UNITS = {"day": 86_400, "hour": 3_600, "minute": 60}


@register.filter(expects_localtime=True)
def day_element(moment: datetime) -> SafeString:
    """Return the day as readers see it, in a `<time>` that holds the exact moment."""
    exact = date_format(moment, r"Y-m-d\TH:i:s\Z")
    return format_html('<time datetime="{}">{}</time>', exact, date_format(moment, "j F Y"))


@register.filter(expects_localtime=True)
def second_element(moment: datetime) -> SafeString:
    """Return day and time as readers see them where a day has several moments."""
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


@register.filter(expects_localtime=True)
def minute_element(moment: datetime) -> SafeString:
    """Return the minute as the staff sees it, in a `<time>` that holds the exact moment."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), minute(moment))


@register.filter(expects_localtime=True)
def minute(moment: datetime) -> str:
    """Return the minute as the staff sees it."""
    return date_format(moment, "j M Y, H:i") + " UTC"
