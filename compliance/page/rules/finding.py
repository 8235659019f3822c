"""Findings: what a rule found, how severe it is, and what it is about."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A blocker prevents publishing, a warning needs a written answer, a note only informs."""

    BLOCKER = "blocker"
    WARNING = "warning"
    NOTE = "note"


class SubjectKind(StrEnum):
    """What a finding can be about.

    The id is a slug for a model, a provider and a register, and the wording for a retention term.
    For a document it is the label, or its id in the snapshot where its validity is judged.
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
    """What a rule found; `kind` and `subject` (its id) say what the finding is about.

    `key` identifies the finding from publication to publication. It ends with a digest of the
    values that cause it: when they change, it is another finding, and an answer to the old one
    lapses. Row numbers are not part of it, as they change with other rows.
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
