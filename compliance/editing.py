"""The verbs of editing."""

from compliance.models.changesets import Act, NoChangeset, Overtaken, ReasonMissing, ReasonRefused, changeset

__all__ = ["Act", "NoChangeset", "Overtaken", "ReasonMissing", "ReasonRefused", "changeset"]
