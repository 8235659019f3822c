"""Written answers to findings: why a finding may stand, and until when the answer holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

# No finding is silenced for ever: it must be looked at again within a year.
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Answer:
    """Why a finding may stand: for one publication, or for all up to and including a day.

    An answer belongs to a finding's key. The key changes with what the finding is about, and then
    the answer no longer holds.
    """

    reason: str
    until: date | None = None

    @classmethod
    def of(cls, value: "str | Mapping[str, Any] | Answer") -> Self:
        """Return the answer of a form or a stored publication: a reason, or a reason and a day."""
        if isinstance(value, Answer):
            return cls(value.reason.strip(), value.until)
        if isinstance(value, str):
            return cls(value.strip())
        return cls(value["reason"], date.fromisoformat(value["until"]))

    def recorded(self) -> str | dict[str, str]:
        """Return the JSON value that is stored with a publication; `of` reads it back."""
        if self.until is None:
            return self.reason
        return {"reason": self.reason, "until": self.until.isoformat()}

    def holds_on(self, day: date) -> bool:
        """Return whether it also answers publications after the one that it was given for."""
        return self.until is not None and day <= self.until

    def fault(self, today: date) -> str | None:
        """Return a sentence that says what is wrong with its day, else None."""
        if self.until is None:
            return None
        if self.until < today:
            return (
                f"{self.until} has passed. "
                "Give an answer for this publication only, or until a later day."
            )
        if self.until > today + LONGEST:
            return (
                f"An answer until {self.until} would not be looked at for too long. "
                f"Use a day up to {today + LONGEST}."
            )
        return None
