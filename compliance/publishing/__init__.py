"""The verbs of publishing: submit, approve, reject, withdraw, revert; and pages from before the registry."""

from compliance.contributions import edited_since
from compliance.publishing.candidates import Candidate, ChangedListing, candidate
from compliance.publishing.deciding import Outlook, approve, obstacles, outlook, reject, withdraw
from compliance.publishing.errors import NotAllowed, NotApprovable, NotPublishable, NotRejectable, NotWithdrawable
from compliance.publishing.past import import_history
from compliance.publishing.stored import NothingPublished, published_content
from compliance.publishing.submitting import LATEST, revert, submit

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
