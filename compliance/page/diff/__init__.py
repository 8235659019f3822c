"""The changes between two snapshots, as data and as sentences."""

from compliance.page.diff.affected import AffectedChange, affected_changes
from compliance.page.diff.compare import compare
from compliance.page.diff.types import Change, ChangeKind, Effect

__all__ = ["AffectedChange", "Change", "ChangeKind", "Effect", "affected_changes", "compare"]
