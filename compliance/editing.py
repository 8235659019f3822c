"""The verbs of editing."""

from compliance.models.changesets import Act, NoChangeset, ReasonMissing, ReasonRefused, changeset

__all__ = ["Act", "NoChangeset", "ReasonMissing", "ReasonRefused", "changeset"]
