"""What an act of editing would change on every register's page, found by doing it and taking it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from compliance.models import Register, User
from compliance.models.changesets import changeset, last_changeset
from compliance.page import diff
from compliance.page.diff import Change
from compliance.page.rules import Finding
from compliance.page.snapshot import Snapshot
from compliance.workingcopy import findings as register_findings
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an act would do to one register: its working copy before (None: there was no register) and after.

    `findings` are those that the act would bring, `mended` those that it would do away with.
    """

    register: Register
    before: Snapshot | None
    after: Snapshot
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    mended: tuple[Finding, ...]


@dataclass(slots=True)
class Rehearsal:
    """An act that was taken back: what it would have changed, and the last changeset on which that rests.

    To do what was shown, or nothing, do it in `changeset(..., following=rehearsal.following)`. It also `writes`
    where no page would read otherwise, a developer or an alias: so many records, what is deleted counted too.
    """

    following: int
    writes: int = 0
    consequences: tuple[Consequence, ...] = field(default=())


@contextmanager
def dry_run(
    *, by: "User | None", at: datetime, source: str = "admin", label: str = ""
) -> Iterator[Rehearsal]:
    """Do what is written inside as an act of editing, note what each page would say then, and take it back.

    What the body raises is raised, and taken back all the same. Records that it wrote keep in memory what was taken
    back: read them anew. It costs, for each register, two captures and two judgements (a fixed number of queries) and
    keeps other editors waiting meanwhile.
    """
    with changeset(by=by, label=label, reason="Rehearsal, taken back.", source=source) as act:
        try:
            rehearsed = Rehearsal(following=last_changeset())
            before = _pages(at)
            yield rehearsed
            rehearsed.writes = act.written
            rehearsed.consequences = tuple(_consequences(before, _pages(at)))
        finally:
            transaction.set_rollback(True)


@dataclass(frozen=True, slots=True)
class _Page:
    register: Register
    snapshot: Snapshot
    findings: tuple[Finding, ...]


def _pages(at: datetime) -> dict[int, _Page]:
    """Return the working copy of every register with what the rules find, against the page in force."""
    pages = {}
    for register in Register.objects.order_by("title", "pk"):
        working = capture(register)
        base = register.publications.in_force(at)
        found = register_findings.findings(
            register, working, before=base.snapshot() if base else None, at=at
        )
        pages[register.pk] = _Page(register, working, found)
    return pages


def _consequences(before: dict[int, _Page], after: dict[int, _Page]) -> Iterator[Consequence]:
    for key, now in after.items():
        was = before.get(key)
        told = diff.compare(was.snapshot if was else None, now.snapshot)
        had = was.findings if was else ()
        findings, mended = _without(now.findings, had), _without(had, now.findings)
        if told or findings or mended or was is None:
            yield Consequence(
                now.register, was.snapshot if was else None, now.snapshot, told, findings, mended
            )


def _without(findings: tuple[Finding, ...], others: tuple[Finding, ...]) -> tuple[Finding, ...]:
    known = {finding.key for finding in others}
    return tuple(finding for finding in findings if finding.key not in known)
