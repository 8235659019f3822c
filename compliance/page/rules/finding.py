"""Findings: what a rule found, how severe it is, what it is about."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A blocker refuses, a warning needs an answer, a note is only said."""

    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"


class SubjectKind(StrEnum):
    """What a finding can be about; its id is a slug for model, provider and register, a wording for a term.

    A document's id is its label where a snapshot shows it, its number in the working copy where a fact names it.
    """

    REGISTER = "register"
    LISTING = "listing"
    MODEL = "model"
    PROVIDER = "provider"
    DOCUMENT = "document"
    TERM = "term"
    FOOTNOTE = "footnote"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found: `subject` is the id of what it is about, and `kind` what that is.

    `key` stays the same as long as the fault does, and ends with a digest of the values that make it one: when they
    change it is another fault, and an answer given to the key lapses. No row number is in it.
    """

    key: str
    severity: Severity
    message: str
    subject: str
    code: str
    kind: SubjectKind

    def to_dict(self) -> dict[str, str]:
        """Return the finding as JSON values."""
        return {name: str(value) for name, value in asdict(self).items()}
