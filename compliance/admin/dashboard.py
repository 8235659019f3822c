"""What the desk shows: pages in force, drafts, submissions, findings and what waits for whom."""

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.urls import reverse

from compliance import publishing
from compliance.admin import oversight
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
from compliance.publishing.candidate import ChangedPart
from compliance.publishing.statuses import AHEAD, Status, with_statuses
from compliance.workingcopy import reviews
from compliance.workingcopy.reviews import Due, Ending

_log = logging.getLogger(__name__)

# How many of each are shown; a link leads to the others, or a number counts them.
_OTHER_REGISTERS = 12
_LISTINGS = 12
_FINDINGS = 12
_CHANGESETS = 8
_REVIEWS = 10
_SUBMISSIONS = 20


@dataclass(frozen=True, slots=True)
class DifferingListing:
    """A listing that differs from the published page, with the changesets that edited it.

    With an empty name it stands for everything that differs outside of the listings. `address`
    is the form where it is edited, empty for a removed listing. `undo` is the label and the
    address of the screen that takes it back, None where there is none or the person may not.
    `submit` is the address of the screen that submits it alone, empty without one. `is_mine` is
    true if the person made it differ. `submitted_as` says in words which publication has it with
    all edits, in review or scheduled; empty if none has.
    """

    name: str
    kind: str
    address: str
    submit: str
    undo: tuple[str, str] | None
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


@dataclass(frozen=True, slots=True)
class State:
    """What there is of a register in one state, for the strip: `value` is a number or a name.

    `chip` is the class of its colour. `address` leads there, empty where there is nothing.
    """

    label: str
    value: str
    address: str
    chip: str
    moment: datetime | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the person: what it is, where it is done, and a sentence on it.

    `person` and `moment` say who brought it and when, `day` when it is due. `action` and
    `action_address` are the button.
    """

    chip: str
    label: str
    title: str
    address: str
    action: str
    action_address: str
    note: str = ""
    person: str = ""
    moment: datetime | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A publication that is in review or scheduled and that nobody waits for the person to decide.

    `note` is what keeps it, `moment` when it takes effect, None while it is in review.
    """

    publication: Publication
    chip: str
    label: str
    note: str
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class RegisterBlock:
    """A register on the desk; `summary` is None if it cannot be read."""

    register: Register
    summary: RegisterSummary | None
    states: tuple[State, ...]


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
        outdated = publishing.outdated_submissions(at=self.at) if self._in_review else ()
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
        """The register that is shown in full, if there is one, with its summary.

        The summary is None if the register cannot be read. Comparing a register with its page takes
        about thirty queries, so there is only one at a time.
        """
        wanted = [register for register in self._registers if str(register.pk) == self.only]
        shown = wanted or self._registers[:1]
        return [(register, self._summary_or_none(register)) for register in shown]

    @cached_property
    def others(self) -> list[RegisterBlock]:
        """The first of the other registers, with the strip of their states but for drafts."""
        if self.only and self.summaries:
            return []
        shown = self._registers[1:][:_OTHER_REGISTERS]
        approvals = self._approvals_in_force(shown)
        return [
            RegisterBlock(
                register, None, tuple(self._public_states(register, approvals.get(register.pk)))
            )
            for register in shown
        ]

    @property
    def more_registers(self) -> list[Register]:
        """The registers that are shown by name only."""
        return [] if not self.others else self._registers[1 + _OTHER_REGISTERS :]

    def _approvals_in_force(self, registers: Sequence[Register]) -> dict[int, Decision]:
        """Return the approval of the publication in force of each register, by its key."""
        if not registers or not self.may("view_publication"):
            return {}
        in_force = with_statuses(Publication.objects.filter(register__in=registers), at=self.at)
        approvals = Decision.objects.filter(
            kind=Decision.Kind.APPROVED,
            publication__in=in_force.filter(status=Status.IN_FORCE).values("pk"),
        )
        return {
            approval.register_id: approval for approval in approvals.select_related("publication")
        }

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
        listings.sort(key=lambda listing: (bool(listing.submitted_as), not listing.is_weaker))
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
            unsubmitted=sum(not listing.submitted_as for listing in listings),
            effects=_count_effects(listings),
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
                submit=f"{_address('publication_submit', register)}?only={part.key}",
                undo=self._undo(part) if candidate.base else None,
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
                submit="",
                undo=None,
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
        submit: str,
        undo: tuple[str, str] | None,
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
            submit=submit if self.may("submit_publication") else "",
            undo=undo,
            changes=tuple(sort_weaker_first(changes)),
            changesets=tuple(changesets),
            is_mine=is_mine,
            submitted_as=_describe_submission(containing[0]) if containing else "",
        )

    def _undo(self, part: ChangedPart) -> tuple[str, str] | None:
        """Return the label and the address of the screen that takes back the edits of a listing."""
        match part.kind:
            case "removed":
                permission, label = "add_listing", "Put it back"
                address = reverse("admin:compliance_listing_deleted")
            case "added":
                permission, label = "delete_listing", "Delete it"
                address = reverse("admin:compliance_listing_delete", args=[part.listing])
            case _:
                permission, label = "change_listing", "Discard"
                address = reverse("admin:compliance_listing_act", args=[part.listing, "discard"])
        return (label, address) if self.may(permission) else None

    # What waits for the person, and the state of each register

    @cached_property
    def tasks(self) -> list[Task]:
        """What waits for the person, in the order of their work: decisions first for approvers."""
        decisions, returned = list(self._decisions()), list(self._returned())
        first = [*decisions, *returned] if self.is_approver else [*returned, *decisions]
        return [*first, *self._due_tasks()]

    @cached_property
    def on_its_way(self) -> list[OnItsWay]:
        """What is in review without waiting for the person, and what is scheduled, by moment."""
        in_review = [
            OnItsWay(
                submission.publication,
                "in-review",
                "In review, yours" if submission.is_mine else "In review",
                submission.obstacle if self.is_approver else "",
                None,
            )
            for submission in self.waiting
            if submission.obstacle and not _is_returned(submission)
        ]
        scheduled = [
            OnItsWay(
                publication,
                "scheduled",
                "Announced" if publication.announce else "Scheduled",
                "",
                publication.takes_effect_at,
            )
            for publication in self.scheduled
        ]
        return [*in_review, *scheduled]

    @property
    def blocks(self) -> list[RegisterBlock]:
        """The shown registers, with the strip of their states."""
        return [
            RegisterBlock(register, summary, tuple(self._states(register, summary)))
            for register, summary in self.summaries
        ]

    @property
    def submit_first(self) -> Register | None:
        """The first register with drafts, if its button is the main one of the screen."""
        if self.tasks:
            return None
        return next(
            (register for register, summary in self.summaries if summary and summary.listings), None
        )

    @property
    def is_approver(self) -> bool:
        return self.may("approve_publication")

    @property
    def is_editor(self) -> bool:
        return self.may("submit_publication")

    @property
    def is_auditor(self) -> bool:
        """Whether the person reads everything, and neither submits nor approves."""
        reads = self.may("view_publication") and self.may("view_changeset")
        return reads and not (self.is_approver or self.is_editor)

    @property
    def parts(self) -> list[str]:
        """The parts of the desk in the order of the person's work."""
        parts = ["for_you", "registers", "on_its_way"]
        if self.is_approver:
            parts = ["for_you", "on_its_way", "registers"]
        if self.is_auditor:
            parts = ["record", "on_its_way", "registers", "for_you"]
        if self.may("view_user"):
            parts = ["people", *parts]
        return parts

    def _decisions(self) -> Iterator[Task]:
        for submission in self.waiting:
            if not submission.obstacle:
                publication = submission.publication
                address = _address("publication_change", publication)
                yield Task(
                    chip="in-review",
                    label="To decide",
                    title=_task_title(publication),
                    address=address,
                    action="Review and decide",
                    action_address=address,
                    note=_note_on(submission),
                    person=publication.label,
                    moment=publication.submitted_at,
                )

    def _returned(self) -> Iterator[Task]:
        """Give what the person submitted and has to take up again."""
        for publication, reason in self.unfinished:
            again = _address("publication_submit", publication.register)
            yield Task(
                chip="rejected",
                label="Rejected" if _was_rejected(publication) else "Called off",
                title=_task_title(publication),
                address=_address("publication_change", publication),
                action="Change and submit again" if self.is_editor else "",
                action_address=f"{again}?again={publication.pk}",
                note=reason,
            )
        for submission in self.waiting:
            if _is_returned(submission):
                address = _address("publication_change", submission.publication)
                yield Task(
                    chip="rejected",
                    label="Sent back" if submission.is_asked else "Out of date",
                    title=_task_title(submission.publication),
                    address=address,
                    action="See what to do",
                    action_address=address,
                    note=_note_on(submission),
                )

    def _due_tasks(self) -> Iterator[Task]:
        """Give the reviews that are due and the documents that end, of the person's own."""
        calendar = f"{reverse('admin:review_calendar')}?owner={self.by.pk}"
        for review in self.overdue:
            if review.is_mine:
                yield Task(
                    chip="draft",
                    label="Review due",
                    title=review.due.name,
                    address=review.address,
                    action="Record the review",
                    action_address=calendar,
                    note=f"{review.due.kind}, since".capitalize(),
                    day=review.due.due_on,
                )
        for document in self._ending:
            yield Task(
                chip="draft",
                label="Ended" if document.ends_on < self._today else "Ends soon",
                title=document.name,
                address=document.path,
                action="All agreements",
                action_address=reverse("admin:agreements"),
                note="Last day",
                day=document.ends_on,
            )

    def _states(self, register: Register, summary: RegisterSummary | None) -> Iterator[State]:
        """Give what there is of a register in force, scheduled, in review and as drafts."""
        if not summary:
            return
        if summary.base and not summary.approval:
            yield State("In force", "A page", "", "neutral")
        yield from self._public_states(register, summary.approval, is_named=not summary.base)
        drafts = summary.unsubmitted
        yield State(
            label="Draft changes",
            value=f"{drafts} row{'' if drafts == 1 else 's'}" if drafts else "None",
            address=f"#drafts-{register.pk}" if drafts else "",
            chip="draft" if drafts else "neutral",
        )

    def _public_states(
        self, register: Register, approval: Decision | None, *, is_named: bool = True
    ) -> Iterator[State]:
        """Give what there is of a register in force, scheduled and in review.

        Where nothing is in force, it says so if `is_named`.
        """
        if approval:
            verb = "imported" if approval.publication.source == "imported" else "approved"
            yield State(
                label="In force",
                value=f"Publication {approval.number}",
                address=_address("publication_change", approval.publication),
                chip="in-force",
                moment=approval.effective_from,
                person=f"{verb} by {approval.label}",
            )
        elif is_named:
            yield State("In force", "Nothing yet", "", "neutral")
        if self.may("view_publication"):
            yield self._state("Scheduled", register, self.scheduled, "scheduled")
            yield self._state("In review", register, self._in_review, "in-review")

    def _state(
        self, label: str, register: Register, publications: Sequence[Any], chip: str
    ) -> State:
        found = [one for one in publications if one.register_id == register.pk]
        if not found:
            return State(label, "None", "", "neutral")
        address = _address("publication_change", found[0])
        if len(found) > 1:
            status = "in_review" if chip == "in-review" else found[0].status
            listed = reverse("admin:compliance_publication_changelist")
            address = f"{listed}?register__id__exact={register.pk}&status={status}"
        moment = getattr(found[0], "takes_effect_at", None)
        return State(label, str(len(found)), address, chip, moment)

    # What administrators and auditors look after

    @cached_property
    def people(self) -> oversight.People | None:
        """The accounts to look after, None for those who may not see accounts."""
        return oversight.people() if self.may("view_user") else None

    @cached_property
    def record(self) -> oversight.Record | None:
        """The state of the record, for auditors."""
        return oversight.record() if self.is_auditor else None

    # Reviews due and first steps

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
    def overdue_count(self) -> int:
        """How many records are overdue, also those that are not shown."""
        return len(self._due)

    @cached_property
    def _due(self) -> list[Due]:
        if not sees_pages(self.by):
            return []
        return sorted(reviews.overdue(self._today), key=lambda due: due.owner != self.by)

    @cached_property
    def _ending(self) -> list[Ending]:
        """The documents that end soon, of which the person is owner."""
        if not sees_pages(self.by):
            return []
        until = self._today + timedelta(days=settings.AGREEMENT_NOTICE_DAYS)
        return [document for document in reviews.ending(until) if document.owner == self.by]

    @property
    def _today(self) -> date:
        return self.at.astimezone(UTC).date()

    @cached_property
    def changesets(self) -> list[Changeset]:
        """The latest changesets, without those of accounts, which the time line names."""
        if not self.may("view_changeset"):
            return []
        return list(Changeset.objects.exclude(kind=Changeset.Kind.ACCOUNT)[:_CHANGESETS])

    @cached_property
    def first_steps(self) -> list[FirstStep]:
        """The steps towards the first published page; none once there is one."""
        if not sees_pages(self.by) or self._is_anything_approved:
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
                "Add its rows, such as one for the models that go to the same providers on the "
                "same terms.",
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

    @property
    def _is_anything_approved(self) -> bool:
        if any(summary and summary.base for _, summary in self.summaries):
            return True
        return Decision.objects.filter(kind=Decision.Kind.APPROVED).exists()

    def _first_step(
        self, sentence: str, *, is_done: bool, permission: str, address: str
    ) -> FirstStep:
        may_open = self.may(permission) and not is_done
        return FirstStep(sentence, address if may_open else "", is_done)


def _is_returned(submission: WaitingSubmission) -> bool:
    """Return whether a submission of the person's own waits for them, not for a decision."""
    return submission.is_mine and (submission.is_asked or submission.is_outdated)


def _was_rejected(publication: Any) -> bool:
    """Return whether an unfinished publication was rejected; else it was called off."""
    return bool(publication.ended_by == Decision.Kind.REJECTED)


def _note_on(submission: WaitingSubmission) -> str:
    notes = []
    if submission.is_asked:
        notes.append("A change is asked for.")
    if submission.is_outdated:
        notes.append(
            "Another publication came before it: see whether it can be brought up to date."
        )
    return " ".join(notes)


def _task_title(publication: Publication) -> str:
    return f"{publication.register}: {publication.reason}"


def _count_effects(listings: Sequence[DifferingListing]) -> dict[str, int]:
    """Return how many changes that nobody submitted have each effect, without those of none."""
    drafts = (listing for listing in listings if not listing.submitted_as)
    counts = Counter(change.effect for listing in drafts for change in listing.changes)
    order = (Effect.WEAKER, Effect.MIXED, Effect.UNJUDGED, Effect.STRONGER, Effect.NEUTRAL)
    return {effect.value: counts[effect] for effect in order if counts[effect]}


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
