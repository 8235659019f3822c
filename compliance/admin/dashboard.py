"""The first page: what is public, what differs from it, what waits, what the rules find, and what to do next."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
    sort_weaker_first,
)
from compliance.models import Changeset, Decision, Listing, Publication, Register, User
from compliance.page.diff import Change, Effect
from compliance.page.rules import Severity
from compliance.publishing import Candidate
from compliance.workingcopy import reviews
from compliance.workingcopy.reviews import Due

_log = logging.getLogger(__name__)

_WHOLE = 4
_ROWS = 12
_FINDINGS = 12
_CHANGESETS = 8
_OVERDUE = 10
_IN_REVIEW = 20


@dataclass(frozen=True, slots=True)
class DifferingListing:
    """What differs in a listing, or with no name besides the listings, and the changesets behind it.

    `address` is where it is edited, empty where it is gone. `is_mine` says whether the person edited it, `waits`
    whether it is in a submission that waits for a decision as it is now.
    """

    name: str
    kind: str
    address: str
    changes: tuple[Change, ...]
    changesets: tuple[Changeset, ...]
    is_mine: bool
    waits: bool

    @property
    def is_weaker(self) -> bool:
        """Whether something in it is weaker for the reader."""
        return any(change.effect == Effect.WEAKER for change in self.changes)

    @property
    def is_draft(self) -> bool:
        """Whether it is the person's and was not submitted."""
        return self.is_mine and not self.waits


@dataclass(frozen=True, slots=True)
class WaitingSubmission:
    """A submission that waits for a decision, and what stands in this person's way; empty: it is theirs to decide."""

    publication: Publication
    obstacle: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class OverdueReview:
    """What was to be looked at again by now, and where that is done; `is_mine` where this person owns it."""

    due: Due
    address: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One of the first steps of an installation; without an address where the person may not take it."""

    said: str
    address: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class RegisterSummary:
    """A register: the page in force, what differs from it, and what the rules find in what would be submitted.

    `severities` counts all findings, `drafts` the rows that the person edited and that are not submitted, `left_out`
    the rows and findings that are not shown. `approval` is not told to whoever may not see publications.
    """

    register: Register
    base: Publication | None
    approval: Decision | None
    counts: ChangeCounts
    rows: tuple[DifferingListing, ...]
    findings: tuple[FindingRow, ...]
    severities: dict[str, int]
    drafts: int
    left_out: int


@dataclass(frozen=True)
class Dashboard:
    """The first page for a person at a moment; `only` is the register that is asked for alone, and in full."""

    by: User
    at: datetime
    only: str = ""

    def may(self, act: str) -> bool:
        """Return whether the person has a permission of ours."""
        return self.by.has_perm(f"compliance.{act}")

    @cached_property
    def waiting(self) -> list[WaitingSubmission]:
        """The submissions that wait for a decision: first those that are the person's to decide."""
        obstacles = publishing.obstacles(self._in_review, by=self.by)
        waiting = [
            WaitingSubmission(each, obstacles[each], each.submitted_by_id == self.by.pk)
            for each in self._in_review
        ]
        return sorted(waiting, key=lambda each: (bool(each.obstacle), not each.is_mine))[
            :_IN_REVIEW
        ]

    @cached_property
    def pages(self) -> list[tuple[Register, RegisterSummary | None]]:
        """The first registers, or the one that was asked for, each with its page; None where that cannot be read."""
        asked = [each for each in self._registers if str(each.pk) == self.only]
        return [(each, self._readable_page(each)) for each in asked or self._registers[:_WHOLE]]

    @property
    def others(self) -> list[Register]:
        """The registers of which only the name is shown."""
        return self._registers[len(self.pages) :] if len(self.pages) == _WHOLE else []

    @property
    def drafts(self) -> list[RegisterSummary]:
        """The pages with rows that the person edited and that are not submitted."""
        return [page for _, page in self.pages if page and page.drafts]

    @cached_property
    def overdue(self) -> list[OverdueReview]:
        """What is overdue for review: first what is this person's, then what has been for the longest time."""
        where = addresses((due.kind, due.id) for due in self._due[:_OVERDUE])
        return [
            OverdueReview(due, where.get((due.kind, due.id), ""), due.owner == self.by)
            for due in self._due[:_OVERDUE]
        ]

    @property
    def more_overdue(self) -> int:
        """How much more is overdue than is shown."""
        return len(self._due) - len(self.overdue)

    @cached_property
    def changesets(self) -> list[Changeset]:
        """The latest acts of editing."""
        return list(Changeset.objects.all()[:_CHANGESETS]) if self.may("view_changeset") else []

    @cached_property
    def first_steps(self) -> list[FirstStep]:
        """What leads to the first public page, until there is one."""
        if not sees_pages(self.by) or Decision.objects.filter(kind=Decision.Kind.APPROVED).exists():
            return []
        return list(self._steps())

    def _steps(self) -> Iterator[FirstStep]:
        register, submission = next(iter(self._registers), None), next(iter(self._in_review), None)
        said = "Add a register: the public list, with its title and introduction."
        yield self._step(said, bool(register), "add_register", _screen("register_add"))
        said = "Add its listings: a row for the models that go to the same providers on the same terms."
        yield self._step(
            said,
            Listing.objects.exists(),
            "add_listing",
            _screen("listing_add") if register else "",
        )
        said = "Publish: say why, answer what the rules find, and submit the page for approval."
        yield self._step(
            said, bool(submission), "submit_publication", _screen("publication_submit", register)
        )
        said = "Another person, who edited none of it, approves exactly that page. It is public at once."
        yield self._step(
            said, False, "approve_publication", _screen("publication_change", submission)
        )

    def _step(self, said: str, is_done: bool, permission: str, address: str) -> FirstStep:
        return FirstStep(said, address if self.may(permission) and not is_done else "", is_done)

    @cached_property
    def _due(self) -> list[Due]:
        found = reviews.overdue(self.at.astimezone(UTC).date()) if sees_pages(self.by) else []
        return sorted(found, key=lambda due: due.owner != self.by)

    @cached_property
    def _registers(self) -> list[Register]:
        return list(Register.objects.order_by("title", "pk")) if sees_pages(self.by) else []

    @cached_property
    def _in_review(self) -> list[Publication]:
        reviewed = Publication.objects.in_review().select_related("register")
        return list(reviewed) if self.may("view_publication") else []

    def _readable_page(self, register: Register) -> RegisterSummary | None:
        try:
            return self._page(register)
        except Exception:  # whatever one register's fault is, the first page opens
            _log.exception("The first page cannot show %s.", register)
            return None

    def _page(self, register: Register) -> RegisterSummary:
        candidate = publishing.candidate(register, at=self.at)
        rows = sorted(self._rows(candidate), key=lambda row: not row.is_weaker)
        shown = len(rows) if self.only else _ROWS
        told = candidate.findings if self.only else candidate.findings[:_FINDINGS]
        severities = Counter(finding.severity.value for finding in candidate.findings)
        sees_publications = self.may("view_publication")
        answers = (
            {key: answer.recorded() for key, answer in candidate.answered.items()}
            if sees_publications
            else {}
        )
        return RegisterSummary(
            register=register,
            base=candidate.base,
            approval=candidate.base.approval if candidate.base and sees_publications else None,
            counts=count_changes(candidate.changes, candidate.before, candidate.snapshot),
            rows=tuple(rows[:shown]),
            findings=tuple(describe_findings((finding.to_dict() for finding in told), answers)),
            severities={severity.value: severities[severity.value] for severity in Severity},
            drafts=sum(row.is_draft for row in rows),
            left_out=len(rows[shown:]) + len(candidate.findings) - len(told),
        )

    def _rows(self, candidate: Candidate) -> Iterator[DifferingListing]:
        """Give each listing that differs, and last what differs besides the listings."""
        behind = candidate.changesets_by_listing() if self.may("view_changeset") else {}
        submitted = [each for each in self._in_review if each.register_id == candidate.register.pk]

        def row(
            id: str | None, name: str, kind: str, address: str, changes: Iterable[Change]
        ) -> DifferingListing:
            changesets = tuple(behind.get(id, ()))
            is_mine = any(changeset.by_id == self.by.pk for changeset in changesets)
            waits = any(_holds(publication, id, changesets) for publication in submitted)
            return DifferingListing(
                name, kind, address, tuple(sort_weaker_first(changes)), changesets, is_mine, waits
            )

        for each in candidate.changed:
            address = (
                ""
                if each.kind == "removed"
                else reverse("admin:compliance_listing_change", args=[each.id])
            )
            yield row(each.id, each.name, each.kind, address, each.changes)
        if others := [change for change in candidate.changes if change.listing is None]:
            yield row(
                None,
                "",
                "",
                reverse("admin:compliance_register_change", args=[candidate.register.pk]),
                others,
            )


def _screen(name: str, *of: Any) -> str:
    """Return the address of a screen; empty where what it is about is not there yet."""
    return reverse(f"admin:compliance_{name}", args=[each.pk for each in of]) if all(of) else ""


def _holds(publication: Publication, listing: str | None, changesets: Sequence[Changeset]) -> bool:
    """Return whether a submission holds a listing, or what is besides them, with the last of its edits."""
    if publication.reverts_id or not changesets:
        return False
    last = max(changeset.pk for changeset in changesets)
    return last <= (publication.captured_changeset_id or 0) and listing not in (
        publication.held_back or ()
    )
