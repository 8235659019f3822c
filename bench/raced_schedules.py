"""Checks that decisions made at once neither lose a scheduled publication nor carry it twice.

    python -m bench.raced_schedules [--rounds 9] [--seconds 600] [--broken]

Each round has a register of its own, with an announced publication scheduled for tomorrow. Two
people then decide in the same moment, each in a thread: two approvals, an approval and a
withdrawal, or an approval and a rebase, in turns. Only one of two approvals can succeed. Afterwards
the one that was too late is brought up to date and approved.

After each round the scheduled publication must stand at its moment with its own change and with
those that are in force, the numbers must have no gap, and the published index must be that of the
database. At the end the record must verify. `--broken` takes no editing lock on PostgreSQL, and
forgets to carry on SQLite, whose transactions are never concurrent. The database's guards refuse
what comes of both, and so the run must find decisions that ended with an error.

The database is a SQLite file, or one created for the run on the PostgreSQL server that DATABASE_URL
names.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

from bench.staging import SLUG, cast, publish, staged, word_training

if TYPE_CHECKING:
    from compliance.models import Listing, Publication, User

_LATER = "No (scheduled)"
_REFUSALS = {"NotApprovable", "NotWithdrawable", "NotPublishable"}  # for who came too late
Decide = Callable[[], Any]


class Round:
    """A register with a scheduled publication, and two people who decide about others at once."""

    def __init__(self, slug: str) -> None:
        from django.utils import timezone

        from compliance.models import User

        publish(slug)
        self.slug = slug
        self.register, self._editor, self._approver = cast(slug)
        self._second = User.objects.get(username="second")
        self._rows = list(self.register.listings.order_by("pk"))
        self.in_force = self._publish(self._rows[0], "No (in force)")
        self.moment = timezone.now() + timedelta(days=1)
        self.scheduled = self._publish(
            self._rows[-1], _LATER, effective_from=self.moment, announce=True
        )

    def two_approvals(self) -> tuple[Decide, Decide]:
        """Two submissions of different rows are approved by two approvers."""
        one = self._submit(self._rows[1], "No (urgent)")
        other = self._submit(self._rows[2], "No (urgent as well)")
        return self._approval(one, self._approver), self._approval(other, self._second)

    def approval_and_withdrawal(self) -> tuple[Decide, Decide]:
        """The page that the scheduled one stands on is withdrawn, while another is approved."""
        from compliance import publishing

        submission = self._submit(self._rows[1], "No (approved)")
        withdrawal = partial(
            publishing.withdraw, self._again(self.in_force), by=self._second, reason="Bench"
        )
        return self._approval(submission, self._approver), withdrawal

    def approval_and_rebase(self) -> tuple[Decide, Decide]:
        """A submission is brought up to date, while another one is approved."""
        from compliance import publishing

        overtaken = self._submit(self._rows[1], "No (overtaken)")
        self._publish(self._rows[2], "No (before both)")
        urgent = self._submit(self._rows[3], "No (urgent)")
        rebase = partial(publishing.rebase, self._again(overtaken), by=self._editor)
        return self._approval(urgent, self._approver), rebase

    def finish(self) -> None:
        """Bring up to date and approve what was too late."""
        from compliance import publishing

        for waiting in self.register.publications.in_review():
            if publishing.rebase_outlook(waiting, at=_now()):
                waiting = publishing.rebase(waiting, by=self._editor, at=_now())
            self._approval(self._again(waiting), self._approver)(at=_now())

    def _publish(self, row: "Listing", text: str, **values: Any) -> "Publication":
        from tests.publications import published

        self._word(row, text)
        return published(
            self.register, self._editor, self._approver, at=_now(), listings=[row], **values
        )

    def _submit(self, row: "Listing", text: str) -> "Publication":
        from tests.publications import submitted

        self._word(row, text)
        return submitted(self.register, self._editor, at=_now(), listings=[row])

    def _word(self, row: "Listing", text: str) -> None:
        from compliance.models.changesets import changeset

        with changeset(by=self._editor, reason="Bench"):
            word_training(row, text)

    def _approval(self, publication: "Publication", by: "User") -> Decide:
        """Return the approval of what a person looks at now."""
        from compliance import publishing

        publication = self._again(publication)
        return partial(
            publishing.approve, publication, by=by, approval_sha256=publication.approval_sha256
        )

    def _again(self, publication: "Publication") -> "Publication":
        return type(publication).objects.get(pk=publication.pk)

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the scheduled publication, the numbers and the index."""
        from compliance.models import Record
        from compliance.published import reader
        from compliance.published.projection import build_index

        publications, now = self.register.publications, _now()
        numbers = list(publications.approved().values_list("decisions__number", flat=True))
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"The numbers of {self.slug} are {numbers}."
        index = reader.read_index(self.slug)
        if index != build_index(self.register, str(Record.identity()), known=None):
            yield f"The index of {self.slug} is not that of the database."
        in_force = publications.in_force(now)
        entry = index and index.in_force(now)
        if (entry and entry.number) != (in_force and in_force.number):
            yield f"{self.slug} has {in_force} in force, and publishes {entry and entry.number}."
        waiting = [each for each in publications.standing() if each.effective_from > now]
        if [each.effective_from for each in waiting] != [self.moment]:
            yield f"{self.slug} should have one scheduled publication, and has {waiting}."
            return
        said = _trainings(waiting[0])
        expected = {**_trainings(in_force), str(self._rows[-1].pk): _LATER}
        if said != expected:
            yield f"{waiting[0]} of {self.slug} says {said} instead of {expected}."
        if not waiting[0].announce or not _leads_to(self.scheduled, waiting[0]):
            yield f"{waiting[0]} of {self.slug} is not what was announced."


def _leads_to(scheduled: "Publication", waiting: "Publication") -> bool:
    """Return whether a publication was renewed, once each time, until it became another one."""
    while scheduled != waiting:
        renewals = list(type(scheduled).objects.filter(renews=scheduled))
        if len(renewals) != 1:
            return False
        scheduled = renewals[0]
    return True


def _trainings(publication: "Publication | None") -> dict[str, str]:
    """Return the words in which each row of a page states its training, by the row's id."""
    assert publication
    rows = publication.snapshot().rows()
    return {row.listing.id: row.listing.cells["training"].items[0].text for row in rows}


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def at_once(decisions: tuple[Decide, Decide]) -> list[str]:
    """Let two people decide in the same moment; return "done" or the refusal's name for each."""
    from django.db import connection

    barrier = Barrier(len(decisions))

    def decide(decision: Decide) -> str:
        barrier.wait()
        try:
            decision(at=_now())
        except Exception as refusal:  # what it may be is judged by the caller
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(decisions)) as pool:
        return list(pool.map(decide, decisions))


RACES = (Round.two_approvals, Round.approval_and_withdrawal, Round.approval_and_rebase)


def race(slug: str, number: int) -> tuple[str, list[str]]:
    """Run a round; return what came of both decisions, and what is wrong afterwards."""
    prepare = RACES[number % len(RACES)]
    round = Round(slug)
    outcomes = at_once(prepare(round))
    faults = [f"{prepare.__name__} ended with {name}." for name in outcomes if not _is_known(name)]
    if prepare == Round.two_approvals and outcomes.count("done") != 1:
        faults.append(f"Of two approvals {outcomes.count('done')} succeeded.")
    faults += round.faults()
    # A second time over what was too late. After a fault it may be impossible.
    if not faults:
        round.finish()
        faults += round.faults()
    return f"{prepare.__name__}: {', '.join(outcomes)}", faults


def _is_known(outcome: str) -> bool:
    return outcome == "done" or outcome in _REFUSALS


def break_product() -> None:
    """Take no editing lock in decisions, and on SQLite forget what is scheduled."""
    from django.db import connection

    from compliance.models import carrying
    from compliance.publishing import decide, rebase

    def take_no_lock() -> None:
        pass

    def carry_nothing(*_: object, **__: object) -> tuple[()]:
        return ()

    decide.take_editing_lock = rebase.take_editing_lock = take_no_lock
    if connection.vendor == "sqlite":
        # For the person who looks and for the approval, so that both find the same hash.
        carrying.carried_by_approval = decide.carried_by_approval = carry_nothing


def run(options: argparse.Namespace, slugs: list[str]) -> dict[str, Any]:
    """Race for the rounds, and return the figures."""
    from django.contrib.auth.models import Group
    from django.db import connection

    from compliance.audit.verification import first_record_fault
    from compliance.models import Decision, User

    second = User.objects.create_user("second", is_staff=True)
    second.groups.add(Group.objects.get(name="approver"))
    if options.broken:
        break_product()
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    started_at = time.monotonic()
    for number, slug in enumerate(slugs):
        outcome, found = race(slug, number)
        outcomes[outcome] += 1
        faults += found
        if time.monotonic() - started_at > options.seconds or (options.broken and faults):
            break
    return {
        "database": connection.vendor,
        "rounds": outcomes.total(),
        "seconds": round(time.monotonic() - started_at),
        "outcomes": outcomes,
        "carried": Decision.objects.filter(kind=Decision.Kind.RENEWED).count(),
        "faults": faults,
        "record fault": first_record_fault(),
    }


def main() -> None:
    """Print the figures as JSON; exit with 1 if a scheduled publication was lost or doubled.

    Also exits with 1 if there were fewer rounds than requested, or if the fault of `--broken` was
    not detected.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=600, help="stop after this time")
    parser.add_argument(
        "--broken",
        action="store_true",
        help="take no lock, or forget to carry, which must be detected",
    )
    options = parser.parse_args()
    slugs = [f"{SLUG}-{number}" for number in range(options.rounds)]
    with staged(slugs):
        figures = run(options, slugs)
    print(json.dumps(figures))
    is_faulty = bool(figures["faults"] or figures["record fault"])
    if options.broken:
        sys.exit(None if is_faulty else "A missing lock or step was not detected.")
    if is_faulty:
        sys.exit("A scheduled publication was lost or carried twice.")
    if figures["rounds"] < options.rounds:
        sys.exit(f"Fewer than {options.rounds} rounds in {options.seconds} seconds.")


if __name__ == "__main__":
    main()
