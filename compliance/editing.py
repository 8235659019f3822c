"""The verbs of editing."""

from compliance.models.changesets import Act, NoChangeset, ReasonMissing, changeset

__all__ = ["Act", "NoChangeset", "ReasonMissing", "changeset"]
