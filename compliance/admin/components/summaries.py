"""Summaries of changes, findings and schedules, shared by the screens of the admin."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from compliance.admin.components.links import addresses
from compliance.page.diff import Change, Effect
from compliance.page.parts import part_of_change
from compliance.page.remembered import values_of
from compliance.page.rules import Answer, Severity, SubjectKind
from compliance.page.snapshot import Snapshot
from compliance.page.table import Row
from compliance.publishing.offers import Offer
from compliance.rendering.marked_page import Anchor
from compliance.rendering.moments import minute_text

_NO_ANCHORS: Mapping[str, Anchor] = {}
_NO_ANSWER = Answer("")
_NO_OFFERS: Mapping[str, Offer] = {}
_NO_DAYS: Mapping[str, str] = {}
_EFFECTS = list(Effect)
# What a finding can be about that is a part of a page, whose key begins with the same word.
_PART_KINDS = {SubjectKind.LISTING, SubjectKind.FOOTNOTE, SubjectKind.MODEL, SubjectKind.PROVIDER}


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with its answer, ready for a template.

    `number` counts the findings of the screen, and `key` names the answer's field in the form.
    `answer` is empty if there is none; `offered` is what may be the answer then.
    `typed_day` is what was typed of the day until which it holds, where that could not be read.
    `is_missing` is true if the finding blocks the submission.
    `kind` names what the finding is about ("listing") and `address` is the form where an editor
    mends it, empty if the record is gone. `anchor` is its place in the marked page, if the page
    shows it. `part` is the key of the part of the page that it is about, if it is about one.
    """

    number: int
    key: str
    severity: str
    message: str
    answer: Answer
    offered: Offer | None = None
    typed_day: str = ""
    is_missing: bool = False
    kind: str = ""
    address: str = ""
    anchor: Anchor | None = None
    part: str = ""

    @property
    def needs_answer(self) -> bool:
        """Whether a person must write an answer before the register can be submitted."""
        return self.severity == Severity.WARNING

    @property
    def message_without_field(self) -> str:
        """The message for a screen without a field for the answer: it says where to answer."""
        if not self.needs_answer or self.answer.reason:
            return self.message
        return f"{self.message} You give the answer when you submit the page."

    @property
    def offered_in(self) -> str:
        """Where the offered answer stands that is not on the page before, "" for others."""
        publication = self.offered.publication if self.offered else None
        return describe_pending(publication) if hasattr(publication, "status") else ""


@dataclass(frozen=True, slots=True)
class ChangeSentence:
    """A change as a sentence in a list on a screen, with the words that it tells of.

    `id` is the sentence's own id in the HTML. `subject` is the id of the listing or footnote that
    changed and `anchor` its place in the marked page; both are empty if the page does not show it.
    `is_graded` is true if the submitter gave the effect. `part` is the key of the part of the page
    that the change is in, "" for a change of several parts.
    """

    effect: str
    sentence: str
    id: str
    subject: str = ""
    anchor: Anchor | None = None
    is_graded: bool = False
    part: str = ""
    lead: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """How many changes have each effect, and which providers were added or removed.

    `arrived` and `left` are the names of those providers.
    """

    weaker: int
    mixed: int
    unjudged: int
    stronger: int
    neutral: int
    arrived: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def less(self) -> int:
        """How many changes promise readers less, at least in one part."""
        return self.weaker + self.mixed


def describe_changes(
    changes: Iterable[Change], anchors: Mapping[str, Anchor]
) -> list[ChangeSentence]:
    """Return changes as numbered sentences: those that a person graded, then weaker ones first.

    `anchors` gives the place of a listing or footnote in the marked page by its id.
    """
    ordered = sorted(sort_weaker_first(changes), key=lambda change: not change.is_graded)
    return [_sentence(number, change, anchors) for number, change in enumerate(ordered, start=1)]


def sort_weaker_first(changes: Iterable[Change]) -> list[Change]:
    """Return changes by effect, weaker ones first, those of one effect in the order of the page."""
    return sorted(changes, key=lambda change: _EFFECTS.index(change.effect))


def count_changes(
    changes: Iterable[Change | ChangeSentence], before: Snapshot | None, after: Snapshot
) -> ChangeCounts:
    """Count changes by effect, and compare the providers of two versions of a page.

    On a first page (`before` is None) no provider counts as added.
    """
    counts = Counter(str(change.effect) for change in changes)
    new = _provider_names(after)
    old = _provider_names(before or after)
    return ChangeCounts(
        weaker=counts[Effect.WEAKER.value],
        mixed=counts[Effect.MIXED.value],
        unjudged=counts[Effect.UNJUDGED.value],
        stronger=counts[Effect.STRONGER.value],
        neutral=counts[Effect.NEUTRAL.value],
        arrived=tuple(name for id, name in new.items() if id not in old),
        left=tuple(name for id, name in old.items() if id not in new),
    )


def describe_findings(
    findings: Iterable[Mapping[str, Any]],
    answers: Mapping[str, Any],
    *,
    missing: Collection[str] = (),
    offered: Mapping[str, Offer] = _NO_OFFERS,
    typed_days: Mapping[str, str] = _NO_DAYS,
    anchors: Mapping[str, Anchor] = _NO_ANCHORS,
) -> list[FindingRow]:
    """Return findings with their answers and the addresses of the forms where they are mended.

    `findings` and `answers` are JSON values, as a publication stores them; `missing` holds the
    keys of findings that block a submission, `offered` what may answer findings, by their keys, and
    `typed_days` what was typed of the day until which an answer holds, where it could not be read.
    Takes one query for each kind of record.
    """
    findings = list(findings)
    # Publications from before findings had a kind are still shown, without a link.
    form_addresses = addresses(
        (finding.get("kind", ""), finding["subject"]) for finding in findings
    )
    rows = []
    for number, finding in enumerate(findings, start=1):
        key, kind, subject = finding["key"], finding.get("kind", ""), finding["subject"]
        row = FindingRow(
            number=number,
            key=key,
            severity=finding["severity"],
            message=finding["message"],
            answer=Answer.of(answers[key]) if key in answers else _NO_ANSWER,
            offered=offered.get(key),
            typed_day=typed_days.get(key, ""),
            is_missing=key in missing,
            kind=kind,
            address=form_addresses.get((kind, subject), ""),
            anchor=anchors.get(subject),
            part=f"{kind}:{subject}" if kind in _PART_KINDS else "",
        )
        rows.append(row)
    return rows


def _provider_names(snapshot: Snapshot) -> dict[str, str]:
    """Return the name of each provider in a row by its id, in the order of the page."""
    recipients = set(chain.from_iterable(values_of(_recipients, snapshot.all_rows)))
    return {
        provider.id: provider.name for provider in snapshot.providers if provider.id in recipients
    }


def _recipients(row: Row) -> tuple[str, ...]:
    return tuple(item.provider for item in row.providers)


def _sentence(number: int, change: Change, anchors: Mapping[str, Anchor]) -> ChangeSentence:
    candidates = (change.listing, *change.about)
    subject = next((id for id in candidates if id and id in anchors), "")
    return ChangeSentence(
        effect=change.effect,
        sentence=change.sentence,
        id=f"change-{number}",
        subject=subject,
        anchor=anchors.get(subject),
        is_graded=change.is_graded,
        part=part_of_change(change),
        lead=change.lead,
        before=change.before,
        after=change.after,
    )


def describe_pending(publication: Any) -> str:
    """Return what a publication is that is in review or scheduled, by its submitter.

    It may have `takes_effect_at`, the moment that its approval set.
    """
    is_ahead = getattr(publication, "takes_effect_at", None)
    state = describe_moment(publication) if is_ahead else "in review"
    return f"{publication.label}’s submission, {state}"


def describe_moment(publication: Any) -> str:
    """Return for when a publication with `takes_effect_at` is scheduled or announced."""
    state = "announced" if publication.announce else "scheduled"
    return f"{state} for {minute_text(publication.takes_effect_at)}"
