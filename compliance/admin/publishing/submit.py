"""The form by which a register's changes are submitted: which rows go in, the answers, why and from when."""

from datetime import date, datetime
from functools import cached_property

from django import forms
from django.core.validators import MaxValueValidator
from django.http import QueryDict

from compliance import publishing
from compliance.admin.components.fields import ReasonField
from compliance.admin.components.summaries import (
    ChangeCounts,
    FindingRow,
    count_changes,
    describe_findings,
)
from compliance.models import Publication, Register, User
from compliance.page.diff import Change
from compliance.page.rules import Answer
from compliance.publishing import NotPublishable

_NO_MOMENT = "This is no moment. Write it as 2026-12-01 09:00."
_LAPSED = "A row that you chose no longer differs from the page it would change. Look at the choice again."
_OTHERS_CAME = (
    "submitted this register after you opened the form, so nothing was submitted. It is listed below. Submit once more "
    "if yours is still wanted."
)
_ANSWER, _UNTIL = "answer:", "until:"
SHOW = "_show"  # the button that shows what a choice changes, and submits nothing


class SubmitForm(forms.Form):
    """What a submission says besides its content; `waiting` is the latest submission that its writer saw."""

    reason = ReasonField(
        label="Reason for this publication",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For the approver and auditors; never shown to the public.",
        error_messages={
            "required": "The reason is empty. Say why the page changes; nothing was submitted."
        },
    )
    effective_from = forms.DateTimeField(
        label="In force from (UTC)",
        required=False,
        input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%d"],
        help_text="Empty: as soon as it is approved. A later moment, for example: 2026-12-01 09:00.",
        widget=forms.DateTimeInput(attrs={"autocomplete": "off", "size": 20}),
        validators=[MaxValueValidator(publishing.LATEST, _NO_MOMENT)],
        error_messages={"invalid": _NO_MOMENT},
    )
    announce = forms.BooleanField(
        label="Announce it",
        required=False,
        help_text="Once approved, its page may be seen before it is in force.",
    )
    waiting = forms.IntegerField(required=False, widget=forms.HiddenInput)


class Submission:
    """A register's changes as somebody submits them at a moment; `posted` is what they sent, None at first."""

    answer_prefix, until_prefix = _ANSWER, _UNTIL

    def __init__(self, register: Register, at: datetime, posted: QueryDict | None = None) -> None:
        self.register, self.at = register, at
        self.posted = QueryDict() if posted is None else posted
        self.form = SubmitForm(posted)
        self.form.fields["reason"].required = SHOW not in self.posted
        self.form.is_valid()
        self.unanswered: frozenset[str] = frozenset()
        self.answers, self.refusals = _answers(self.posted)
        moment = self.form.cleaned_data.get("effective_from") if self.form.is_bound else None
        self.candidate = whole = publishing.candidate(register, at=at, effective_from=moment)
        if self.form.is_bound:
            differing, chosen = (
                {each.id for each in whole.changed},
                set(self.posted.getlist("listings")),
            )
            if chosen - differing:
                self.refusals.append(_LAPSED)
            if not differing <= chosen:
                kept = chosen & differing
                self.candidate = publishing.candidate(
                    register, at=at, listings=kept, effective_from=moment
                )

    @cached_property
    def in_review(self) -> list[Publication]:
        """What waits for a decision already, the latest first."""
        return list(self.register.publications.in_review())

    @property
    def waiting(self) -> int:
        """The latest submission that waits."""
        return max((publication.pk for publication in self.in_review), default=0)

    def submit(self, *, by: User) -> Publication | None:
        """Return what was submitted, or None where something stands in the way: then `faults` says what."""
        seen = self.form.cleaned_data.get("waiting")
        if seen is not None and self.waiting > seen:
            self.refusals.append(f"{self.in_review[0].label} {_OTHERS_CAME}")
        given = {
            key: answer
            for key, answer in {**self.candidate.answered, **self.answers}.items()
            if answer.reason
        }
        self.unanswered = frozenset(finding.key for finding in self.candidate.unanswered(given))
        if self.faults:
            return None
        chosen = {each.id for each in self.candidate.changed} - set(self.candidate.held_back)
        try:
            return publishing.submit(
                self.register,
                by=by,
                at=self.at,
                reason=self.form.cleaned_data["reason"],
                listings=chosen,
                answers=self.answers,
                effective_from=self.form.cleaned_data["effective_from"],
                announce=self.form.cleaned_data["announce"],
            )
        except NotPublishable as refusal:
            self.unanswered = frozenset(finding.key for finding in refusal.findings)
            self.refusals += [] if refusal.findings else [str(refusal)]
        return None

    @property
    def findings(self) -> list[FindingRow]:
        """What the rules find, with the answers that were typed or still hold."""
        answers = {
            key: answer.recorded()
            for key, answer in {**self.candidate.answered, **self.answers}.items()
        }
        return describe_findings(
            (finding.to_dict() for finding in self.candidate.findings),
            answers,
            missing=self.unanswered,
        )

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What stands in the way: a sentence each, after the id of the place on the screen where it is mended."""
        faults = [("", refusal) for refusal in self.refusals]
        for name, said in self.form.errors.items():
            faults += [(str(self.form[name].id_for_label), str(each)) for each in said]
        for number, finding in enumerate(self.candidate.findings, start=1):
            if finding.key in self.unanswered:
                faults.append((f"finding-{number}", finding.message))
        return faults

    @property
    def counts(self) -> ChangeCounts:
        """What differs, at a glance."""
        return count_changes(self.candidate.changes, self.candidate.before, self.candidate.snapshot)

    @property
    def elsewhere(self) -> list[Change]:
        """The changes of no row."""
        return [change for change in self.candidate.changes if change.listing is None]


def _answers(posted: QueryDict) -> tuple[dict[str, Answer], list[str]]:
    """Return the answers that were typed, by finding key, and a sentence for each that names no day."""
    answers, faults = {}, []
    for name, typed in posted.items():
        if not name.startswith(_ANSWER):
            continue
        key = name.removeprefix(_ANSWER)
        until = str(posted.get(_UNTIL + key, "")).strip()
        try:
            answers[key] = Answer(str(typed).strip(), date.fromisoformat(until) if until else None)
        except ValueError:
            answers[key] = Answer(str(typed).strip())
            faults.append(f"{until[:40]} is not a day. Write it as 2026-12-31, or leave it empty.")
    return answers, faults
