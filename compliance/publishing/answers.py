"""The answers of a submission: those that stand from the page before, and those given with it."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from compliance.models import Publication, User
from compliance.page import text
from compliance.page.rules import Answer, Finding, Severity
from compliance.page.rules.finding import stem_of
from compliance.publishing.errors import NotPublishable
from compliance.publishing.people import APPROVE


def standing_answers(
    base: Publication | None, findings: Iterable[Finding], *, day: date
) -> dict[str, Answer]:
    """Return the answers of the page before that answer findings on a day, by the findings' keys.

    A finding that the page before did not have is asked again, whoever answered it earlier. One
    that is about less than the page before had is answered with it.
    """
    # One that was carried over may hold answers to what is not found on its page.
    known = answers_to(map(Finding.of, base.findings), base.answers) if base else {}
    answers = answers_to(findings, known)
    return {key: answer for key, answer in answers.items() if answer.holds_on(day)}


def answers_to(findings: Iterable[Finding], recorded: Mapping[str, Any]) -> dict[str, Answer]:
    """Return the recorded answers that are about findings, by the findings' keys.

    An answer to more is an answer to less: then it is given as if it had been about less.
    """
    by_stem = answers_by_stem(recorded)
    answers: dict[str, Answer] = {}
    for finding in findings:
        if finding.key in recorded:
            answers[finding.key] = Answer.of(recorded[finding.key])
            continue
        wider = [
            answer
            for answer in (by_stem.get(finding.stem, ()) if finding.parts else ())
            if set(answer.about).issuperset(finding.parts)
        ]
        if wider:
            answers[finding.key] = replace(max(wider, key=_given_at), about=finding.parts)
    return answers


def answers_by_stem(recorded: Mapping[str, Any]) -> dict[str, list[Answer]]:
    """Return recorded answers by the stem of their findings, without their parts."""
    by_stem: defaultdict[str, list[Answer]] = defaultdict(list)
    for key, value in recorded.items():
        answer = Answer.of(value)
        by_stem[stem_of(key, answer.about)].append(answer)
    return by_stem


def _given_at(answer: Answer) -> str:
    return answer.given_at.isoformat() if answer.given_at else ""


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
        if fault := answer_fault(answer, day):
            raise NotPublishable(fault)
        answers[finding.key] = replace(answer, by=by, given_at=at, about=finding.parts)
    return {key: answer for key, answer in answers.items() if answer.reason}


def answer_fault(answer: Answer, day: date) -> str:
    """Return why an answer that is given on a day cannot be recorded, "" if it can or is empty."""
    fault = text.fault(answer.reason, multiline=True) or answer.fault(day)
    return f"An answer cannot be recorded. {fault}" if answer.reason and fault else ""


def familiar_answers(publication: Publication, *, by: User) -> frozenset[str]:
    """Return the keys of the answers in a publication that a person need not read again.

    They were given for an earlier publication. An approver has decided on one that holds the same
    answer. None of them is word for word the answer to another finding.
    """
    repeated = repeated_answers(publication)
    unread = {
        key: answer
        for key, answer in published_answers(publication).items()
        if key not in repeated and answer.given_at and answer.given_at < publication.submitted_at
    }
    if not unread or not by.has_perm(APPROVE):
        return frozenset(unread)
    stems = {finding.key: finding.stem for finding in findings_of(publication)}
    earliest = min(answer.given_at for answer in unread.values() if answer.given_at)
    decided = publication.register.publications.filter(decisions__by=by, submitted_at__gte=earliest)
    familiar: set[str] = set()
    for recorded in decided.values_list("answers", flat=True):
        read = answers_by_stem(recorded)
        familiar.update(
            key
            for key, answer in unread.items()
            if any(_is_same(answer, other) for other in read.get(stems[key], ()))
        )
    return frozenset(familiar)


def findings_of(publication: Publication) -> list[Finding]:
    """Return the findings that were recorded with a publication."""
    return [Finding.of(value) for value in publication.findings]


def published_answers(publication: Publication) -> dict[str, Answer]:
    """Return the answers of a publication to its own findings, by the findings' keys."""
    return answers_to(findings_of(publication), publication.answers)


def _is_same(answer: Answer, other: Answer) -> bool:
    """Return whether somebody gave both in one act; one of them may be about more."""
    return replace(answer, about=()) == replace(other, about=())


def repeated_answers(publication: Publication) -> frozenset[str]:
    """Return the keys of the answers that are word for word the answer to another finding."""
    words = {
        key: " ".join(answer.reason.casefold().split())
        for key, answer in published_answers(publication).items()
    }
    count = Counter(words.values())
    return frozenset(key for key, answer in words.items() if count[answer] > 1)
