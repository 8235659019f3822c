"""Durations of ISO 8601 with one number and one unit, in seconds and in words."""

from functools import lru_cache

from compliance.page.vocabulary import DURATION

_SECONDS = {
    "Y": 365 * 86400,
    "M": 30 * 86400,
    "W": 7 * 86400,
    "D": 86400,
    "TH": 3600,
    "TM": 60,
}
_UNIT_WORDS = {"Y": "year", "M": "month", "W": "week", "D": "day", "TH": "hour", "TM": "minute"}


def split_duration(duration: str) -> tuple[int, str]:
    """Return the number and the unit of a duration: "P30D" gives 30 and "D", "PT24H" 24 and "TH".

    Raises ValueError for anything but one number and one unit of ISO 8601.
    """
    if not DURATION.match(duration):
        raise ValueError(f"{duration!r} is not a duration. Write for example P30D or PT24H.")
    number = "".join(filter(str.isdecimal, duration))
    return int(number), duration.removeprefix("P").replace(number, "")


# A page repeats few durations on many rows.
@lru_cache(maxsize=1_000)
def duration_seconds(duration: str) -> int:
    """Return a duration in seconds, a month counted as 30 days and a year as 365.

    Raises ValueError for anything but one number and one unit of ISO 8601.
    """
    number, unit = split_duration(duration)
    return number * _SECONDS[unit]


def describe_duration(duration: str) -> str:
    """Return a duration in words: "P30D" is "30 days", "P1Y" is "1 year"."""
    number, unit = split_duration(duration)
    return f"{number} {_UNIT_WORDS[unit]}{'' if number == 1 else 's'}"
