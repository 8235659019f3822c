"""Rules: pure functions with a code and a default severity, whose faults become findings."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from inspect import cleandoc

from compliance.page.diff.sentences import with_single_stops
from compliance.page.rules.context import RuleContext
from compliance.page.rules.finding import Finding, Severity, SubjectKind

# Hexadecimal digits of the digest in a finding's key. An answer stands for a year: nobody may find
# two texts with the same digest, of which one is answered and the other published.
_DIGITS = 32


class Rank(IntEnum):
    """What comes first among findings of equal severity.

    A document of nobody in its row, and a provider without one, are mended on the page. They come
    before what is asked for in an answer: else the answer is given and the page stays wrong.
    """

    DOCUMENTS = 1
    USUAL = 2
    ANSWER = 3


@dataclass(frozen=True, slots=True)
class Fault:
    """What the function of a rule found, with a message that says what to do.

    `among` tells it from other faults of the same rule and subject. `values` are those that cause
    it: when one of them changes, it is another fault. `parts` are the rows, names or wordings that
    are at fault one by one: an answer also holds for fewer of them. `is_anywhere` is true if the
    subject is only the first of the places that show it; then it may move to another one and is the
    same fault.
    """

    kind: SubjectKind
    subject: str
    message: str
    among: tuple[str, ...] = ()
    values: tuple[object, ...] = ()
    parts: Iterable[object] = ()
    is_anywhere: bool = False


Check = Callable[[RuleContext], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; no setting changes the severity if `is_fixed`: such a page could not be read back."""

    code: str
    severity: Severity
    check: Check
    is_fixed: bool = False
    rank: Rank = Rank.USUAL

    @property
    def meaning(self) -> str:
        """What the rule asks for in a sentence, and why."""
        return cleandoc(self.check.__doc__ or "")

    def findings(
        self, context: RuleContext, severities: Mapping[str, Severity]
    ) -> Iterator[Finding]:
        """Give the rule's findings, each once, with the severity that the installation has set."""
        severity = severities.get(self.code, self.severity)
        keys = set()
        for fault in self.check(context):
            place = () if fault.is_anywhere else (fault.subject,)
            key = ":".join([self.code, *place, *fault.among])
            if fault.values:
                key += f"#{_digest(fault.values)}"
            parts = tuple(sorted({_digest(part) for part in fault.parts}))
            if parts:
                key += f"#{_digest(parts)}"
            # Two places of a page can be at fault in the same way; one answer is asked for.
            if key in keys:
                continue
            keys.add(key)
            message = with_single_stops(fault.message)
            yield Finding(key, severity, message, fault.subject, self.code, fault.kind, parts)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:_DIGITS]


def rule(
    code: str, severity: Severity, *, is_fixed: bool = False, rank: Rank = Rank.USUAL
) -> Callable[[Check], Rule]:
    """Return a decorator that makes a function a rule; the manual prints its docstring."""
    return lambda check: Rule(code, severity, check, is_fixed, rank)
