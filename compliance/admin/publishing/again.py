"""The form that submits a register, filled in as an earlier publication was submitted."""

from datetime import datetime

from django.http import QueryDict

from compliance.admin.publishing.choice import PARTS
from compliance.admin.publishing.grades import grade_names
from compliance.admin.publishing.submit import ANSWER, SHOW, UNTIL
from compliance.models import Publication
from compliance.page.graded import graded_contents
from compliance.page.rules import Answer
from compliance.publishing import candidate


def earlier_choice(publication: Publication, *, at: datetime) -> QueryDict:
    """Return the fields of the form as they were, as if their preview was asked for.

    Parts that differ only since then are chosen too, and a moment that has passed is left out. A
    grade stands only for the words and the claims that it was given to.
    """
    held_back = publication.held_back or ()
    requested = publication.requested_effective_from
    moment = requested if requested and requested > at else None
    differing = candidate(publication.register, at=at, effective_from=moment).changed
    fields = QueryDict(mutable=True)
    fields[SHOW] = "1"
    fields["reason"] = publication.reason
    fields.setlist(PARTS, [part.key for part in differing if part.key not in held_back])
    if moment:
        fields["effective_from"] = f"{moment:%Y-%m-%d %H:%M}"
    if publication.announce:
        fields["announce"] = "on"
    for key, recorded in publication.answers.items():
        answer = Answer.of(recorded)
        fields[ANSWER + key] = answer.reason
        fields[UNTIL + key] = str(answer.until or "")
    before = publication.base.snapshot() if publication.base else None
    names = grade_names(graded_contents(before, publication.snapshot()))
    for key, name in names.items():
        if grade := publication.grades.get(key):
            fields[name] = grade
    return fields
