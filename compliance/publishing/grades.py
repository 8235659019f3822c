"""The grades of a submission: what its unjudged changes mean for readers, said by its submitter."""

from collections.abc import Iterable, Mapping

from compliance.page.diff import GRADES, Change
from compliance.page.snapshot import Snapshot
from compliance.publishing.errors import NotPublishable


def changes_to_grade(before: Snapshot | None, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that need a grade. A first page changes nothing that readers knew."""
    if before is None:
        return ()
    return tuple(change for change in changes if change.needs_grade)


def grades_to_record(changes: Iterable[Change], grades: Mapping[str, str]) -> dict[str, str]:
    """Return the grades as they are stored, by the keys of the changes that need one.

    Raises NotPublishable for an effect that nobody can give, and for the key of another change: a
    grade is given to exactly what is frozen.
    """
    keys = {change.key for change in changes}
    for key, grade in grades.items():
        if key not in keys:
            raise NotPublishable(
                f"No change that needs a grade has the key {key[:100]}. "
                "Look at the changes again, and grade those."
            )
        if grade not in GRADES:
            raise NotPublishable(f"{grade[:40]} is no grade. Give one of {', '.join(GRADES)}.")
    return {key: str(grade) for key, grade in grades.items()}


def ungraded(changes: Iterable[Change], grades: Mapping[str, str]) -> list[Change]:
    """Return the changes that have no grade."""
    return [change for change in changes if change.key not in grades]
