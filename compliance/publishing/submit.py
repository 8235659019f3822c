"""Submit a register for approval, or submit an earlier publication again.

Submitting freezes the page in every format. Another person approves exactly those bytes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from compliance.models import Changeset, Listing, Publication, Register, User, ledger
from compliance.models.changesets import MAX_REASON_LENGTH, reason_fault, take_editing_lock
from compliance.page import diff
from compliance.page.diff import GRADES, Change
from compliance.page.graded import graded_contents
from compliance.page.rules import Answer, Finding, Severity
from compliance.page.snapshot import Snapshot
from compliance.publishing import notifications
from compliance.publishing.announcements import obstacle_to_announcing
from compliance.publishing.answers import answers_to_record, standing_answers
from compliance.publishing.candidate import Candidate, candidate, frame_of
from compliance.publishing.errors import NotAllowed, NotPublishable
from compliance.publishing.grades import changes_to_grade, grades_to_record, ungraded
from compliance.publishing.inserts import freeze
from compliance.publishing.people import SUBMIT, acting_person
from compliance.publishing.returns import returning
from compliance.rendering.html import artefacts
from compliance.workingcopy import findings

# A later moment falls into the year 10000 in some time zones, which no database stores.
LATEST = datetime(9998, 12, 31, tzinfo=UTC)


@transaction.atomic
def submit(
    register: Register,
    *,
    by: "User",
    at: datetime,
    reason: str,
    listings: Iterable[Listing | UUID | str] | None = None,
    held_back: Iterable[str] = (),
    answers: Mapping[str, str | Answer] | None = None,
    grades: Mapping[str, str] | None = None,
    effective_from: datetime | None = None,
    announce: bool = False,
) -> Publication:
    """Freeze the register as a publication in review, and return it.

    `listings` are the changed listings to include, all by default; `held_back` are the keys of
    further parts to hold back (`page.parts`). `answers` maps the key of a
    finding to the written reason why it may stand, or to an Answer that holds until a day; answers
    of the page before to the same findings stand for a year. `grades` maps the key of an unjudged
    change to what it means for readers: weaker, stronger, mixed or neutral. `effective_from` is
    when the publication is to take effect, on approval by default.

    Raises NotPublishable with the findings and the ungraded changes that are in the way, NotAllowed
    if `by` may not submit.
    """
    reason = reason_to_record(reason)
    take_editing_lock()
    by = _submitter(by)
    _refuse_future()
    at = ledger.not_before_last(at)
    # The caller may have read it before the lock; whatever was saved meanwhile is submitted too.
    register.refresh_from_db()
    if fault := moment_fault(effective_from, at=at):
        raise NotPublishable(fault)
    content = candidate(
        register,
        at=at,
        listings=listings,
        held_back=held_back,
        effective_from=effective_from,
    )
    given = answers_to_record(
        answers or {},
        content.answered,
        content.findings,
        by=by.get_username(),
        at=at,
        day=content.day,
    )
    graded = grades_to_record(content.to_grade, grades or {})
    _refuse_open(content.unanswered(given), content.ungraded(graded))
    _refuse_same(content)
    _refuse_announcement(register, content.base, announce, effective_from, at)
    publication = freeze(
        register,
        artefacts(content.snapshot),
        changesets=content.changesets,
        source=Publication.Source.NATIVE,
        base=content.base,
        captured_changeset=Changeset.objects.first(),
        held_back=list(content.held_back),
        submitted_at=at,
        submitted_by=by,
        label=by.get_username(),
        reason=reason,
        requested_effective_from=effective_from,
        announce=announce,
        findings=[finding.to_dict() for finding in content.findings],
        answers={key: answer.recorded() for key, answer in given.items()},
        grades=graded,
        **content.frame,
    )
    transaction.on_commit(lambda: notifications.submitted(publication, by=by), robust=True)
    return publication


@transaction.atomic
def revert(
    register: Register,
    *,
    to: int,
    by: "User",
    at: datetime,
    reason: str,
    grades: Mapping[str, str] | None = None,
) -> Publication:
    """Submit bytes and frame of publication `to` again, and return the new publication.

    If the moment of that one lies ahead, it keeps the moment and the announcement; else it is to
    take effect on approval. The working copy stays as it is. The reason answers every warning that
    has no standing answer. `grades` are those of the changes that the revert makes, as in `submit`.

    Raises NotPublishable if there is no such number, nothing would change or a change has no grade,
    NotAllowed if `by` may not submit.
    """
    reason = reason_to_record(reason)
    take_editing_lock()
    by = _submitter(by)
    _refuse_future()
    at = ledger.not_before_last(at)
    earlier = register.publications.numbered(to)
    if earlier is None:
        raise NotPublishable(
            f"{register.title} has no publication {to}. Choose one of its publications."
        )
    requested = _moment_of_revert(earlier, at)
    base = _base_of_revert(earlier, at)
    announce = earlier.announce and requested is not None
    _refuse_announcement(register, base, announce, requested, at)
    frame = frame_of(earlier)
    # The frame is not part of the hash (ADR 0004), so it is compared by itself.
    if base and base.content_sha256 == earlier.content_sha256 and frame == frame_of(base):
        raise NotPublishable(f"{base} says what publication {to} says. There is nothing to revert.")
    before, after = base.snapshot() if base else None, earlier.snapshot()
    to_grade = _to_grade(before, after)
    graded = grades_to_record(to_grade, grades or {})
    _refuse_open([], ungraded(to_grade, graded))
    found = findings.findings(register, after, before=before, at=requested or at)
    standing = standing_answers(base, found, day=at.astimezone(UTC).date())
    # A revert is made in haste: one reason answers all, and the approver sees it (ADR 0007).
    given = Answer(reason, by=by.get_username(), given_at=at)
    answers = {
        finding.key: standing.get(finding.key, replace(given, about=finding.parts))
        for finding in found
        if finding.severity == Severity.WARNING
    }
    publication = freeze(
        register,
        # The frozen bytes, not a new rendering: templates may have changed since.
        {file.format: bytes(file.content) for file in earlier.files.all()},
        changesets=returning(earlier, base),
        source=Publication.Source.NATIVE,
        base=base,
        # Never another revert: what follows this link does so once (page_before.py).
        reverts=earlier.reverts or earlier,
        submitted_at=at,
        submitted_by=by,
        label=by.get_username(),
        reason=reason,
        captured_changeset=earlier.captured_changeset,
        requested_effective_from=requested,
        announce=announce,
        findings=[finding.to_dict() for finding in found],
        answers={key: answer.recorded() for key, answer in answers.items()},
        grades=graded,
        **frame,
    )
    transaction.on_commit(lambda: notifications.submitted(publication, by=by), robust=True)
    return publication


def reverted_changes(earlier: Publication, *, at: datetime) -> tuple[Change, ...]:
    """Return the changes that need a grade before a publication can be submitted again."""
    base = _base_of_revert(earlier, at)
    return _to_grade(base.snapshot() if base else None, earlier.snapshot())


def reverted_contents(earlier: Publication, *, at: datetime) -> dict[str, str]:
    """Return the digests of what is graded in these changes, by their keys."""
    base = _base_of_revert(earlier, at)
    return graded_contents(base.snapshot() if base else None, earlier.snapshot())


def _base_of_revert(earlier: Publication, at: datetime) -> Publication | None:
    """Return the publication that an earlier one would follow if it was submitted again."""
    publications = earlier.register.publications
    requested = _moment_of_revert(earlier, at)
    return publications.followed_at(publications.earliest_effect(at=at, requested=requested))


def _moment_of_revert(earlier: Publication, at: datetime) -> datetime | None:
    """Return the moment of an earlier publication if it lies ahead, else None."""
    effective_from = earlier.effective_from
    return effective_from if effective_from and effective_from > at else None


def _to_grade(before: Snapshot | None, after: Snapshot) -> tuple[Change, ...]:
    return changes_to_grade(before, diff.compare(before, after))


def reason_to_record(reason: str) -> str:
    """Return the reason without surrounding blanks.

    Raises NotPublishable if it is empty, too long, or has characters that may not be shown.
    """
    stripped = reason.strip()
    if fault := reason_fault(stripped):
        raise NotPublishable(fault)
    if len(stripped) > MAX_REASON_LENGTH:
        raise NotPublishable(
            f"The reason has {len(stripped):,} characters. "
            f"Say why in at most {MAX_REASON_LENGTH:,}."
        )
    return stripped


def _submitter(by: "User") -> "User":
    """Return the person as they are now. Raises NotAllowed if they may not submit."""
    person = acting_person(by)
    if not person.has_perm(SUBMIT):
        raise NotAllowed(f"{person.get_username()} may not submit publications. Ask an editor.")
    return person


def _refuse_announcement(
    register: Register,
    base: Publication | None,
    announce: bool,
    effective_from: datetime | None,
    at: datetime,
) -> None:
    """Raise NotPublishable if an announced page would show what nobody announced."""
    obstacle = obstacle_to_announcing(
        base,
        register.publications.standing_after(base),
        announce=announce,
        takes_effect=effective_from,
        at=at,
    )
    if obstacle:
        raise NotPublishable(obstacle)


def _refuse_future() -> None:
    """Raise NotPublishable if the record's last entry lies ahead of the clock."""
    try:
        ledger.refuse_future(ledger.last_moment())
    except ledger.ClockBehind as fault:
        raise NotPublishable(" ".join(fault.messages)) from fault


def moment_fault(effective_from: datetime | None, *, at: datetime) -> str:
    """Return why a publication that is submitted now cannot take effect at a moment, or ""."""
    if effective_from and effective_from < at:
        return (
            f"{effective_from.astimezone(UTC):%-d %b %Y, %H:%M} UTC has passed, and nothing is "
            "published backdated. Leave the moment empty, or give a later one."
        )
    if effective_from and effective_from > LATEST:
        return f"{effective_from:%-d %b %Y} is past the year 9998. Give an earlier moment."
    return ""


def _refuse_open(findings: list[Finding], changes: list[Change]) -> None:
    """Raise NotPublishable if findings are open or changes have no grade."""
    if findings or changes:
        sentences = [finding.message for finding in findings]
        sentences += [
            f"{change.sentence} Say what this means for readers: {', '.join(GRADES)}."
            for change in changes
        ]
        raise NotPublishable(" ".join(sentences), findings, changes)


def _refuse_same(content: Candidate) -> None:
    base = content.base
    # Snapshots, not hashes: a key that a later version adds with its default is no difference.
    if base is None or content.before != content.snapshot:
        return
    if frame_of(base) == content.frame:
        raise NotPublishable(
            f"Nothing differs from publication {base.number}. Edit the register first."
        )
