"""The changes between two snapshots, as data and as sentences."""

from compliance.page.diff.affected import AffectedChange, affected_changes
from compliance.page.diff.compare import compare
from compliance.page.diff.facts import earlier_models, with_earlier_names
from compliance.page.diff.register import frame_changes
from compliance.page.diff.types import GRADES, Change, ChangeKind, Effect, apply_grades

__all__ = [
    "GRADES",
    "AffectedChange",
    "Change",
    "ChangeKind",
    "Effect",
    "affected_changes",
    "apply_grades",
    "compare",
    "earlier_models",
    "frame_changes",
    "with_earlier_names",
]
