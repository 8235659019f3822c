"""What the dashboard shows: pages in force, changes, submissions, findings and reviews due."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.urls import reverse

from compliance import publishing
from compliance.admin.components.links import addresses, sees_pages
from compliance.admin.components.summaries import (
    ChangeCounts,
    FindingRow,
    count_changes,
    describe_findings,
    describe_moment,
    describe_pending,
    sort_weaker_first,
)
from compliance.models import (
    Changeset,
    Decision,
    Listing,
    Publication,
    Register,
    ReviewComment,
    User,
)
from compliance.page.diff import Change, Effect
from compliance.page.rules import Answer, Finding, Severity
from compliance.publishing import Candidate, CandidateEdits
from compliance.publishing.answers import answers_to
from compliance.publishing.statuses import AHEAD, with_statuses
from compliance.workingcopy import reviews
from compliance.workingcopy.reviews import Due

_log = logging.getLogger(__name__)

# How many of each are shown; a link leads to the others, or a number counts them.
_REGISTERS = 4
_LISTINGS = 12
_FINDINGS = 12
_CHANGESETS = 8
_REVIEWS = 10
_SUBMISSIONS = 20


@dataclass(frozen=True, slots=True)
class DifferingListing:
    """A listing that differs from the published page, with the changesets that edited it.

    With an empty name it stands for everything that differs outside of the listings. `address`
    is the form where it is edited, empty for a removed listing. `is_mine` is true if the person
    made it differ. `submitted_as` says in words which publication has it with all edits, in review
    or scheduled; empty if none has.
    """

    name: str
    kind: str
    address: str
    changes: tuple[Change, ...]
    changesets: tuple[Changeset, ...]
    is_mine: bool
    submitted_as: str

    @property
    def is_weaker(self) -> bool:
        """Whether a change in it is weaker for readers, at least in one part."""
        return any(change.effect in (Effect.WEAKER, Effect.MIXED) for change in self.changes)

    @property
    def is_draft(self) -> bool:
        """Whether the person edited it and nobody has submitted it since."""
        return self.is_mine and not self.submitted_as


@dataclass(frozen=True, slots=True)
class WaitingSubmission:
    """A submission in review. `obstacle` says why the person may not approve it, if so.

    `is_asked` is true if somebody asked for a change, `is_outdated` if it has to be brought up to
    date.
    """

    publication: Publication
    obstacle: str
    is_mine: bool
    is_asked: bool
    is_outdated: bool


@dataclass(frozen=True, slots=True)
class OverdueReview:
    """A record that is overdue for review, and its form. `is_mine` if the person owns it."""

    due: Due
    address: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step towards the first published page, without an address if the person may not do it."""

    sentence: str
    address: str
    is_done: bool


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
    scheduled, with their answers for people who may view publications. `drafts`
    counts the listings that the person edited and nobody submitted, `left_out` the listings and
    findings that are not shown. `approval` is None if nothing is in force or the person may not
    view publications.
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
    left_out: int


@dataclass(frozen=True)
class Dashboard:
    """The dashboard of the person `by` at a moment.

    `only` is the primary key of the one register to show in full, empty for the first registers.
    """

    by: User
    at: datetime
    only: str = ""

    def may(self, permission: str) -> bool:
        """Return whether the person has a permission of this app."""
        return self.by.has_perm(f"compliance.{permission}")

    # Submissions

    @cached_property
    def waiting(self) -> list[WaitingSubmission]:
        """The submissions in review: first those that the person may decide, then their own."""
        obstacles = publishing.obstacles(self._in_review, by=self.by)
        # What was brought up to date was perhaps asked for before.
        keys = {key for one in self._in_review for key in (one.pk, one.renews_id)}
        changes_asked = ReviewComment.objects.filter(
            kind=ReviewComment.Kind.CHANGE_ASKED, publication__in=keys
        )
        asked = set(changes_asked.values_list("publication_id", flat=True))
        outdated = publishing.outdated_submissions(at=self.at)
        submissions = [
            WaitingSubmission(
                publication,
                obstacles[publication],
                is_mine=publication.submitted_by_id == self.by.pk,
                is_asked=not asked.isdisjoint([publication.pk, publication.renews_id]),
                is_outdated=publication.pk in outdated,
            )
            for publication in self._in_review
        ]
        submissions.sort(key=lambda submission: (bool(submission.obstacle), not submission.is_mine))
        return submissions[:_SUBMISSIONS]

    @cached_property
    def unfinished(self) -> list[tuple[Publication, str]]:
        """What the person submitted and was rejected or called off, with the reason."""
        if not self.may("view_publication"):
            return []
        publications = publishing.unfinished(Publication.objects.filter(submitted_by=self.by))
        reasons = dict(
            Decision.objects.filter(publication__in=publications)
            .exclude(kind=Decision.Kind.APPROVED)
            .values_list("publication", "reason")
        )
        return [(publication, reasons[publication.pk]) for publication in publications]

    @cached_property
    def scheduled(self) -> list[Any]:
        """The publications that are approved and take effect later, by that moment."""
        if not self.may("view_publication"):
            return []
        publications = with_statuses(Publication.objects.all(), at=self.at)
        ahead = publications.filter(status__in=AHEAD).select_related("register")
        return list(ahead.order_by("takes_effect_at"))

    @cached_property
    def _in_review(self) -> list[Publication]:
        if not self.may("view_publication"):
            return []
        return list(Publication.objects.in_review().select_related("register"))

    # Registers

    @cached_property
    def summaries(self) -> list[tuple[Register, RegisterSummary | None]]:
        """The shown registers with their summaries; None for a register that cannot be read."""
        wanted = [register for register in self._registers if str(register.pk) == self.only]
        shown = wanted or self._registers[:_REGISTERS]
        return [(register, self._summary_or_none(register)) for register in shown]

    @property
    def others(self) -> list[Register]:
        """The registers that are shown by name only."""
        shown = len(self.summaries)
        return self._registers[shown:] if shown == _REGISTERS else []

    @property
    def drafts(self) -> list[RegisterSummary]:
        """The shown registers with drafts of the person."""
        return [summary for _, summary in self.summaries if summary and summary.drafts]

    @cached_property
    def _registers(self) -> list[Register]:
        if not sees_pages(self.by):
            return []
        return list(Register.objects.order_by("title", "pk"))

    def _summary_or_none(self, register: Register) -> RegisterSummary | None:
        try:
            return self._summary(register)
        except Exception:  # whatever is wrong with one register, the dashboard opens
            _log.exception("The dashboard cannot show %s.", register)
            return None

    def _summary(self, register: Register) -> RegisterSummary:
        candidate = publishing.candidate(register, at=self.at)
        listings = list(self._differing_listings(candidate))
        listings.sort(key=lambda listing: not listing.is_weaker)
        answers = candidate.answered
        answered = [finding for finding in candidate.findings if finding.key in answers]
        answered_ahead = list(self._answered_ahead(candidate))
        elsewhere = {row.key for ahead in answered_ahead for row in ahead.findings}
        findings = [
            finding
            for finding in candidate.findings
            if finding.key not in answers and finding.key not in elsewhere
        ]
        shown_listings, shown_findings, shown_answered = listings, findings, answered
        if not self.only:
            shown_listings, shown_findings = listings[:_LISTINGS], findings[:_FINDINGS]
            shown_answered = answered[:_FINDINGS]
        severities = Counter(finding.severity.value for finding in findings)
        hidden = len(listings) + len(findings) + len(answered)
        hidden -= len(shown_listings) + len(shown_findings) + len(shown_answered)
        approval = None
        if candidate.base and self.may("view_publication"):
            approval = candidate.base.approval
        return RegisterSummary(
            register=register,
            base=candidate.base,
            approval=approval,
            counts=count_changes(candidate.changes, candidate.before, candidate.snapshot),
            listings=tuple(shown_listings),
            findings=self._finding_rows(shown_findings, {}),
            answered=self._finding_rows(shown_answered, answers),
            answered_ahead=tuple(answered_ahead),
            severities={severity.value: severities[severity.value] for severity in Severity},
            drafts=sum(listing.is_draft for listing in listings),
            left_out=hidden,
        )

    def _answered_ahead(self, candidate: Candidate) -> Iterator[AnsweredAhead]:
        """Give what is answered in scheduled publications, and then in those in review."""
        remaining = {finding.key: finding for finding in candidate.unanswered(candidate.answered)}
        for publication in [*self.scheduled, *self._in_review]:
            if publication.register_id != candidate.register.pk or not remaining:
                continue
            answers = answers_to(remaining.values(), publication.answers)
            answered = [
                remaining.pop(key)
                for key, answer in answers.items()
                if answer.holds_on(candidate.day) and remaining[key].severity == Severity.WARNING
            ]
            if answered:
                rows = self._finding_rows(answered, answers)
                yield AnsweredAhead(publication, describe_pending(publication), rows)

    def _finding_rows(
        self, findings: Sequence[Finding], answers: Mapping[str, Answer]
    ) -> tuple[FindingRow, ...]:
        """Return findings, with their answers for people who may view publications."""
        shown = answers if self.may("view_publication") else {}
        return tuple(describe_findings([finding.to_dict() for finding in findings], shown))

    def _differing_listings(self, candidate: Candidate) -> Iterator[DifferingListing]:
        """Give each listing that differs, and at the end what differs outside of the listings."""
        edits = CandidateEdits({}, {})
        if self.may("view_changeset"):
            edits = candidate.edits()
        register = candidate.register
        for part in candidate.listings:
            is_removed = part.kind == "removed"
            yield self._differing(
                register,
                [part.key],
                name=part.name,
                kind=part.kind,
                address="" if is_removed else _form_address("listing", part.listing),
                changes=part.changes,
                changesets=edits.by_part.get(part.key, []),
                is_mine=edits.is_by(self.by, part.key),
            )
        other_changes = [change for change in candidate.changes if change.listing is None]
        if other_changes:
            others = edits.beside_listings
            yield self._differing(
                register,
                [part.key for part in candidate.changed if not part.listing],
                name="",
                kind="",
                address=_form_address("register", register.pk),
                changes=other_changes,
                changesets=others,
                is_mine=any(changeset.by_id == self.by.pk for changeset in others),
            )

    def _differing(
        self,
        register: Register,
        parts: Collection[str],
        *,
        name: str,
        kind: str,
        address: str,
        changes: Sequence[Change],
        changesets: Sequence[Changeset],
        is_mine: bool,
    ) -> DifferingListing:
        containing = [
            publication
            for publication in [*self.scheduled, *self._in_review]
            if publication.register_id == register.pk and _contains(publication, parts, changesets)
        ]
        return DifferingListing(
            name=name,
            kind=kind,
            address=address,
            changes=tuple(sort_weaker_first(changes)),
            changesets=tuple(changesets),
            is_mine=is_mine,
            submitted_as=_describe_submission(containing[0]) if containing else "",
        )

    # Reviews due, the record and first steps

    @cached_property
    def overdue(self) -> list[OverdueReview]:
        """The records that are overdue for review: first the person's own, then the oldest."""
        shown = self._due[:_REVIEWS]
        forms = addresses((due.kind, due.id) for due in shown)
        return [
            OverdueReview(due, forms.get((due.kind, due.id), ""), due.owner == self.by)
            for due in shown
        ]

    @property
    def more_overdue(self) -> int:
        """How many overdue records are not shown."""
        return len(self._due) - len(self.overdue)

    @cached_property
    def _due(self) -> list[Due]:
        if not sees_pages(self.by):
            return []
        overdue = reviews.overdue(self.at.astimezone(UTC).date())
        return sorted(overdue, key=lambda due: due.owner != self.by)

    @cached_property
    def changesets(self) -> list[Changeset]:
        """The latest changesets, without those of accounts, which the time line names."""
        if not self.may("view_changeset"):
            return []
        return list(Changeset.objects.exclude(kind=Changeset.Kind.ACCOUNT)[:_CHANGESETS])

    @cached_property
    def first_steps(self) -> list[FirstStep]:
        """The steps towards the first published page; none once there is one."""
        if not sees_pages(self.by) or Decision.objects.filter(kind=Decision.Kind.APPROVED).exists():
            return []
        register = self._registers[0] if self._registers else None
        submission = self._in_review[0] if self._in_review else None
        return [
            self._first_step(
                "Add a register: the public list, with its title, prose and tables.",
                is_done=bool(register),
                permission="add_register",
                address=reverse("admin:compliance_register_add"),
            ),
            self._first_step(
                "Add its listings: the rows of its tables, such as one for the models that go to "
                "the same providers on the same terms.",
                is_done=Listing.objects.exists(),
                permission="add_listing",
                address=reverse("admin:compliance_listing_add") if register else "",
            ),
            self._first_step(
                "Publish: say why, answer what the rules find, and submit the page for approval.",
                is_done=bool(submission),
                permission="submit_publication",
                address=_address("publication_submit", register),
            ),
            self._first_step(
                "Another person, who edited none of it, approves exactly that page. "
                "It is public at once.",
                is_done=False,
                permission="approve_publication",
                address=_address("publication_change", submission),
            ),
        ]

    def _first_step(
        self, sentence: str, *, is_done: bool, permission: str, address: str
    ) -> FirstStep:
        may_open = self.may(permission) and not is_done
        return FirstStep(sentence, address if may_open else "", is_done)


def _form_address(model: str, pk: Any) -> str:
    return reverse(f"admin:compliance_{model}_change", args=[pk])


def _address(name: str, record: Register | Publication | None) -> str:
    """Return the address of a screen about a record, empty if there is no record yet."""
    return reverse(f"admin:compliance_{name}", args=[record.pk]) if record else ""


def _describe_submission(publication: Any) -> str:
    """Return whether a publication is in review, or for when it is scheduled or announced."""
    moment: datetime | None = getattr(publication, "takes_effect_at", None)
    return describe_moment(publication) if moment else "in review"


def _contains(
    publication: Publication, parts: Collection[str], changesets: Sequence[Changeset]
) -> bool:
    """Return whether a submission has parts (keys) with all of their edits."""
    if publication.reverts_id or not changesets:
        return False
    last_edit = max(changeset.pk for changeset in changesets)
    is_captured = last_edit <= (publication.captured_changeset_id or 0)
    return is_captured and not set(parts).intersection(publication.held_back or ())
