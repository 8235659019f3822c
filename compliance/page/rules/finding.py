"""Findings: what a rule found, how severe it is, and what it is about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


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

    `parts` are the digests of the rows, names or wordings that it is about one by one, sorted. The
    key ends with a digest of them all, and `stem` is the key without it. An answer to a finding
    holds for another one with the same stem whose parts are among the answered ones.
    """

    key: str
    severity: Severity
    message: str
    subject: str
    code: str
    kind: SubjectKind
    parts: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """What stays the same when the finding is about more or about less."""
        return stem_of(self.key, self.parts)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values; `of` reads them back."""
        value: dict[str, Any] = {
            "key": self.key,
            "severity": str(self.severity),
            "message": self.message,
            "subject": self.subject,
            "code": self.code,
            "kind": str(self.kind),
        }
        if self.parts:
            value["parts"] = list(self.parts)
        return value

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """Return the finding of a stored publication."""
        return cls(
            key=value["key"],
            severity=Severity(value["severity"]),
            message=value["message"],
            subject=value["subject"],
            code=value.get("code", ""),
            # Publications from before findings had a kind are still read.
            kind=SubjectKind(value.get("kind", SubjectKind.REGISTER)),
            parts=tuple(value.get("parts", ())),
        )


def stem_of(key: str, parts: Iterable[str]) -> str:
    """Return the key of a finding with some parts without the digest of these parts."""
    return key.rpartition("#")[0] if tuple(parts) else key


def not_among(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are not among others, nor a part of one of them."""
    keys: set[str] = set()
    parts_by_stem: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for other in others:
        keys.add(other.key)
        if other.parts:
            parts_by_stem[other.stem].append(frozenset(other.parts))

    def is_new(finding: Finding) -> bool:
        if finding.key in keys:
            return False
        wider = parts_by_stem.get(finding.stem, ()) if finding.parts else ()
        return not any(parts.issuperset(finding.parts) for parts in wider)

    return [finding for finding in findings if is_new(finding)]
