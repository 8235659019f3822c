"""What differs between two snapshots, as data and as sentences."""

from compliance.page.diff.affected import AffectedChange, affected_changes
from compliance.page.diff.compare import compare
from compliance.page.diff.types import Change, Effect, Kind

__all__ = ["AffectedChange", "Change", "Effect", "Kind", "affected_changes", "compare"]
