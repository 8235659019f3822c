"""The verbs of publishing: submit, approve, reject, withdraw, revert; and pages from before the registry."""

from compliance.publishing.backfill import import_history
from compliance.publishing.candidate import Candidate, ChangedListing, candidate
from compliance.publishing.contributions import edited_since
from compliance.publishing.decide import Outlook, approve, obstacles, outlook, reject, withdraw
from compliance.publishing.errors import (
    NotAllowed,
    NotApprovable,
    NotPublishable,
    NotRejectable,
    NotWithdrawable,
)
from compliance.publishing.stored import NothingPublished, published_content
from compliance.publishing.submit import LATEST, revert, submit

__all__ = [
    "LATEST",
    "Candidate",
    "ChangedListing",
    "NotAllowed",
    "NotApprovable",
    "NotPublishable",
    "NotRejectable",
    "NotWithdrawable",
    "NothingPublished",
    "Outlook",
    "approve",
    "candidate",
    "edited_since",
    "import_history",
    "obstacles",
    "outlook",
    "published_content",
    "reject",
    "revert",
    "submit",
    "withdraw",
]
