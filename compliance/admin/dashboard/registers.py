"""What the desk shows of one register: what differs from its page, and what the rules find."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from compliance import publishing
from compliance.admin.components.summaries import (
    ChangeCounts,
    FindingRow,
    count_changes,
    describe_findings,
    describe_pending,
)
from compliance.admin.dashboard.differences import Differences, DifferingListing
from compliance.models import Decision, Publication, Register, User
from compliance.page.diff import Effect
from compliance.page.rules import Answer, Finding, Severity
from compliance.publishing import Candidate
from compliance.publishing.answers import answers_to

# How many of each are shown, unless all are asked for.
_LISTINGS = 12
_FINDINGS = 12


@dataclass(frozen=True, slots=True)
class AnsweredAhead:
    """Findings that are answered in a publication in review or scheduled, which `place` names."""

    publication: Publication
    place: str
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class RegisterSummary:
    """A register: the publication in force, what differs from it, and the findings.

    `findings` are those without an answer, and `severities` counts them by severity. `answered` has
    those whose answers stand, and `answered_ahead` those that are answered in what is in review or
    scheduled, with their answers for people who may view publications. `drafts` counts the
    listings that the person edited and nobody submitted, `unsubmitted` all that nobody submitted,
    and `effects` their changes by effect. `left_out` counts the listings and findings that are not
    shown. `approval` is None if nothing is in force or the person may not view publications.
    """

    register: Register
    base: Publication | None
    approval: Decision | None
    counts: ChangeCounts
    listings: tuple[DifferingListing, ...]
    findings: tuple[FindingRow, ...]
    answered: tuple[FindingRow, ...]
    answered_ahead: tuple[AnsweredAhead, ...]
    severities: dict[str, int]
    drafts: int
    unsubmitted: int
    effects: dict[str, int]
    left_out: int

    @property
    def draft_rows(self) -> list[DifferingListing]:
        """The shown listings with edits that nobody submitted."""
        return [listing for listing in self.listings if not listing.submitted_as]

    @property
    def submitted_rows(self) -> list[DifferingListing]:
        """The shown listings that are in review or scheduled with all edits."""
        return [listing for listing in self.listings if listing.submitted_as]


def register_summary(
    register: Register, *, by: User, at: datetime, pending: Sequence[Publication], is_whole: bool
) -> RegisterSummary:
    """Return what the desk shows of a register to the person `by`.

    `pending` are the publications that are scheduled or in review, the scheduled ones first.
    `is_whole` shows every listing and finding, not only the first.
    """
    pending = [publication for publication in pending if publication.register_id == register.pk]
    may_view = by.has_perm("compliance.view_publication")
    candidate = publishing.candidate(register, at=at)
    listings = list(Differences(candidate, by, pending).listings())
    listings.sort(key=lambda listing: (bool(listing.submitted_as), not listing.is_weaker))
    answers = candidate.answered
    answered = [finding for finding in candidate.findings if finding.key in answers]
    answered_ahead = list(_answered_ahead(candidate, pending, may_view=may_view))
    elsewhere = {row.key for ahead in answered_ahead for row in ahead.findings}
    findings = [
        finding
        for finding in candidate.findings
        if finding.key not in answers and finding.key not in elsewhere
    ]
    shown_listings, shown_findings, shown_answered = listings, findings, answered
    if not is_whole:
        shown_listings, shown_findings = listings[:_LISTINGS], findings[:_FINDINGS]
        shown_answered = answered[:_FINDINGS]
    severities = Counter(finding.severity.value for finding in findings)
    hidden = len(listings) + len(findings) + len(answered)
    hidden -= len(shown_listings) + len(shown_findings) + len(shown_answered)
    approval = None
    if candidate.base and may_view:
        approval = candidate.base.approval
    return RegisterSummary(
        register=register,
        base=candidate.base,
        approval=approval,
        counts=count_changes(candidate.changes, candidate.before, candidate.snapshot),
        listings=tuple(shown_listings),
        findings=_finding_rows(shown_findings, {}),
        answered=_finding_rows(shown_answered, answers if may_view else {}),
        answered_ahead=tuple(answered_ahead),
        severities={severity.value: severities[severity.value] for severity in Severity},
        drafts=sum(listing.is_draft for listing in listings),
        unsubmitted=sum(not listing.submitted_as for listing in listings),
        effects=_count_effects(listings),
        left_out=hidden,
    )


def _answered_ahead(
    candidate: Candidate, pending: Sequence[Publication], *, may_view: bool
) -> Iterator[AnsweredAhead]:
    """Give what is answered in scheduled publications, and then in those in review."""
    remaining = {finding.key: finding for finding in candidate.unanswered(candidate.answered)}
    for publication in pending:
        if not remaining:
            return
        answers = answers_to(remaining.values(), publication.answers)
        answered = [
            remaining.pop(key)
            for key, answer in answers.items()
            if answer.holds_on(candidate.day) and remaining[key].severity == Severity.WARNING
        ]
        if answered:
            rows = _finding_rows(answered, answers if may_view else {})
            yield AnsweredAhead(publication, describe_pending(publication), rows)


def _finding_rows(
    findings: Sequence[Finding], answers: Mapping[str, Answer]
) -> tuple[FindingRow, ...]:
    return tuple(describe_findings([finding.to_dict() for finding in findings], answers))


def _count_effects(listings: Sequence[DifferingListing]) -> dict[str, int]:
    """Return how many changes that nobody submitted have each effect, without those of none."""
    drafts = (listing for listing in listings if not listing.submitted_as)
    counts = Counter(change.effect for listing in drafts for change in listing.changes)
    order = (Effect.WEAKER, Effect.MIXED, Effect.UNJUDGED, Effect.STRONGER, Effect.NEUTRAL)
    return {effect.value: counts[effect] for effect in order if counts[effect]}
