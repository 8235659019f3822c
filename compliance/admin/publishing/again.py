"""The form that submits a register, filled in as an earlier publication was submitted."""

from datetime import datetime

from django.http import QueryDict

from compliance.admin.publishing.choice import PARTS
from compliance.admin.publishing.grades import grade_names
from compliance.admin.publishing.submit import ANSWER, SHOW, UNTIL
from compliance.models import Publication
from compliance.page.graded import graded_contents
from compliance.page.parts import changed_parts
from compliance.page.rules import Answer
from compliance.publishing import candidate
from compliance.publishing.answers import answers_to
from compliance.publishing.pending import pending_parts, pending_publications
from compliance.rendering.moments import minute_text


def earlier_choice(publication: Publication, *, at: datetime) -> QueryDict:
    """Return the fields of the form as they were, as if their preview was asked for.

    The parts that it changed are chosen, as far as they still differ and are not submitted again
    already. A moment that has passed is left out. A grade stands only for the words and the claims
    that it was given to, and an answer also for less than it was given to.
    """
    register = publication.register
    requested = publication.requested_effective_from
    moment = requested if requested and requested > at else None
    everything = candidate(register, at=at, effective_from=moment)
    pending = pending_parts(pending_publications(register, everything.base, at=at))
    base, page = publication.base.page() if publication.base else None, publication.page()
    earlier = {part.key for part in changed_parts(base, page)}
    differing = [part.key for part in everything.changed]
    chosen = [key for key in differing if key in earlier and key not in pending]
    content = everything.holding_back(set(differing).difference(chosen))
    fields = QueryDict(mutable=True)
    fields[SHOW] = "1"
    fields["reason"] = publication.reason
    fields.setlist(PARTS, chosen)
    if moment:
        fields["effective_from"] = minute_text(moment)
    if publication.announce:
        fields["announce"] = "on"
    answers = {key: Answer.of(recorded) for key, recorded in publication.answers.items()}
    for key, answer in (answers | answers_to(content.findings, publication.answers)).items():
        fields[ANSWER + key] = answer.reason
        fields[UNTIL + key] = str(answer.until or "")
    names = grade_names(graded_contents(base.snapshot if base else None, page.snapshot))
    for key, name in names.items():
        if grade := publication.grades.get(key):
            fields[name] = grade
    return fields
