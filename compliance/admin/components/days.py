"""Form fields of days and moments, which read every common way to write one."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.timezone import get_current_timezone, get_current_timezone_name, make_aware

from compliance.models.time_zones import is_time_zone

INVALID_DAY = "“%(typed)s” is not a day. Write it as 15 Dec 2026, 2026-12-15 or 15.12.2026."
INVALID_MOMENT = (
    "“%(typed)s” is not a moment. Write it as 15 Dec 2026 14:00, 2026-12-15 14:00 or "
    "15.12.2026 14:00, with a time zone where it is not yours: 14:00 UTC, 14:00 +01:00."
)
_AMBIGUOUS = "“%(typed)s” can be %(first)s or %(second)s. Write one of these."
_SHORTER_MONTH = "There is no “%(typed)s”: that month has fewer days."
_UNKNOWN_ZONE = "“%(zone)s” is not a known time zone. Write UTC, +01:00 or Europe/Berlin."
_NEVER_THAT_TIME = (
    "On that day there is no %(time)s in %(zone)s, or there are two: write it in UTC."
)

_LONGEST = 60
_FIRST_YEAR, _LAST_YEAR = 1900, 9998
_DAY_FORMATS = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%Y%m%d",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%b %d %Y",
    "%B %d %Y",
)
_EITHER_WAY = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", re.ASCII)
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th)\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_OF = re.compile(r"\s+of\s+", re.IGNORECASE)
# The last days of a month, which shorter months do not have.
_LAST_DAYS = re.compile(r"\b(?:29|30|31)\b")
_MONTH_END = re.compile(r"(?<=[a-z])\.|,", re.IGNORECASE)
_MOMENT = re.compile(
    r"(?P<day>\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|.*?\d{4})"
    r"(?:(?:\s*,\s*|\s+at\s+|\s+|T)"
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?"
    r"\s*(?P<half>[ap]\.?m\.?(?![a-z]))?\s*(?P<zone>[+-]\d{2}:?\d{2}|[a-z][\w/+-]*)?)?",
    re.IGNORECASE | re.ASCII,
)
# What the admin prints beside a moment: (13:00 UTC).
_BESIDE = re.compile(r"\s*\([^()]* UTC\)$")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})", re.ASCII)


def read_day(typed: str) -> date:
    """Return the day that somebody wrote.

    Raises ValidationError, with both readings where day and month can be taken either way.
    """
    words = _MONTH_END.sub(" ", _ORDINAL.sub("", _WEEKDAY.sub("", typed.strip())))
    words = _OF.sub(" ", words)
    words = re.sub(r"\bsept\b", "Sep", " ".join(words.split()), flags=re.IGNORECASE)
    if not words.isascii() or len(words) > _LONGEST:
        raise _invalid(INVALID_DAY, typed)
    if parts := _EITHER_WAY.fullmatch(words):
        readings = list(_either_way(*map(int, parts.groups())))
    else:
        readings = list(_by_format(words))
    readings = [day for day in readings if _FIRST_YEAR <= day.year <= _LAST_YEAR]
    shorter, has_last_day = _LAST_DAYS.subn("28", words, count=1)
    if not readings and has_last_day and any(_by_format(shorter)):
        raise _invalid(_SHORTER_MONTH, typed)
    if not readings:
        raise _invalid(INVALID_DAY, typed)
    if len(readings) > 1:
        first, second = (f"{day.day} {day:%b %Y}" for day in readings)
        raise _invalid(_AMBIGUOUS, typed, first=first, second=second)
    return readings[0]


def read_moment(typed: str) -> datetime:
    """Return the moment that somebody wrote, in the current time zone if they name none.

    A day alone is its first minute. Raises ValidationError.
    """
    words = _BESIDE.sub("", " ".join(typed.split()))
    match = _MOMENT.fullmatch(words) if len(words) <= _LONGEST else None
    if not match:
        raise _invalid(INVALID_MOMENT, typed)
    try:
        day = read_day(match["day"])
    except ValidationError as error:
        if error.params and "first" in error.params:
            raise
        raise _invalid(INVALID_MOMENT, typed) from error
    clock = _clock(match)
    if clock is None:
        raise _invalid(INVALID_MOMENT, typed)
    zone = _zone(match["zone"]) if match["zone"] else get_current_timezone()
    moment = datetime.combine(day, clock)
    if not _is_unique(moment, zone):
        named = {"time": f"{clock:%H:%M}", "zone": str(zone)}
        raise _invalid(_NEVER_THAT_TIME, typed, **named)
    return make_aware(moment, zone)


class DayInput(forms.DateInput):
    """One line in which a day is typed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        attrs = {"class": "day", "size": 14, "autocomplete": "off", **(attrs or {})}
        super().__init__(attrs, format="%-d %b %Y")


class MomentInput(forms.DateTimeInput):
    """One line in which a moment is typed."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        attrs = {"class": "moment", "size": 24, "autocomplete": "off", **(attrs or {})}
        super().__init__(attrs, format="%-d %b %Y, %H:%M")


class DayField(forms.DateField):
    """A day, written in any common way."""

    widget = DayInput

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or not isinstance(value, str):
            return super().to_python(value)
        return read_day(value) if value.strip() else None


class MomentField(forms.DateTimeField):
    """A moment, written in any common way; without a time zone it is in that of the person.

    The help text says which that is.
    """

    widget = MomentInput

    def get_bound_field(self, form: Any, field_name: str) -> BoundField:
        bound = super().get_bound_field(form, field_name)
        bound.help_text = f"{self.help_text} {zone_help()}".strip()
        return bound

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values or not isinstance(value, str):
            return super().to_python(value)
        return read_moment(value) if value.strip() else None


def zone_help() -> str:
    """Return in which time zone a moment is read: "In your time zone, Europe/Berlin."."""
    name = get_current_timezone_name()
    return "In UTC." if name == "UTC" else f"In your time zone, {name}, unless you write another."


def _either_way(first: int, second: int, year: int) -> Iterator[date]:
    """Give the days that two numbers can be, each once: as day and month, and the other way."""
    found = []
    for day, month in ((first, second), (second, first)):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    yield from dict.fromkeys(found)


def _by_format(words: str) -> Iterator[date]:
    for form in _DAY_FORMATS:
        try:
            yield datetime.strptime(words, form).date()  # noqa: DTZ007  a day has no time zone
        except ValueError:
            continue
        return


def _clock(match: re.Match[str]) -> time | None:
    """Return the time of day that was written, midnight without one, None for no time of day."""
    if match["hour"] is None:
        return time()
    hour, half = int(match["hour"]), (match["half"] or "").lower()[:1]
    if match["minute"] is None and not half:
        return None
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0))
    except ValueError:
        return None


def _zone(name: str) -> tzinfo:
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    if parts := _OFFSET.fullmatch(name):
        sign = -1 if parts[1] == "-" else 1
        offset = sign * timedelta(hours=int(parts[2]), minutes=int(parts[3]))
        if abs(offset) <= timedelta(hours=15):
            return timezone(offset)
    elif is_time_zone(name):
        return ZoneInfo(name)
    raise ValidationError(_UNKNOWN_ZONE, "invalid", {"zone": name})


def _is_unique(moment: datetime, zone: tzinfo) -> bool:
    """Return whether a time of the clock is there, once, where clocks are put forward and back."""
    early, late = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return early.utcoffset() == late.utcoffset()


def _invalid(message: str, typed: str, **values: str) -> ValidationError:
    return ValidationError(message, "invalid", {"typed": typed.strip()[:_LONGEST], **values})
