"""Submit a register, or an earlier publication again: what is frozen then is what another person approves."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from compliance.models import Changeset, Listing, Publication, Register, User
from compliance.models.changesets import take_editing_lock
from compliance.models.publications import FRAME
from compliance.page import text
from compliance.page.rules import Answer, Severity
from compliance.publishing import notifications
from compliance.publishing.afterwards import after_commit
from compliance.publishing.candidate import Candidate, candidate
from compliance.publishing.contributions import returning
from compliance.publishing.errors import NotAllowed, NotPublishable
from compliance.publishing.inserts import freeze
from compliance.rendering.html import artefacts
from compliance.workingcopy import findings

_LONGEST_REASON = 2000
# Later ones do not exist in every time zone, so no database takes them.
LATEST = datetime(9998, 12, 31, tzinfo=UTC)


@transaction.atomic
def submit(
    register: Register,
    *,
    by: "User",
    at: datetime,
    reason: str,
    listings: Iterable[Listing | UUID | str] | None = None,
    answers: Mapping[str, str | Answer] | None = None,
    effective_from: datetime | None = None,
    announce: bool = False,
) -> Publication:
    """Freeze the register, with the changed listings chosen (all by default), and return the publication in review.

    `answers` are given by finding key: a reason for this publication, or an Answer until a day; those given before
    to the same findings hold until theirs. `effective_from` is when it is wanted in force, on approval by default.
    Raises NotPublishable with what stands in the way, NotAllowed.
    """
    _refuse_person(by)
    said = reason_to_record(reason)
    take_editing_lock()
    register.refresh_from_db()
    _refuse_moment(effective_from, at)
    content = candidate(register, at=at, listings=listings, effective_from=effective_from)
    given = _answers(content, answers or {})
    _refuse_same(content)
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
        reason=said,
        requested_effective_from=effective_from,
        announce=announce,
        findings=[finding.to_dict() for finding in content.findings],
        answers={key: answer.recorded() for key, answer in given.items()},
    )
    after_commit(notifications.submitted, publication)
    return publication


@transaction.atomic
def revert(register: Register, *, to: int, by: "User", at: datetime, reason: str) -> Publication:
    """Submit the bytes of an earlier number again, and return the publication in review.

    The working copy is left. What the frame says is again what it said then, and the reason answers whatever the
    rules find. Raises NotPublishable, NotAllowed.
    """
    _refuse_person(by)
    said = reason_to_record(reason)
    take_editing_lock()
    earlier = register.publications.numbered(to)
    if earlier is None:
        raise NotPublishable(
            f"{register.title} has no publication {to}. Choose one of its publications."
        )
    publications = register.publications
    base = publications.followed_at(publications.earliest_effect(at=at, requested=None))
    frame = _frame(earlier)
    if base and base.content_sha256 == earlier.content_sha256 and frame == _frame(base):
        raise NotPublishable(f"{base} says what publication {to} says. There is nothing to revert.")
    found = findings.findings(
        register, earlier.snapshot(), before=base.snapshot() if base else None, at=at
    )
    publication = freeze(
        register,
        {file.format: bytes(file.content) for file in earlier.files.all()},
        changesets=returning(earlier, base),
        source=Publication.Source.NATIVE,
        base=base,
        reverts=earlier.reverts or earlier,
        submitted_at=at,
        submitted_by=by,
        label=by.get_username(),
        reason=said,
        captured_changeset=earlier.captured_changeset,
        findings=[finding.to_dict() for finding in found],
        answers=dict.fromkeys(
            (each.key for each in found if each.severity == Severity.WARNING), said
        ),
        **frame,
    )
    after_commit(notifications.submitted, publication)
    return publication


def reason_to_record(reason: str) -> str:
    """Return a reason without its edges; raises NotPublishable for one that is empty or cannot be recorded."""
    said = reason.strip()
    if not said:
        raise NotPublishable("The reason is empty. Say why.")
    if len(said) > _LONGEST_REASON:
        raise NotPublishable(
            f"The reason has {len(said):,} characters. Say why in at most {_LONGEST_REASON:,}."
        )
    if fault := text.fault(said, multiline=True):
        raise NotPublishable(f"The reason cannot be recorded. {fault}")
    return said


def _refuse_person(by: "User") -> None:
    if not by.has_perm("compliance.submit_publication"):
        raise NotAllowed(f"{by.get_username()} may not submit publications. Ask an editor.")


def _refuse_moment(effective_from: datetime | None, at: datetime) -> None:
    if effective_from and effective_from < at:
        raise NotPublishable(
            f"{effective_from.isoformat()} has passed. Nothing is published backdated: leave the moment empty, or "
            "give a later one."
        )
    if effective_from and effective_from > LATEST:
        raise NotPublishable(
            f"{effective_from.isoformat()} is past the year 9998. Give an earlier moment."
        )


def _answers(content: Candidate, given: Mapping[str, str | Answer]) -> dict[str, Answer]:
    """Return every answer to record; raises NotPublishable with the findings that have none."""
    known = {finding.key for finding in content.findings}
    written = {key: Answer.of(answer) for key, answer in given.items() if key in known}
    for answer in written.values():
        if fault := answer.reason and (
            text.fault(answer.reason, multiline=True) or answer.fault(content.day)
        ):
            raise NotPublishable(f"An answer cannot be recorded. {fault}")
    # One that was given before and is taken out now is taken back.
    answers = {
        key: answer for key, answer in {**content.answered, **written}.items() if answer.reason
    }
    if open_findings := content.unanswered(answers):
        raise NotPublishable(" ".join(finding.message for finding in open_findings), open_findings)
    return answers


def _frame(source: Publication | Register) -> dict[str, str]:
    """Return what the frame around a page says of who answers for it."""
    return {name: getattr(source, name) for name in FRAME}


def _refuse_same(content: Candidate) -> None:
    base, register = content.base, content.register
    if base is None or content.before != content.snapshot:
        return
    if _frame(base) == _frame(register):
        raise NotPublishable(
            f"Nothing differs from publication {base.number}. Edit the register first."
        )
