"""The working copy, the changesets, the publications and the guards of the record."""

from compliance.models.ai_models import AIModel
from compliance.models.changesets import Changeset
from compliance.models.footnotes import Citation, Footnote
from compliance.models.ledger import LedgerEntry
from compliance.models.listings import ListedDocument, ListedModel, ListedProvider, Listing
from compliance.models.lookups import Says
from compliance.models.providers import PolicyDocument, Provider
from compliance.models.publications import (
    Contribution,
    Decision,
    Publication,
    PublishedFile,
    Record,
)
from compliance.models.registers import Register
from compliance.models.reviews import Review
from compliance.models.terms import RetentionClause, RetentionTerm
from compliance.models.users import User

__all__ = [
    "AIModel",
    "Changeset",
    "Citation",
    "Contribution",
    "Decision",
    "Footnote",
    "LedgerEntry",
    "ListedDocument",
    "ListedModel",
    "ListedProvider",
    "Listing",
    "PolicyDocument",
    "Provider",
    "Publication",
    "PublishedFile",
    "Record",
    "Register",
    "RetentionClause",
    "RetentionTerm",
    "Review",
    "Says",
    "User",
]
