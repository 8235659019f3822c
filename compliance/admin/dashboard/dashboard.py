"""What the desk shows a person, in the order of their work."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import OperationalError

from compliance.admin import oversight
from compliance.admin.components.links import sees_pages
from compliance.admin.dashboard import first_steps, states, tasks
from compliance.admin.dashboard.first_steps import FirstStep
from compliance.admin.dashboard.registers import RegisterSummary, register_summary
from compliance.admin.dashboard.reviews_due import ReviewsDue
from compliance.admin.dashboard.states import State
from compliance.admin.dashboard.store import store_fault
from compliance.admin.dashboard.submissions import Submissions
from compliance.admin.dashboard.tasks import OnItsWay, Task
from compliance.models import Changeset, Decision, Register, User

_log = logging.getLogger(__name__)

# How many of each are shown; a link leads to the others, or a number counts them.
_OTHER_REGISTERS = 12
_CHANGESETS = 8


@dataclass(frozen=True, slots=True)
class RegisterBlock:
    """A register on the desk; `summary` is None if it cannot be read."""

    register: Register
    summary: RegisterSummary | None
    states: tuple[State, ...]


@dataclass(frozen=True)
class Dashboard:
    """The dashboard of the person `by` at a moment.

    `only` is the primary key of the one register to show in full, empty for the first registers.
    """

    by: User
    at: datetime
    only: str = ""

    def may(self, permission: str) -> bool:
        """Return whether the person has a permission of this app."""
        return self.by.has_perm(f"compliance.{permission}")

    @cached_property
    def submissions(self) -> Submissions:
        return Submissions(self.by, self.at)

    @cached_property
    def reviews(self) -> ReviewsDue:
        return ReviewsDue(self.by, self.at)

    @cached_property
    def tasks(self) -> list[Task]:
        """What waits for the person, in the order of their work."""
        return tasks.tasks(self.submissions, self.reviews)

    @cached_property
    def on_its_way(self) -> list[OnItsWay]:
        """What is in review without waiting for the person, and what is scheduled, by moment."""
        return tasks.on_its_way(self.submissions)

    @cached_property
    def summaries(self) -> list[tuple[Register, RegisterSummary | None]]:
        """The register that is shown in full, if there is one, with its summary.

        The summary is None if the register cannot be read. Comparing a register with its page takes
        about thirty queries, so there is only one at a time.
        """
        wanted = [register for register in self._registers if str(register.pk) == self.only]
        shown = wanted or self._registers[:1]
        return [(register, self._summary_or_none(register)) for register in shown]

    @cached_property
    def others(self) -> list[RegisterBlock]:
        """The first of the other registers, with the strip of their states but for drafts."""
        if self.only and self.summaries:
            return []
        shown = self._registers[1:][:_OTHER_REGISTERS]
        approvals: dict[int, Decision] = {}
        if self.may("view_publication"):
            approvals = states.approvals_in_force(shown, at=self.at)
        return [
            RegisterBlock(
                register,
                None,
                tuple(states.public_states(register, approvals.get(register.pk), self.submissions)),
            )
            for register in shown
        ]

    @property
    def more_registers(self) -> list[Register]:
        """The registers that are shown by name only."""
        return [] if not self.others else self._registers[1 + _OTHER_REGISTERS :]

    @cached_property
    def _registers(self) -> list[Register]:
        if not sees_pages(self.by):
            return []
        return list(Register.objects.order_by("title", "pk"))

    def _summary_or_none(self, register: Register) -> RegisterSummary | None:
        try:
            return register_summary(
                register,
                by=self.by,
                at=self.at,
                pending=[*self.submissions.scheduled, *self.submissions.in_review],
                is_whole=bool(self.only),
            )
        except OperationalError:  # each register would wait for it anew
            raise
        except Exception:  # whatever is wrong with one register, the dashboard opens
            _log.exception("The dashboard cannot show %s.", register)
            return None

    @property
    def blocks(self) -> list[RegisterBlock]:
        """The shown registers, with the strip of their states."""
        return [
            RegisterBlock(
                register,
                summary,
                tuple(states.states(summary, self.submissions) if summary else ()),
            )
            for register, summary in self.summaries
        ]

    @property
    def submit_first(self) -> Register | None:
        """The first register with drafts, if its button is the main one of the screen."""
        if self.tasks:
            return None
        return next(
            (register for register, summary in self.summaries if summary and summary.listings), None
        )

    @property
    def is_approver(self) -> bool:
        return self.may("approve_publication")

    @property
    def is_editor(self) -> bool:
        return self.may("submit_publication")

    @property
    def is_auditor(self) -> bool:
        """Whether the person reads everything, and neither submits nor approves."""
        reads = self.may("view_publication") and self.may("view_changeset")
        return reads and not (self.is_approver or self.is_editor)

    @property
    def parts(self) -> list[str]:
        """The parts of the desk in the order of the person's work."""
        parts = ["for_you", "registers", "on_its_way"]
        if self.is_approver:
            parts = ["for_you", "on_its_way", "registers"]
        if self.is_auditor:
            parts = ["record", "on_its_way", "registers", "for_you"]
        if self.may("change_user"):
            parts = ["people", *parts]
        return parts

    @cached_property
    def people(self) -> oversight.People | None:
        """The accounts to look after, None for those who may not see accounts."""
        return oversight.people() if self.may("change_user") else None

    @cached_property
    def store_fault(self) -> str:
        """What readers do not see of what was decided, "" if they see everything."""
        return store_fault() if sees_pages(self.by) else ""

    @cached_property
    def record(self) -> oversight.Record | None:
        """The state of the record, for auditors."""
        return oversight.record() if self.is_auditor else None

    @cached_property
    def changesets(self) -> list[Changeset]:
        """The latest changesets, without those of accounts, which the time line names."""
        if not self.may("view_changeset"):
            return []
        return list(Changeset.objects.exclude(kind=Changeset.Kind.ACCOUNT)[:_CHANGESETS])

    @cached_property
    def first_steps(self) -> list[FirstStep]:
        """The steps towards the first published page; none once there is one."""
        if not sees_pages(self.by) or self._is_anything_approved:
            return []
        register = self._registers[0] if self._registers else None
        submission = next(iter(self.submissions.in_review), None)
        return first_steps.first_steps(self.by, register, submission)

    @property
    def _is_anything_approved(self) -> bool:
        if any(summary and summary.base for _, summary in self.summaries):
            return True
        return Decision.objects.filter(kind=Decision.Kind.APPROVED).exists()
