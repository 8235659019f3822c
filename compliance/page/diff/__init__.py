"""What differs between two snapshots, as data and as sentences."""

from compliance.page.diff.affected import Told, told
from compliance.page.diff.compare import between
from compliance.page.diff.types import Change, Effect, Kind

__all__ = ["Change", "Effect", "Kind", "Told", "between", "told"]
