"""The form that submits a register: chosen parts, answers, grades, reason and date."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.timezone import localtime

from compliance import publishing
from compliance.admin.components.days import MomentField, read_day
from compliance.admin.components.fields import MultilineField, ReasonField
from compliance.admin.components.summaries import (
    ChangeCounts,
    FindingRow,
    count_changes,
    describe_findings,
)
from compliance.admin.publishing.choice import CHOOSE, PartChoice, chosen_parts, part_choices
from compliance.admin.publishing.findings import FindingGroups, group_findings
from compliance.admin.publishing.grades import GradeField, grade_fields, grade_names, read_grades
from compliance.models import Changeset, Publication, Register, User
from compliance.models.changesets import MAX_REASON_LENGTH
from compliance.page import text
from compliance.page.diff import Change
from compliance.page.rules import Answer
from compliance.publishing import Candidate, NotPublishable
from compliance.publishing.offers import offers
from compliance.publishing.pending import pending_parts, pending_publications
from compliance.rendering.faults import Fault, form_faults

_NO_LONGER_DIFFERENT = (
    "A part that you chose no longer differs from the page it would change. "
    "Look at the choice again."
)
_SUBMITTED_MEANWHILE = (
    "submitted this register after you opened the form, so nothing was submitted. "
    "It is listed below. Submit once more if yours is still wanted."
)

# Prefixes of form fields; the key of a finding follows.
ANSWER, UNTIL = "answer:", "until:"
# Those of the box that takes over what is offered as an answer, and of the day until it holds.
OFFER, OFFER_UNTIL = "offer:", "offer-until:"
_ANSWER_FIELD = MultilineField(required=False)
SHOW = "_show"  # name of the button that only shows what the chosen parts would change


class SubmitForm(forms.Form):
    """The reason and date of a submission.

    `waiting` is the key of the latest submission that the form showed as waiting for a decision.
    """

    reason = ReasonField(
        label="Reason",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the approver and auditors; never shown to the public.",
        error_messages={
            "required": "The reason is empty. Say why the page changes; nothing was submitted."
        },
    )
    effective_from = MomentField(
        label="In force from",
        required=False,
    )
    announce = forms.BooleanField(
        label="Announce it",
        required=False,
        help_text="Once approved, its page may be seen before it is in force.",
    )
    waiting = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        tomorrow = localtime() + timedelta(days=1)
        self.fields["effective_from"].help_text = (
            "Empty: as soon as it is approved. A later moment, for example: "
            f"{tomorrow:%-d %b %Y} 09:00."
        )


@dataclass(frozen=True, slots=True)
class ChecklistPart:
    """A part to choose, with its changes and what the rules newly find about it.

    Each change has the field of its grade, None if it needs no grade. `choice` is None for what
    belongs to several parts.
    """

    choice: PartChoice | None
    changes: tuple[tuple[Change, GradeField | None], ...]
    findings: tuple[FindingRow, ...]


class Submission:
    """A register as somebody is about to submit it.

    `posted` is the form that was sent, None when the screen is first opened. `refusals` are
    sentences that say why nothing was submitted; `unanswered` are the keys of findings that
    block the submission, `ungraded` those of changes without a grade.
    """

    answer_prefix, until_prefix = ANSWER, UNTIL
    offer_prefix, offer_until_prefix = OFFER, OFFER_UNTIL

    def __init__(
        self,
        register: Register,
        at: datetime,
        posted: QueryDict | None = None,
        *,
        by: User,
        only: str = "",
    ) -> None:
        self.register, self.at, self.by = register, at, by
        self._only = only
        self.posted = QueryDict() if posted is None else posted
        self.form = SubmitForm(posted)
        self.form.fields["reason"].required = not is_only_shown(self.posted)
        self.form.is_valid()
        if fault := publishing.moment_fault(self.effective_from, at=at):
            self.form.add_error("effective_from", fault)
        self.unanswered: frozenset[str] = frozenset()
        self.ungraded: frozenset[str] = frozenset()
        self.refusals: list[str] = []
        self.answers, self._days = _read_answers(self.posted)
        self.candidate = self._candidate()
        self._grade_names = grade_names(self.candidate.graded_contents)
        self.grades = read_grades(self.posted, self._grade_names)
        if posted is None:
            self.form.initial["reason"] = self.reason_offered

    def _candidate(self) -> Candidate:
        """Return what would be submitted: the chosen parts, at first all that wait for nothing."""
        self.everything = publishing.candidate(
            self.register, at=self.at, effective_from=self.effective_from
        )
        self._pending = pending_publications(self.register, self.everything.base, at=self.at)
        self._pending_parts = pending_parts(self._pending)
        chosen = chosen_parts(
            self.everything, self.posted, only=self._only, by=self.by, pending=self._pending_parts
        )
        differing = {part.key for part in self.everything.changed}
        if chosen - differing:
            self.refusals.append(_NO_LONGER_DIFFERENT)
        if differing <= chosen:
            return self.everything
        return self.everything.holding_back(differing - chosen)

    @property
    def effective_from(self) -> datetime | None:
        """The moment that was typed, as it was read; None without one, or where it is refused."""
        return self.form.cleaned_data.get("effective_from") if self.form.is_bound else None

    @cached_property
    def choices(self) -> list[PartChoice]:
        """The parts to choose from, with who edited them and why for those who may see that."""
        return part_choices(self.candidate, self._edits, self._pending_parts)

    @cached_property
    def checklist(self) -> list[ChecklistPart]:
        """The parts to choose from with everything about each, then what is about several."""
        keys = (change.key for change in self.candidate.to_grade)
        grades = dict(zip(keys, self.grade_fields, strict=True))
        findings: defaultdict[str, list[FindingRow]] = defaultdict(list)
        shown = {choice.changed.key for choice in self.choices}
        for finding in self.findings.new:
            findings[finding.part if finding.part in shown else ""].append(finding)

        def part(choice: PartChoice | None, changes: Iterable[Change], key: str) -> ChecklistPart:
            graded = tuple((change, grades.get(change.key)) for change in changes)
            return ChecklistPart(choice, graded, tuple(findings[key]))

        parts = [part(one, one.changed.changes, one.changed.key) for one in self.choices]
        if self.elsewhere or findings[""]:
            parts.append(part(None, self.elsewhere, ""))
        return parts

    @property
    def reason_offered(self) -> str:
        """The reasons of the person's own edits in it, "" where others edited it too."""
        chosen = [choice for choice in self.choices if choice.is_included]
        latest = [choice.changesets[0] for choice in chosen if choice.changesets]
        if {one.by_id for one in latest} != {self.by.pk}:
            return ""
        reasons = dict.fromkeys(one.reason for one in sorted(latest, key=lambda one: one.pk))
        offered = "\n".join(reasons)
        return offered if len(offered) <= MAX_REASON_LENGTH else ""

    @property
    def is_only_unchanged(self) -> bool:
        """Whether the screen was opened for one row, which does not differ."""
        return bool(self._only) and all(part.key != self._only for part in self.everything.changed)

    @property
    def chosen_again(self) -> list[PartChoice]:
        """The chosen parts that are in review or scheduled already."""
        return [choice for choice in self.choices if choice.is_included and choice.pending]

    @cached_property
    def _edits(self) -> Mapping[str, list[Changeset]]:
        """The changesets by part, for people who may see who edited it and why."""
        may_see = self.by.has_perm("compliance.view_changeset")
        return self.everything.changesets_by_part() if may_see else {}

    @cached_property
    def in_review(self) -> list[Publication]:
        """The submissions that wait for a decision, latest first."""
        return list(self.register.publications.in_review())

    @property
    def waiting(self) -> int:
        """The key of the latest submission that waits for a decision, 0 if none does."""
        return max((publication.pk for publication in self.in_review), default=0)

    def submit(self, *, by: User) -> Publication | None:
        """Submit the register and return the publication.

        Returns None if something prevents it; then `faults` says what.
        """
        seen = self.form.cleaned_data.get("waiting")
        if seen is not None and self.waiting > seen:
            self.refusals.append(f"{self.in_review[0].label} {_SUBMITTED_MEANWHILE}")
        given = {key: answer for key, answer in self._answers.items() if answer.reason}
        self.unanswered = frozenset(finding.key for finding in self.candidate.unanswered(given))
        self.ungraded = frozenset(change.key for change in self.candidate.ungraded(self.grades))
        if self.faults:
            return None
        try:
            return publishing.submit(
                self.register,
                by=by,
                at=self.at,
                reason=self.form.cleaned_data["reason"],
                held_back=self.candidate.held_back,
                answers=self.answers,
                grades=self.grades,
                effective_from=self.form.cleaned_data["effective_from"],
                announce=self.form.cleaned_data["announce"],
            )
        except NotPublishable as refusal:
            self.unanswered = frozenset(finding.key for finding in refusal.findings)
            self.ungraded = frozenset(change.key for change in refusal.ungraded)
            if not refusal.findings and not refusal.ungraded:
                self.refusals.append(str(refusal))
        return None

    @cached_property
    def findings(self) -> FindingGroups:
        """The findings, with the answers that were given, stand from before or are offered."""
        offered = {
            key: offer
            for key, offer in offers(self.candidate, self._edits, pending=self._pending).items()
            if not (key in self.answers and self.answers[key].reason)
        }
        rows = describe_findings(
            [finding.to_dict() for finding in self.candidate.findings],
            self._answers,
            missing=self.unanswered,
            offered=offered,
            typed_days={key: day.typed for key, day in self._days.items()},
        )
        new = {finding.key for finding in self.candidate.new_findings}
        standing = {key for key, answer in self._answers.items() if answer.given_at}
        return group_findings(rows, new=new, standing=standing)

    @property
    def grade_fields(self) -> list[GradeField]:
        """The changes of which the submitter says what they mean for readers."""
        return grade_fields(
            self.candidate.to_grade, self._grade_names, self.grades, missing=self.ungraded
        )

    @cached_property
    def _answers(self) -> dict[str, Answer]:
        """The standing answers, and over them those that were typed and say something else."""
        standing = self.candidate.answered
        typed = {
            key: answer
            for key, answer in self.answers.items()
            if not answer.says_the_same(standing.get(key))
        }
        return {**standing, **typed}

    @property
    def faults(self) -> list[Fault]:
        """What prevents the submission."""
        faults = [*map(Fault, self.refusals), *form_faults(self.form)]
        for field in self.grade_fields:
            if field.is_missing:
                sentence = f"Say what this means for readers: {field.sentence}"
                faults.append(Fault(sentence, f"grade-{field.number}"))
        for number, finding in enumerate(self.candidate.findings, start=1):
            answer = self._answers.get(finding.key)
            if answer and answer.reason and not answer.given_at:
                if fault := text.fault(answer.reason, multiline=True):
                    faults.append(Fault(f"Answer: {fault}", f"answer-{number}"))
                day = self._days.get(finding.key)
                if fault := day.fault if day else answer.fault(self.candidate.day):
                    faults.append(Fault(f"Holds until: {fault}", f"until-{number}"))
            if finding.key in self.unanswered:
                faults.append(Fault(finding.message, f"finding-{number}"))
        return faults

    @property
    def counts(self) -> ChangeCounts:
        """How many changes of each effect there are, and which providers come or go."""
        return count_changes(self.candidate.changes, self.candidate.before, self.candidate.snapshot)

    @property
    def elsewhere(self) -> list[Change]:
        """The changes that belong to no part by itself."""
        in_parts = {change for part in self.candidate.changed for change in part.changes}
        return [change for change in self.candidate.changes if change not in in_parts]


def is_only_shown(posted: QueryDict) -> bool:
    """Return whether a form asks to see a choice, and not to submit it."""
    return SHOW in posted or CHOOSE in posted


class _UnreadableDay(NamedTuple):
    """What was typed for a day, and a sentence that says what is wrong with it."""

    typed: str
    fault: str


def _read_answers(posted: QueryDict) -> tuple[dict[str, Answer], dict[str, _UnreadableDay]]:
    """Return the answers by finding key, and by that key what was typed where it is no day.

    Each is what was typed or, where that is nothing, what was offered and ticked.
    """
    answers, unreadable_days = {}, {}
    for name, typed in posted.items():
        if not name.startswith(ANSWER):
            continue
        key = name.removeprefix(ANSWER)
        until = str(posted.get(UNTIL + key, "")).strip()
        reason = _ANSWER_FIELD.to_python(typed)
        if not reason and (offered := posted.get(OFFER + key)):
            reason = _ANSWER_FIELD.to_python(offered)
            until = until or str(posted.get(OFFER_UNTIL + key, ""))
        try:
            answers[key] = Answer(reason, read_day(until) if until else None)
        except ValidationError as error:
            answers[key] = Answer(reason)
            unreadable_days[key] = _UnreadableDay(until, " ".join(error.messages))
    return answers, unreadable_days
