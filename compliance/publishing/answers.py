"""The answers of a submission: those that stand from the page before, and those given with it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from compliance.models import Publication
from compliance.page import text
from compliance.page.rules import Answer, Finding
from compliance.publishing.errors import NotPublishable


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
