"""Written answers to findings: why a finding may stand, who says so, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

# No finding is silenced for ever: it must be looked at again within a year.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a finding may stand, and the name of who said so at which moment.

    It holds for 366 days, or up to and including the day `until`. It belongs to a finding's key.
    The key changes with what the finding is about, and then the answer no longer holds, unless the
    finding is only about less: `about` are the parts of the finding that it answered. `by`,
    `given_at` and `about` are empty until it is recorded.
    """

    reason: str
    until: date | None = None
    by: str = ""
    given_at: datetime | None = None
    about: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: "str | Mapping[str, Any] | Answer") -> Self:
        """Return the answer of a form or a stored publication: a reason, or all that is known."""
        if isinstance(value, Answer):
            return cls(value.reason.strip(), value.until, value.by, value.given_at, value.about)
        if isinstance(value, str):
            return cls(value.strip())
        until, given_at = value.get("until"), value.get("given_at")
        return cls(
            value["reason"],
            until=date.fromisoformat(until) if until else None,
            by=value.get("by", ""),
            given_at=datetime.fromisoformat(given_at) if given_at else None,
            about=tuple(value.get("about", ())),
        )

    def recorded(self) -> dict[str, Any]:
        """Return the JSON value that is stored with a publication; `of` reads it back."""
        recorded: dict[str, Any] = {"reason": self.reason}
        if self.by:
            recorded["by"] = self.by
        if self.given_at:
            recorded["given_at"] = self.given_at.astimezone(UTC).isoformat(timespec="microseconds")
        if self.until:
            recorded["until"] = self.until.isoformat()
        if self.about:
            recorded["about"] = list(self.about)
        return recorded

    def holds_on(self, day: date) -> bool:
        """Return whether it still answers a publication that is submitted on a day (UTC)."""
        if self.given_at is None:
            return False
        last_day = self.given_at.astimezone(UTC).date() + LONGEST
        return day <= (min(self.until, last_day) if self.until else last_day)

    def says_the_same(self, other: "Answer | None") -> bool:
        """Return whether another answer has the same reason and last day."""
        return other is not None and (self.reason, self.until) == (other.reason, other.until)

    def fault(self, today: date) -> str | None:
        """Return a sentence that says what is wrong with its day, else None."""
        if self.until is None:
            return None
        if self.until < today:
            return f"{self.until} has passed. Give a later day, or none."
        if self.until > today + LONGEST:
            return (
                f"An answer until {self.until} would not be looked at for too long. "
                f"Use a day up to {today + LONGEST}."
            )
        return None
