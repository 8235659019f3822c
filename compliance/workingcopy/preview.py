"""Preview an edit: perform it, note what each register's page would say, and roll it back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from compliance.models import Register, User
from compliance.models.changesets import changeset, last_changeset
from compliance.models.publications import FRAME
from compliance.page import diff
from compliance.page.diff import Change
from compliance.page.rules import Finding, not_among
from compliance.page.snapshot import Snapshot
from compliance.workingcopy import findings as register_findings
from compliance.workingcopy.resolve import capture


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an edit would do to one register.

    `before` and `after` are its working copy; `before` is None for a new register. `findings` would
    appear, `mended` would disappear.
    """

    register: Register
    before: Snapshot | None
    after: Snapshot
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    mended: tuple[Finding, ...]


@dataclass(slots=True)
class DryRun:
    """The result of an edit that was rolled back.

    `following` is the last changeset that it was based on: perform the edit for real in
    `changeset(..., following=dry_run.following)`, and it is refused if anybody saved in between.
    `writes` counts the rows that it would write or delete. An edit may write although no page
    changes: an alias, for example.
    """

    following: int
    writes: int = 0
    consequences: tuple[Consequence, ...] = field(default=())


@contextmanager
def dry_run(
    *, by: "User | None", at: datetime, source: str = "admin", label: str = ""
) -> Iterator[DryRun]:
    """Perform the edits in the `with` block, note what each page would say, and roll them back.

    The result is filled when the block ends. An exception in the block rolls back too and is
    raised. Instances that the block saved keep the values that were rolled back: read them again.

    For each register it takes two captures and two runs of the rules, with a fixed number of
    queries, and other editors wait meanwhile.
    """
    with changeset(by=by, label=label, reason="Preview, rolled back.", source=source) as opened:
        try:
            result = DryRun(following=last_changeset())
            before = _pages(at)
            yield result
            result.writes = opened.written
            result.consequences = tuple(_consequences(before, _pages(at)))
        finally:
            transaction.set_rollback(True)


@dataclass(frozen=True, slots=True)
class _Page:
    register: Register
    snapshot: Snapshot
    findings: tuple[Finding, ...]


def _pages(at: datetime) -> dict[int, _Page]:
    """Return every register's working copy with its findings, compared with the page in force."""
    pages = {}
    # Every register: a provider or a model may be on several pages.
    for register in Register.objects.order_by("title", "pk"):
        working = capture(register)
        base = register.publications.in_force(at)
        found = register_findings.findings(
            register, working, before=base.snapshot() if base else None, at=at
        )
        pages[register.pk] = _Page(register, working, found)
    return pages


def _consequences(before: dict[int, _Page], after: dict[int, _Page]) -> Iterator[Consequence]:
    for key, page in after.items():
        earlier = before.get(key)
        earlier_snapshot = earlier.snapshot if earlier else None
        earlier_findings = earlier.findings if earlier else ()
        changes = diff.compare(earlier_snapshot, page.snapshot)
        changes += diff.frame_changes(
            _frame(earlier.register) if earlier else None, _frame(page.register)
        )
        appeared = tuple(not_among(page.findings, earlier_findings))
        mended = _mended(earlier_findings, page.findings)
        if changes or appeared or mended or earlier is None:
            yield Consequence(
                page.register, earlier_snapshot, page.snapshot, changes, appeared, mended
            )


def _frame(register: Register) -> dict[str, str]:
    return {name: getattr(register, name) for name in FRAME}


def _mended(earlier: tuple[Finding, ...], later: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings of which nothing is left, and not those that are about more or less."""
    stems = {finding.stem for finding in later}
    return tuple(finding for finding in earlier if finding.stem not in stems)
