"""Answers to findings: why one stands, and for how long that was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

# Nothing is silenced for ever: whoever answers looks again within a year.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a finding may stand: for one publication, or for those that follow too, up to and with a day.

    It is given to a finding's key, which is another one when what the finding is about changes: then it holds no more.
    """

    reason: str
    until: date | None = None

    @classmethod
    def of(cls, value: "str | Mapping[str, Any] | Answer") -> Self:
        """Return the answer that a person or a publication's record gives: the reason alone, or with its day."""
        if isinstance(value, Answer):
            return cls(value.reason.strip(), value.until)
        if isinstance(value, str):
            return cls(value.strip())
        return cls(value["reason"], date.fromisoformat(value["until"]))

    def recorded(self) -> str | dict[str, str]:
        """Return the JSON value of a publication's record; `of` reads it back."""
        return (
            self.reason
            if self.until is None
            else {"reason": self.reason, "until": self.until.isoformat()}
        )

    def holds_on(self, day: date) -> bool:
        """Return whether it still answers a publication after the one that it was given for."""
        return self.until is not None and day <= self.until

    def fault(self, today: date) -> str | None:
        """Return a sentence on what is wrong with its day, or None."""
        if self.until is None:
            return None
        if self.until < today:
            return f"{self.until} has passed. Give an answer for this publication only, or until a later day."
        if self.until > today + LONGEST:
            return f"An answer until {self.until} would not be looked at for too long. Use a day up to {today + LONGEST}."
        return None
