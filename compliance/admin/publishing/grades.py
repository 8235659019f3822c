"""The fields in which a submitter says what unjudged changes mean for readers."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.http import QueryDict

from compliance.page.diff import GRADES, Change

# The prefix of a form field; a hash of the words and the key of a change follow.
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
    changes: Collection[Change], grades: Mapping[str, str], *, missing: Collection[str] = ()
) -> list[GradeField]:
    """Return a field for each change that needs a grade, with what was chosen.

    `missing` holds the keys of the changes without a grade that prevented a submission.
    """
    by_key = _by_key(changes)
    names = grade_names(changes)
    return [
        GradeField(
            number=number,
            name=names[key],
            sentences=tuple(change.sentence for change in told),
            choices=tuple(_LABELS.items()),
            grade=grades.get(key, ""),
            is_missing=key in missing,
        )
        for number, (key, told) in enumerate(by_key.items(), start=1)
    ]


def grade_names(changes: Iterable[Change]) -> dict[str, str]:
    """Return the names of the fields in which changes are graded, by their keys.

    A name depends on the words of the change, so a grade that was given to other words is not read.
    """
    return {key: f"{GRADE}{_hash(told)}:{key}" for key, told in _by_key(changes).items()}


def _by_key(changes: Iterable[Change]) -> dict[str, list[Change]]:
    by_key: defaultdict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_key[change.key].append(change)
    return dict(by_key)


def _hash(changes: Iterable[Change]) -> str:
    words = [[change.sentence, change.before, change.after] for change in changes]
    return sha256(json.dumps(words).encode()).hexdigest()[:16]


def read_grades(posted: QueryDict, changes: Iterable[Change]) -> dict[str, str]:
    """Return the grades that a form gives these changes, by their keys; it may hold others."""
    names = grade_names(changes)
    return {key: str(posted[name]) for key, name in names.items() if posted.get(name)}
