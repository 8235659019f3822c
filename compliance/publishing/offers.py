"""Answers that are offered to a submitter: earlier ones, and the reasons of edits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from compliance.models import Changeset, Publication
from compliance.page.parts import listing_key
from compliance.page.rules import Answer, Finding, SubjectKind
from compliance.page.table import DocumentItem, ModelItem, ProviderItem, Row
from compliance.publishing.answers import answers_by_stem, answers_to
from compliance.publishing.candidate import Candidate


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody said, and when, that may answer a finding.

    It is the answer in `publication` to the same finding. If `is_wider`, the finding is about more
    than that answer was. Without a publication it is the reason of an edit.
    """

    reason: str
    by: str
    at: datetime
    until: date | None = None
    publication: Publication | None = None
    is_wider: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it is the answer to all that the finding is about."""
        return self.publication is not None and not self.is_wider


def offers(
    content: Candidate,
    edits: Mapping[str, Sequence[Changeset]],
    *,
    pending: Iterable[Publication] = (),
) -> dict[str, Offer]:
    """Return what is offered as the answer to findings without a standing one, by their keys.

    First come the answers in `pending` publications, which are in review or scheduled. Then come
    the answers of the page before to findings that were about less, and then the reasons of edits,
    as `offered_edits` finds them.
    """
    offered = {
        key: Offer(edit.reason, edit.label, edit.recorded_at)
        for key, edit in offered_edits(content, edits).items()
    }
    for publication in [content.base, *pending] if content.base else pending:
        answers = _answers_in(publication, content.findings, day=content.day)
        for key, answer in answers.items():
            if key not in offered or not answer.is_wider or not offered[key].is_exact:
                offered[key] = answer
    return {key: offer for key, offer in offered.items() if key not in content.answered}


def _answers_in(
    publication: Publication, findings: Sequence[Finding], *, day: date
) -> dict[str, Offer]:
    """Return the answers of a publication that hold, also those that were about less."""
    answers = answers_to(findings, publication.answers)
    by_stem = answers_by_stem(publication.answers)
    offered = {}
    for finding in findings:
        exact = answers.get(finding.key)
        narrower = _about_some_of(finding, by_stem.get(finding.stem, ()))
        for answer in [exact] if exact else narrower:
            if answer.holds_on(day) and answer.given_at:
                offered[finding.key] = Offer(
                    answer.reason,
                    answer.by,
                    answer.given_at,
                    until=answer.until,
                    publication=publication,
                    is_wider=not exact,
                )
    return offered


def _about_some_of(finding: Finding, answers: Iterable[Answer]) -> list[Answer]:
    """Return the answers to some parts of a finding, those to most of them last."""
    parts = set(finding.parts)
    about_some = [answer for answer in answers if parts.intersection(answer.about)]
    return sorted(about_some, key=lambda answer: len(parts.intersection(answer.about)))


def offered_edits(
    content: Candidate, edits: Mapping[str, Sequence[Changeset]]
) -> dict[str, Changeset]:
    """Return the edit whose reason may answer a new finding, by the finding's key.

    `edits` are the changesets by the key of a part, latest first. What is offered is the latest
    edit of the part that the finding is about, else of the rows that show what it is about. A
    finding about the register has the latest edit outside of the rows. One that no edit brought
    about, such as an agreement that lapsed, may have none.
    """
    latest = {
        key: changesets[0]
        for key, changesets in edits.items()
        if changesets and key not in content.held_back
    }
    by_subject: dict[str, Changeset] = {}
    for row in content.snapshot.rows():
        if edit := latest.get(listing_key(row.id)):
            for subject in _shown(row):
                by_subject[subject] = _later(edit, by_subject.get(subject, edit))
    of_no_row = [edit for key, edit in latest.items() if not key.startswith(listing_key(""))]
    offered = {}
    for finding in content.new_findings:
        found = latest.get(f"{finding.kind}:{finding.subject}") or by_subject.get(finding.subject)
        if not found and finding.kind is SubjectKind.REGISTER and of_no_row:
            found = max(of_no_row, key=lambda edit: edit.pk)
        if found:
            offered[finding.key] = found
    return offered


def _later(edit: Changeset, other: Changeset) -> Changeset:
    return edit if edit.pk > other.pk else other


def _shown(row: Row) -> Iterator[str]:
    """Give what a finding about something in a row has as its subject."""
    for _, cell in row.cells:
        for item in cell.items:
            yield item.plain
            if isinstance(item, ModelItem):
                yield item.model
            elif isinstance(item, ProviderItem):
                yield item.provider
            elif isinstance(item, DocumentItem):
                yield item.document
