"""Preview an edit: perform it, note what each register's page would say, and roll it back."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db import transaction
from django.db.models import QuerySet

from compliance.models import Publication, Register, User
from compliance.models.changesets import changeset, last_changeset
from compliance.models.publications import FRAME
from compliance.page import diff
from compliance.page.diff import Change
from compliance.page.rules import Facts, Finding, not_among
from compliance.page.snapshot import Snapshot
from compliance.workingcopy import findings as register_findings
from compliance.workingcopy.resolve import working_copy


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

    Other editors wait while it writes, reads what it wrote and rolls back. Pages are compared and
    judged afterwards. It takes a fixed number of queries for each register.
    """
    with changeset(by=by, label=label, reason="Preview, rolled back.", source=source) as opened:
        try:
            result = DryRun(following=last_changeset())
            # Every register: a provider or a model may be on several pages.
            registers = list(_registers())
            before = _pages(registers, at, {})
            yield result
            result.writes = opened.written
            if opened.has_written(Register):
                registers = list(_registers())
            after = _pages(registers, at, before)
        finally:
            transaction.set_rollback(True)
    result.consequences = tuple(_consequences(before, after))


@dataclass(frozen=True)
class _Page:
    """The working copy of a register, with what its findings depend on."""

    register: Register
    snapshot: Snapshot
    in_force: Publication | None
    facts: Facts

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, compared with the page in force."""
        published = self.in_force.snapshot() if self.in_force else None
        return register_findings.judged(self.snapshot, before=published, facts=self.facts)


def _registers() -> QuerySet[Register]:
    return Register.objects.order_by("title", "pk")


def _pages(
    registers: Iterable[Register], at: datetime, earlier: Mapping[int, _Page]
) -> dict[int, _Page]:
    """Return the working copy of registers, and what is needed to judge it.

    `earlier` are the pages before the edit, which publishes nothing.
    """
    pages = {}
    for register in registers:
        working = working_copy(register)
        facts = register_findings.facts_of(register, working, at=at)
        if register.pk in earlier:
            in_force = earlier[register.pk].in_force
        else:
            in_force = register.publications.in_force(at)
        pages[register.pk] = _Page(register, working.snapshot, in_force, facts)
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
