"""Why submitting or deciding was refused. Each message is a sentence to the person who tried."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from compliance.page.diff import Change
from compliance.page.rules import Finding


class NotPublishable(Exception):
    """A register cannot be submitted.

    `findings` holds the blockers and the unanswered warnings, `ungraded` the changes of which the
    submitter has to say what they mean for readers.
    """

    def __init__(
        self, message: str, findings: Iterable[Finding] = (), ungraded: Iterable[Change] = ()
    ) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        self.ungraded = tuple(ungraded)


class NotAllowed(NotPublishable, PermissionDenied):
    """The person may not do this."""


class NotApprovable(NotPublishable):
    """A publication cannot be approved by this person, at this moment, or with this hash."""


class NotSigned(NotPublishable):
    """An approval or withdrawal lacks the signature that it needs, or has an invalid one."""


class NotRejectable(NotPublishable):
    """A publication cannot be rejected."""


class NotWithdrawable(NotPublishable):
    """A publication cannot be withdrawn."""


class NotCommentable(NotPublishable):
    """A comment on a publication cannot be recorded."""
