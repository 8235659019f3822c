"""The database: working copy, changesets, ledger, publications and decisions.

Editors change the working copy, the tracked models. What is public is a publication: bytes that
were frozen at submission and approved by somebody else.
"""

from compliance.models.account_states import AccountState
from compliance.models.accounts import (
    DecisionSignature,
    FactorEndorsement,
    FactorRemoval,
    FactorRenaming,
    Invitation,
    RecordedFactor,
)
from compliance.models.ai_models import AIModel
from compliance.models.changesets import Changeset
from compliance.models.footnotes import Citation, Footnote
from compliance.models.identities import IdentityState
from compliance.models.ledger import LedgerEntry
from compliance.models.listings import (
    Cell,
    ListedDocument,
    ListedModel,
    ListedProvider,
    Listing,
)
from compliance.models.lookups import Says
from compliance.models.providers import PolicyDocument, Provider
from compliance.models.publications import (
    Contribution,
    Decision,
    Publication,
    PublicEvent,
    PublishedFile,
    Record,
    ReviewComment,
)
from compliance.models.registers import Register
from compliance.models.reviews import Review
from compliance.models.sections import Column, Section
from compliance.models.terms import RetentionClause, RetentionTerm
from compliance.models.users import User

__all__ = [
    "AIModel",
    "AccountState",
    "Cell",
    "Changeset",
    "Citation",
    "Column",
    "Contribution",
    "Decision",
    "DecisionSignature",
    "FactorEndorsement",
    "FactorRemoval",
    "FactorRenaming",
    "Footnote",
    "IdentityState",
    "Invitation",
    "LedgerEntry",
    "ListedDocument",
    "ListedModel",
    "ListedProvider",
    "Listing",
    "PolicyDocument",
    "Provider",
    "PublicEvent",
    "Publication",
    "PublishedFile",
    "Record",
    "RecordedFactor",
    "Register",
    "RetentionClause",
    "RetentionTerm",
    "Review",
    "ReviewComment",
    "Says",
    "Section",
    "User",
]
