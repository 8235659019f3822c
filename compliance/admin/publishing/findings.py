"""The findings of a submission in groups: what people have to read stands open, the rest folded."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from compliance.admin.components.summaries import FindingRow
from compliance.page.rules import Severity


@dataclass(frozen=True, slots=True)
class FindingGroups:
    """The findings of a screen.

    `new` has those that the page before did not have, `earlier` others that somebody has to look
    at, `standing` those whose answers stand, and `notes` the notes that the page before had.
    """

    new: tuple[FindingRow, ...]
    earlier: tuple[FindingRow, ...]
    standing: tuple[FindingRow, ...]
    notes: tuple[FindingRow, ...]


def group_findings(
    rows: Iterable[FindingRow], *, new: Collection[str], standing: Collection[str]
) -> FindingGroups:
    """Return findings in groups; `new` and `standing` hold keys of findings."""
    groups: dict[str, list[FindingRow]] = {"new": [], "earlier": [], "standing": [], "notes": []}
    for row in rows:
        if row.key in standing:
            groups["standing"].append(row)
        elif row.key in new:
            groups["new"].append(row)
        elif row.severity == Severity.NOTE:
            groups["notes"].append(row)
        else:
            groups["earlier"].append(row)
    return FindingGroups(**{name: tuple(found) for name, found in groups.items()})
