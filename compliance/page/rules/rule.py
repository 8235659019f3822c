"""What a rule is: a pure function with a code and a default severity, and how its faults become findings."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc

from compliance.page.rules.context import RuleContext
from compliance.page.rules.finding import Finding, Severity, SubjectKind

_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule says it found: about what, in a sentence; `among` tells it from others about the same subject.

    `values` are those that make it a fault: when one of them changes, it is another fault.
    """

    kind: SubjectKind
    subject: str
    message: str
    among: tuple[str, ...] = ()
    values: tuple[object, ...] = ()


Check = Callable[[RuleContext], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `is_fixed` where a page that breaks it could not be read back, so that no setting may let it pass."""

    code: str
    severity: Severity
    check: Check
    is_fixed: bool = False

    @property
    def meaning(self) -> str:
        """What it asks for, in a sentence, and the case that it comes from."""
        return cleandoc(self.check.__doc__ or "")

    def findings(self, case: RuleContext, severities: Mapping[str, Severity]) -> Iterator[Finding]:
        """Give what the rule finds, each fault once, as severe as the installation says."""
        severity = severities.get(self.code, self.severity)
        given = set()
        for fault in self.check(case):
            key = ":".join([self.code, fault.subject, *fault.among])
            if fault.values:
                key += f"#{hashlib.sha256(repr(fault.values).encode()).hexdigest()[:_DIGITS]}"
            if key in given:
                continue
            given.add(key)
            yield Finding(key, severity, fault.message, fault.subject, self.code, fault.kind)


def rule(code: str, severity: Severity, *, is_fixed: bool = False) -> Callable[[Check], Rule]:
    """Make a function a rule: its docstring says what it asks for, and the case that it comes from."""
    return lambda check: Rule(code, severity, check, is_fixed)
