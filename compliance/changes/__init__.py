"""What differs between two snapshots, as data and as sentences."""

from compliance.changes.comparing import between
from compliance.changes.subjects import Told, told
from compliance.changes.vocabulary import Change, Effect, Kind

__all__ = ["Change", "Effect", "Kind", "Told", "between", "told"]
