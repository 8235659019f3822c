"""Submit, approve, reject, withdraw, revert and rebase publications, and import earlier pages."""

from compliance.publishing.backfill import import_history
from compliance.publishing.candidate import Candidate, CandidateEdits, ChangedPart, candidate
from compliance.publishing.comments import ask_for_change, comment, drop, unfinished
from compliance.publishing.decide import (
    Outlook,
    WithdrawalOutlook,
    approve,
    obstacles,
    outlook,
    reject,
    withdraw,
    withdrawal_outlook,
)
from compliance.publishing.errors import (
    NotAllowed,
    NotApprovable,
    NotCommentable,
    NotPublishable,
    NotRejectable,
    NotSigned,
    NotWithdrawable,
)
from compliance.publishing.later_edits import edited_since
from compliance.publishing.published_edits import published_as_of, published_from
from compliance.publishing.rebase import Rebase, outdated_submissions, rebase, rebase_outlook
from compliance.publishing.signatures import obstacle as signing_obstacle
from compliance.publishing.submit import (
    moment_fault,
    revert,
    reverted_changes,
    reverted_contents,
    submit,
)

__all__ = [
    "Candidate",
    "CandidateEdits",
    "ChangedPart",
    "NotAllowed",
    "NotApprovable",
    "NotCommentable",
    "NotPublishable",
    "NotRejectable",
    "NotSigned",
    "NotWithdrawable",
    "Outlook",
    "Rebase",
    "WithdrawalOutlook",
    "approve",
    "ask_for_change",
    "candidate",
    "comment",
    "drop",
    "edited_since",
    "import_history",
    "moment_fault",
    "obstacles",
    "outdated_submissions",
    "outlook",
    "published_as_of",
    "published_from",
    "rebase",
    "rebase_outlook",
    "reject",
    "revert",
    "reverted_changes",
    "reverted_contents",
    "signing_obstacle",
    "submit",
    "unfinished",
    "withdraw",
    "withdrawal_outlook",
]
