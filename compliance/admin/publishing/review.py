"""What the review screen of a publication shows."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from compliance import publishing
from compliance.accounts.passkeys import passkeys_of, request_options
from compliance.admin.components.summaries import (
    ChangeCounts,
    ChangeSentence,
    FindingRow,
    count_changes,
    describe_changes,
    describe_findings,
)
from compliance.admin.publishing.attribution import AttributedChange, attribute_changes
from compliance.admin.publishing.conversation import Conversation
from compliance.admin.publishing.findings import FindingGroups, group_findings
from compliance.models import Changeset, Publication, ReviewComment, User
from compliance.models.accounts import RecordedFactor
from compliance.models.carrying import CarriedOver
from compliance.page import diff
from compliance.page.diff import Change
from compliance.page.formats import FORMATS
from compliance.page.parts import part_names, part_of_change
from compliance.page.rules import not_among
from compliance.page.snapshot import Snapshot
from compliance.published import lookup, reader
from compliance.published.errors import StoreFault
from compliance.publishing import Outlook, Rebase, WithdrawalOutlook
from compliance.publishing.answers import (
    familiar_answers,
    findings_of,
    published_answers,
    repeated_answers,
    unanswered,
)
from compliance.publishing.carry import answers_about, findings_about
from compliance.publishing.statuses import Status, status
from compliance.publishing.vouching import account_edits_by_contributors
from compliance.rendering import marked_lines, marked_page
from compliance.rendering.marked_lines import MarkedLine
from compliance.rendering.marked_page import Anchor

_FRAME = {"publisher": "Publisher", "contact": "Contact", "licence": "Licence of the data"}


# The parameter with the numbers of scheduled publications that are not to be carried over.
CALL_OFF = "call_off"
# The parameter that shows the whole page, with the rows that stay as they are.
WHOLE_PAGE = "whole_page"
# The parameter that shows the difference of each export.
EXPORTS = "exports"
# Of a page that changes in more places, the first are shown, weaker ones before others.
_MOST_PARTS = marked_page.MOST_ROWS


@dataclass(frozen=True, slots=True)
class ReviewedPart:
    """A row, or another part of the page, with all that a person has to check about it.

    `name` is empty for what belongs to several parts. `changesets` are the edits behind its
    changes, earliest first; `findings` are those that the page before did not have.
    """

    name: str
    anchor: Anchor | None
    changes: tuple[ChangeSentence, ...]
    changesets: tuple[Changeset, ...]
    findings: tuple[FindingRow, ...]
    comments: tuple[ReviewComment, ...]


@dataclass(frozen=True, slots=True)
class ScheduledRow:
    """A scheduled publication and what becomes of it by the decision.

    `number` is the one that it gets, None if it is called off. `changes` are what it will say then,
    `findings` what the rules find in its page, with the answers; the missing ones have none.
    `other_choice` is the query of the
    address at which it is called off instead, or carried over after all; "" where there is no
    choice.
    """

    carried: CarriedOver
    number: int | None
    other_choice: str
    changes: list[ChangeSentence] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)

    @property
    def open_findings(self) -> list[FindingRow]:
        """What nobody has answered."""
        return [finding for finding in self.findings if finding.is_missing]


@dataclass(frozen=True)
class PublicationReview:
    """A publication compared with its base, for the person `by` who looks at it at a moment.

    The base is the publication that this one replaces when it takes effect. `rp_id` is the host
    whose passkeys sign. `calling_off` has the numbers of scheduled publications that the person
    chose to call off. `is_whole` shows also the rows that stay as they are, and
    every part of a page that changes in very many. `shows_exports` shows the difference of each
    export.
    """

    publication: Publication
    by: User
    at: datetime
    rp_id: str
    calling_off: frozenset[int] = field(default_factory=frozenset)
    is_whole: bool = False
    shows_exports: bool = False

    @cached_property
    def before(self) -> Snapshot | None:
        """The page of the base; None for the first publication of a register."""
        return self.publication.base.snapshot() if self.publication.base else None

    @cached_property
    def after(self) -> Snapshot:
        """The page of this publication."""
        return self.publication.snapshot()

    @cached_property
    def status(self) -> Status:
        """What it is at the moment: in review, in force, called off…"""
        return status(self.publication, at=self.at)

    @property
    def title(self) -> str:
        """The heading of the screen."""
        if self.publication.number or self.is_in_review:
            return str(self.publication)
        return f"{self.status.label} publication of {self.publication.register}"

    @cached_property
    def _attributed(self) -> list[AttributedChange]:
        return attribute_changes(self.publication)

    @cached_property
    def changes(self) -> list[ChangeSentence]:
        """The changes against the base as sentences: those that were graded, then weaker ones."""
        return describe_changes([one.change for one in self._attributed], self.anchors)

    @cached_property
    def parts(self) -> list[ReviewedPart]:
        """The parts of the page that change, those with graded or weaker changes first."""
        sentences: defaultdict[str, list[ChangeSentence]] = defaultdict(list)
        for change in self.changes:
            sentences[change.part].append(change)
        edits: defaultdict[str, set[Changeset]] = defaultdict(set)
        for attributed in self._attributed:
            edits[part_of_change(attributed.change)].update(attributed.changesets)
        findings: defaultdict[str, list[FindingRow]] = defaultdict(list)
        for finding in self.findings.new:
            findings[finding.part if finding.part in sentences else ""].append(finding)
        comments = self.conversation.by_row
        pages = [publication.page() for publication in self._pages]
        keys = [key for key in sentences if key]
        names = part_names(*pages, keys=keys)
        if sentences[""] or findings[""]:
            keys.append("")
        return [
            ReviewedPart(
                names.get(key, ""),
                next((one.anchor for one in sentences[key] if one.anchor), None),
                tuple(sentences[key]),
                tuple(sorted(edits[key], key=lambda changeset: changeset.pk)),
                tuple(findings[key]),
                tuple(comments.get(key.removeprefix("listing:"), ())),
            )
            for key in keys
        ]

    @property
    def shown_parts(self) -> list[ReviewedPart]:
        """The parts that are shown before the whole page is asked for."""
        return self.parts if self.is_whole else self.parts[:_MOST_PARTS]

    @property
    def more_parts(self) -> int:
        """How many parts are not shown."""
        return len(self.parts) - len(self.shown_parts)

    @property
    def _pages(self) -> list[Publication]:
        base = self.publication.base
        return [base, self.publication] if base else [self.publication]

    @cached_property
    def conversation(self) -> Conversation:
        """What people said about it."""
        pages = (self.before, self.after) if self.before else (self.after,)
        return Conversation(self.publication, self.by, pages, self.anchors, self.is_whole)

    @property
    def page_heading(self) -> str:
        """What stands above the page: whether readers see it, saw it, or would see it."""
        if self.is_in_review:
            return "The page as it will look"
        approved = self.publication.number is not None
        return "The page as it was approved" if approved else "The page as it was submitted"

    @property
    def counts(self) -> ChangeCounts:
        """How many changes of each effect there are, and which providers came or went."""
        return count_changes(self.changes, self.before, self.after)

    @cached_property
    def anchors(self) -> Mapping[str, Anchor]:
        """The place of each listing and footnote in the marked page, by its id."""
        return marked_page.find_anchors(self.before, self.after, only_differing=not self.is_whole)

    @property
    def body(self) -> SafeString:
        """The page as HTML with changes marked; changed rows link to the sentence about them."""
        # A subject may have several sentences: reversed, so that the link leads to the first one.
        sentence_ids = {change.subject: change.id for change in reversed(self.changes)}
        return marked_page.marked_body(
            self.before, self.after, sentence_ids, only_differing=not self.is_whole
        )

    @cached_property
    def outlook(self) -> Outlook:
        """What would happen if the person approved it now."""
        return publishing.outlook(
            self.publication, by=self.by, at=self.at, calling_off=self.calling_off
        )

    @cached_property
    def withdrawal(self) -> WithdrawalOutlook:
        """What would happen if the person withdrew it now."""
        return publishing.withdrawal_outlook(
            self.publication, by=self.by, at=self.at, calling_off=self.calling_off
        )

    @cached_property
    def rebase(self) -> Rebase | None:
        """What would bring it up to date, None if it is."""
        return publishing.rebase_outlook(self.publication, at=self.at)

    @cached_property
    def scheduled(self) -> list[ScheduledRow]:
        """What the decision makes of scheduled publications, by their moments."""
        carried = self.outlook.carried if self.is_in_review else self.withdrawal.carried
        return list(self._scheduled_rows(carried))

    def _scheduled_rows(self, carried: tuple[CarriedOver, ...]) -> Iterator[ScheduledRow]:
        # The approval takes the next number itself.
        next_number = self.outlook.number + (1 if self.is_in_review else 0)
        for outcome in carried:
            own = outcome.scheduled.number or 0
            chosen = self.calling_off ^ {own}
            query = "?" + urlencode([(CALL_OFF, number) for number in sorted(chosen)])
            if outcome.page:
                changes, findings = self._carried_page(outcome)
                yield ScheduledRow(outcome, next_number, query, changes, findings)
                next_number += 1
            else:
                yield ScheduledRow(outcome, None, query if own in self.calling_off else "")

    def _carried_page(self, outcome: CarriedOver) -> tuple[list[ChangeSentence], list[FindingRow]]:
        """Return what one that is carried over will change, and what the rules find in it."""
        assert outcome.page  # noqa: S101  # it is carried over
        before = outcome.onto.snapshot if outcome.onto else None
        changes = diff.compare(before, outcome.page.snapshot)
        frame = outcome.onto.frame if outcome.onto else None
        changes += diff.frame_changes(frame, outcome.page.frame)
        changes = diff.apply_grades(changes, outcome.grades)
        found = findings_about(outcome, at=max(self.at, outcome.effective_from))
        answers = answers_about(outcome, found, at=self.at)
        missing = {finding.key for finding in unanswered(found, answers)}
        # Its sentences have no id, because those of the publication itself have them.
        sentences = [replace(change, id="") for change in describe_changes(changes, {})]
        return sentences, describe_findings(
            [finding.to_dict() for finding in found], answers, missing=missing
        )

    @cached_property
    def state(self) -> Publication.State:
        """The state that the last decision gave it."""
        return self.publication.state

    @property
    def is_in_review(self) -> bool:
        """Whether it waits for a decision."""
        return self.state == Publication.State.IN_REVIEW

    @property
    def takes_effect_later(self) -> bool:
        """Whether it would not be in force at once after its approval."""
        requested = self.publication.requested_effective_from
        return bool(requested and requested > self.at)

    @property
    def may_decide(self) -> bool:
        """Whether the screen has a section with decisions."""
        return self.is_in_review or self.may_withdraw or self.may_publish_again

    @property
    def may_withdraw(self) -> bool:
        """Whether the person may withdraw it: editors before, approvers after the approval."""
        if self.is_in_review:
            return self.by.has_perm("compliance.submit_publication")
        return self.state == Publication.State.APPROVED and self.by.has_perm(
            "compliance.approve_publication"
        )

    @property
    def withdrawal_obstacle(self) -> str:
        """Why an approver may not withdraw it after all, "" if they may."""
        if self.state != Publication.State.APPROVED or not self.may_withdraw:
            return ""
        return self.withdrawal.obstacle

    @property
    def withdrawal_effect(self) -> str:
        """What readers would see once an approved publication is withdrawn."""
        standing = self.publication.register.publications.standing().taken_effect(self.at)
        if standing.last() == self.publication:
            before = standing.exclude(pk=self.publication.pk).last()
            if before is None:
                return "No page will be public then."
            return f"Publication {before.number} will be shown again."
        if self.publication.effective_from and self.publication.effective_from > self.at:
            return "It will not take effect."
        return "The page in force stays as it is; this earlier one is no longer shown."

    @cached_property
    def proof_address(self) -> str:
        """The address of its proof in the public log, "" if it has none that readers can see."""
        slug, number = self.publication.register.slug, self.publication.number
        if number is None:
            return ""
        try:
            _, entry = lookup.find_numbered(slug, number, self.at)
        except (lookup.NotPublic, StoreFault):
            return ""
        log = reader.readable_log()
        if log is None or not log.has(entry):
            return ""
        return reverse("public:proof", kwargs={"slug": slug, "number": number})

    @cached_property
    def passkeys(self) -> list[RecordedFactor]:
        """The passkeys with one of which the person signs a decision; [] for somebody without."""
        return passkeys_of(self.by)

    @cached_property
    def signing_obstacle(self) -> str:
        """Why the person cannot sign what has to be signed, "" if nothing prevents it."""
        return publishing.signing_obstacle(self.by)

    @property
    def approval_options(self) -> str:
        """What the browser is asked, as JSON, to have the approval signed."""
        return self._request_options(self.outlook.approval_sha256)

    @property
    def withdrawal_options(self) -> str:
        """What the browser is asked, as JSON, to have the withdrawal signed."""
        return self._request_options(self.withdrawal.withdrawal_sha256)

    def _request_options(self, signed_sha256: str) -> str:
        return json.dumps(request_options(signed_sha256, self.passkeys, rp_id=self.rp_id))

    @property
    def may_publish_again(self) -> bool:
        """Whether the person may submit it again: it was approved and is not in force."""
        publication = self.publication
        in_force = publication.register.publications.in_force(self.at)
        may_submit = self.by.has_perm("compliance.submit_publication")
        return may_submit and bool(publication.number) and in_force != publication

    @cached_property
    def changes_to_grade_again(self) -> tuple[Change, ...]:
        """The changes that the person grades to submit it again."""
        return publishing.reverted_changes(self.publication, at=self.at)

    @property
    def contents_to_grade_again(self) -> dict[str, str]:
        """The digests of what is graded in these changes, by their keys."""
        return publishing.reverted_contents(self.publication, at=self.at)

    @cached_property
    def changesets(self) -> list[Changeset]:
        """The changesets that it publishes, earliest first."""
        contributions = self.publication.contributions.adding().select_related("changeset")
        return [contribution.changeset for contribution in contributions]

    @property
    def contributors(self) -> list[str]:
        """The names of the people who made these changesets, each once."""
        return list(dict.fromkeys(changeset.label for changeset in self.changesets))

    @cached_property
    def account_edits(self) -> QuerySet[Changeset]:
        """How its contributors changed the account of the approver who looks at it."""
        if not self.is_in_review or not self.by.has_perm("compliance.approve_publication"):
            return Changeset.objects.none()
        return account_edits_by_contributors(self.publication, of=self.by)

    @cached_property
    def edits_since(self) -> QuerySet[Changeset]:
        """The changesets of the register that were recorded after the submission."""
        if not self.is_in_review:
            return Changeset.objects.none()
        return publishing.edited_since(self.publication)

    @cached_property
    def findings(self) -> FindingGroups:
        """The findings of the rules when it was submitted, with their answers.

        An answer that stands from an earlier publication is folded, unless the person has to read
        it.
        """
        rows = describe_findings(
            self.publication.findings, published_answers(self.publication), anchors=self.anchors
        )
        base = self.publication.base
        known = findings_of(base) if base else ()
        new = {finding.key for finding in not_among(findings_of(self.publication), known)}
        standing = familiar_answers(self.publication, by=self.by)
        return group_findings(rows, new=new, standing=standing)

    @cached_property
    def repeated_answers(self) -> frozenset[str]:
        """The keys of the findings whose answers are word for word those of others."""
        return repeated_answers(self.publication)

    @property
    def exports(self) -> list[tuple[str, tuple[MarkedLine, ...]]]:
        """The name of each export format and its lines with changes marked."""
        exports = []
        base = _export_texts(self.publication.base) if self.publication.base else {}
        frozen = _export_texts(self.publication)
        for name in FORMATS:
            if name in frozen:
                lines = marked_lines.marked_lines(base.get(name, ""), frozen[name])
                exports.append((FORMATS[name].label, lines))
        return exports

    @property
    def frame(self) -> list[tuple[str, str, str]]:
        """The facts beside the page (publisher, contact, licence): label, before and after."""
        facts = []
        for name, label in _FRAME.items():
            before = getattr(self.publication.base, name, "")
            after = getattr(self.publication, name)
            if before or after:
                facts.append((label, before, after))
        return facts


def _export_texts(publication: Publication) -> dict[str, str]:
    """Return the frozen files as texts, by format; a format is added later than some publications.

    JSON has one value a line, so that lines can be compared.
    """
    texts = {file.format: bytes(file.content).decode() for file in publication.files.all()}
    if "json" in texts:
        texts["json"] = json.dumps(json.loads(texts["json"]), ensure_ascii=False, indent=1)
    return texts
