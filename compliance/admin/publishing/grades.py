"""The fields in which a submitter says what unjudged changes mean for readers."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from compliance.page.diff import GRADES, Change

# The prefix of a form field; the key of a change follows.
GRADE = "grade:"
_LABELS = {grade.value: grade.value.capitalize() for grade in GRADES}


@dataclass(frozen=True, slots=True)
class GradeField:
    """A choice of what a change means for readers, and the sentences that tell the change.

    `choices` are values and labels. `grade` is the chosen value, empty if none is chosen.
    """

    number: int
    name: str
    sentences: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    grade: str
    is_missing: bool

    @property
    def sentence(self) -> str:
        """The change in words."""
        return " ".join(self.sentences)


def grade_fields(
    changes: Iterable[Change], grades: Mapping[str, str], *, missing: Collection[str] = ()
) -> list[GradeField]:
    """Return a field for each change that needs a grade, with what was chosen.

    `missing` holds the keys of the changes without a grade that prevented a submission.
    """
    sentences = defaultdict(list)
    for change in changes:
        sentences[change.key].append(change.sentence)
    return [
        GradeField(
            number=number,
            name=GRADE + key,
            sentences=tuple(told),
            choices=tuple(_LABELS.items()),
            grade=grades.get(key, ""),
            is_missing=key in missing,
        )
        for number, (key, told) in enumerate(sentences.items(), start=1)
    ]


def read_grades(posted: QueryDict, changes: Iterable[Change]) -> dict[str, str]:
    """Return the grades that a form gives these changes, by their keys; it may hold others."""
    keys = {change.key for change in changes}
    return {key: str(posted[GRADE + key]) for key in keys if posted.get(GRADE + key)}
