"""The fields in which a submitter says what unjudged changes mean for readers."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from compliance.page.diff import GRADES, Change

# The prefix of a form field; a digest of what is graded and the key of a change follow.
GRADE = "grade:"
_DIGITS = 16
_LABELS = {grade.value: grade.value.capitalize() for grade in GRADES}


@dataclass(frozen=True, slots=True)
class GradeField:
    """A choice of what a change means for readers, and the sentence that tells the change.

    `choices` are values and labels. `grade` is the chosen value, empty if none is chosen.
    """

    number: int
    name: str
    sentence: str
    choices: tuple[tuple[str, str], ...]
    grade: str
    is_missing: bool


def grade_fields(
    changes: Iterable[Change],
    names: Mapping[str, str],
    grades: Mapping[str, str],
    *,
    missing: Collection[str] = (),
) -> list[GradeField]:
    """Return a field for each change that needs a grade, with what was chosen.

    `names` are those of the fields by the keys of the changes. `missing` holds the keys of the
    changes without a grade that prevented a submission.
    """
    return [
        GradeField(
            number=number,
            name=names[change.key],
            sentence=change.sentence,
            choices=tuple(_LABELS.items()),
            grade=grades.get(change.key, ""),
            is_missing=change.key in missing,
        )
        for number, change in enumerate(changes, start=1)
    ]


def grade_names(contents: Mapping[str, str]) -> dict[str, str]:
    """Return the names of the fields in which changes are graded, by their keys.

    `contents` are the digests of what is graded (`graded_contents`). A name depends on them, so a
    grade that was given to other words or to another claim is not read.
    """
    return {key: f"{GRADE}{digest[:_DIGITS]}:{key}" for key, digest in contents.items()}


def read_grades(posted: QueryDict, names: Mapping[str, str]) -> dict[str, str]:
    """Return the grades in the fields with these names, by the keys of the changes."""
    return {key: str(posted[name]) for key, name in names.items() if posted.get(name)}
