"""Moments as the staff reads them: in the time zone of the person, and in UTC beside it."""

from datetime import UTC, datetime

from django.utils import timezone


def minute_text(moment: datetime) -> str:
    """Return a moment in the current time zone: "15 Dec 2026, 14:00 (13:00 UTC)".

    Where both clocks say the same it is "15 Dec 2026, 13:00 UTC". Another day in UTC is named too.
    """
    local, universal = timezone.localtime(moment), moment.astimezone(UTC)
    clock = f"{universal:%H:%M} UTC"
    if local.replace(tzinfo=None) == universal.replace(tzinfo=None):
        return f"{day_text(local)}, {clock}"
    if local.date() != universal.date():
        clock = f"{universal.day} {universal:%b}, {clock}"
    return f"{day_text(local)}, {local:%H:%M} ({clock})"


def day_text(moment: datetime) -> str:
    """Return the day of a moment: 15 Dec 2026."""
    return f"{moment.day} {moment:%b %Y}"
