"""Template filters that print a moment; TEMPLATES in registry/settings.py loads them."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.filter(expects_localtime=True)
def day_element(moment: datetime) -> SafeString:
    """Return the day as readers see it, in a `<time>` that holds the exact moment."""
    exact = date_format(moment, r"Y-m-d\TH:i:s\Z")
    return format_html('<time datetime="{}">{}</time>', exact, date_format(moment, "j F Y"))


@register.filter(expects_localtime=True)
def minute_element(moment: datetime) -> SafeString:
    """Return the minute as the staff sees it, in a `<time>` that holds the exact moment."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), minute(moment))


@register.filter(expects_localtime=True)
def minute(moment: datetime) -> str:
    """Return the minute as the staff sees it."""
    return date_format(moment, "j M Y, H:i") + " UTC"
