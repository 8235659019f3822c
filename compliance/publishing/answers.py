"""The answers of a submission: those that stand from the page before, and those given with it."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from compliance.models import Publication, User
from compliance.page import text
from compliance.page.rules import Answer, Finding, Severity
from compliance.publishing.errors import NotPublishable
from compliance.publishing.people import APPROVE


def standing_answers(
    base: Publication | None, findings: Iterable[Finding], *, day: date
) -> dict[str, Answer]:
    """Return the answers of the page before that answer findings on a day, by the findings' keys.

    A finding that the page before did not have is asked again, whoever answered it earlier.
    """
    given = base.answers if base else {}
    answers = {
        finding.key: Answer.of(given[finding.key]) for finding in findings if finding.key in given
    }
    return {key: answer for key, answer in answers.items() if answer.holds_on(day)}


def unanswered(findings: Iterable[Finding], answers: Container[str]) -> list[Finding]:
    """Return the blockers, and the warnings whose keys have no written answer."""
    return [
        finding
        for finding in findings
        if finding.severity == Severity.BLOCKER
        or (finding.severity == Severity.WARNING and finding.key not in answers)
    ]


def answers_to_record(
    given: Mapping[str, str | Answer],
    standing: Mapping[str, Answer],
    findings: Iterable[Finding],
    *,
    by: str,
    at: datetime,
    day: date,
) -> dict[str, Answer]:
    """Return the answers to findings: the standing ones, and over them those that are given now.

    An answer that is sent again as it stands keeps who gave it and when. An empty one takes the
    standing answer back. Raises NotPublishable for a text or a day that cannot be recorded.
    """
    answers = dict(standing)
    for finding in findings:
        answer = Answer.of(given.get(finding.key, ""))
        if finding.key not in given or answer.says_the_same(standing.get(finding.key)):
            continue
        fault = text.fault(answer.reason, multiline=True) or answer.fault(day)
        if answer.reason and fault:
            raise NotPublishable(f"An answer cannot be recorded. {fault}")
        answers[finding.key] = replace(answer, by=by, given_at=at)
    return {key: answer for key, answer in answers.items() if answer.reason}


def familiar_answers(publication: Publication, *, by: User) -> frozenset[str]:
    """Return the keys of the answers in a publication that a person need not read again.

    They were given for an earlier publication. An approver has decided on one that holds the same
    answer. None of them is word for word the answer to another finding.
    """
    repeated = repeated_answers(publication)
    given_at = {
        key: answer.given_at
        for key, value in publication.answers.items()
        if (answer := Answer.of(value)).given_at and answer.given_at < publication.submitted_at
    }
    unread = given_at.keys() - repeated
    if not unread or not by.has_perm(APPROVE):
        return frozenset(unread)
    decided = publication.register.publications.filter(
        decisions__by=by, submitted_at__gte=min(given_at.values())
    )
    familiar: set[str] = set()
    for answers in decided.values_list("answers", flat=True):
        familiar.update(
            key for key in unread - familiar if answers.get(key) == publication.answers[key]
        )
    return frozenset(familiar)


def repeated_answers(publication: Publication) -> frozenset[str]:
    """Return the keys of the answers that are word for word the answer to another finding."""
    words = {
        key: " ".join(Answer.of(value).reason.casefold().split())
        for key, value in publication.answers.items()
    }
    count = Counter(words.values())
    return frozenset(key for key, answer in words.items() if count[answer] > 1)
