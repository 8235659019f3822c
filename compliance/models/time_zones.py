"""The time zones that the server knows, by their names in the IANA database."""

from functools import cache
from zoneinfo import available_timezones

# Names that people choose; the others are old ones, and offsets with the sign turned round.
_REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@cache
def time_zones() -> tuple[str, ...]:
    """Return the names of the time zones to choose from, "UTC" first."""
    return ("UTC", *sorted(name for name in available_timezones() if name.startswith(_REGIONS)))


def is_time_zone(name: str) -> bool:
    """Return whether a name is that of a time zone to choose."""
    return name in time_zones()
