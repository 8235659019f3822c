"""Sequences of submissions and decisions, performed by the application and by a simple model of it.

The model is a timeline that follows from the rule of when a publication is in force, without
decisions and indexes. What the application answers about any moment is compared with it.
"""

import io
from collections import Counter
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import time_machine
from django.core.management import CommandError, call_command

from compliance.models import Publication
from compliance.models.changesets import changeset
from compliance.published import reader
from compliance.publishing import NotPublishable, approve, outlook, reject, withdraw
from compliance.rendering.html import artefacts
from compliance.workingcopy.resolve import capture
from tests.factories import make_listing, state
from tests.publications import reverted, submitted

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
ENDINGS = {"html": "/", "md": ".md", "csv": ".csv", "json": ".json"}


@dataclass(frozen=True)
class Step:
    """An act, so long after the one before.

    `wanted` is how long after it a submission shall take effect, `which` the place of what it is done to, and `look`
    at what part of the time until the next act somebody looks.
    """

    act: str
    after: timedelta = DAY
    wanted: timedelta | None = None
    announce: bool = False
    which: int = 0
    look: float = 0


@dataclass
class Span:
    """A publication's bytes by format, and the time for which they stood: since a moment, until another one or None."""

    number: int
    since: datetime
    until: datetime | None
    files: dict[str, bytes]


@dataclass
class Timeline:
    """What stood when: of several publications that stand, the public sees the one of the highest number."""

    spans: list[Span] = field(default_factory=list)

    @property
    def standing(self):
        return [span for span in self.spans if span.until is None]

    def add(self, files, *, at, wanted):
        """Let a publication stand from when it is wanted, but later than those begun; those still to begin make way."""
        since = max(at, wanted or at)
        for span in self.standing:
            if span.since <= at:
                since = max(since, span.since + MICROSECOND)
        for span in self.standing:
            if span.since >= since:
                span.until = at
        self.spans.append(Span(len(self.spans) + 1, since, None, files))

    def withdraw(self, span, *, at):
        """Let one stand no longer; those still to begin after it make way, unless one of them has begun."""
        span.until = at
        later = [other for other in self.standing if other.since > span.since]
        if all(other.since > at for other in later):
            for other in later:
                other.until = at

    def carry(self, span, files, *, at):
        """Let one that made way stand again at its moment, but later than the one before it."""
        last = max((other.since for other in self.standing), default=at)
        since = span.since if span.since > last else last + MICROSECOND
        self.spans.append(Span(len(self.spans) + 1, since, None, files))

    def public_at(self, at):
        shown = None
        for span in self.spans:
            if span.since <= at and (span.until is None or at < span.until):
                shown = span
        return shown

    def in_force(self, at):
        return next((span for span in reversed(self.standing) if span.since <= at), None)


class Replay:
    """A register to which steps are done: `now` is the moment of the last, `done` counts what really happened."""

    def __init__(self, client, editor, approver, committing):
        self.client, self.editor, self.approver, self.committing = (
            client,
            editor,
            approver,
            committing,
        )
        self.now, self.timeline, self.done = START, Timeline(), Counter()
        self.in_review = []  # publication, the bytes that it must hold, from when it is wanted
        self.approved = []
        with time_machine.travel(START, tick=False):
            first = make_listing(training="never")
            second = make_listing(first.section, models=["GPT 7"], training="never")
        self.listings, self.register = (first, second), first.register

    def do(self, step):
        """Do a step; what the verbs refuse has not happened."""
        self.now += step.after
        with time_machine.travel(self.now, tick=False), self.committing(execute=True):
            try:
                getattr(self, f"_{step.act}")(step)
            except NotPublishable:
                self.done["refused"] += 1

    def _edit(self, step):
        """Edit the two listings in turn, so that what is scheduled is not always in conflict."""
        self.done["edit"] += 1
        listing = self.listings[self.done["edit"] % 2]
        with changeset(by=self.editor, reason="Edit"):
            state(listing, training=("never", f"No ({self.done['edit']})"))

    def _submit(self, step):
        files = artefacts(capture(self.register))
        wanted = None if step.wanted is None else self.now + step.wanted
        choice = {"effective_from": wanted, "announce": step.announce}
        self.in_review.append(
            (submitted(self.register, self.editor, at=self.now, **choice), files, wanted)
        )
        self.done["submit"] += 1

    def _approve(self, step):
        if self.in_review:
            self._approve_at(step.which % len(self.in_review), step.which)

    def _publish(self, step):
        self._edit(step)
        self._submit(step)
        self._approve_at(-1, step.which)

    def _revert(self, step):
        if self.timeline.spans:
            span = self.timeline.spans[step.which % len(self.timeline.spans)]
            publication = reverted(
                self.register, self.editor, to=span.number, at=self.now, reason="Back"
            )
            wanted = publication.requested_effective_from
            self.in_review.append((publication, span.files, wanted))
            self._approve_at(-1, step.which)
            self.done["revert"] += 1

    def _reject(self, step):
        if self.in_review:
            publication, *_ = self.in_review.pop(step.which % len(self.in_review))
            reject(publication, by=self.approver, at=self.now, reason="No")
            self.done["reject"] += 1

    def _take_back(self, step):
        if self.in_review:
            publication, *_ = self.in_review.pop(step.which % len(self.in_review))
            withdraw(publication, by=self.editor, at=self.now, reason="Too early")
            self.done["take back"] += 1

    def _withdraw(self, step):
        if stood := self.timeline.standing:
            span = stood[step.which % len(stood)]
            withdraw(
                self.approved[span.number - 1],
                by=self.approver,
                at=self.now,
                reason="Wrong",
                calling_off=self._called_off(step.which),
            )
            self.timeline.withdraw(span, at=self.now)
            self._carry([other for other in stood if other is not span])
            self.done["withdraw" if span.since < self.now else "withdraw before its day"] += 1

    def _approve_at(self, place, which):
        publication, files, wanted = self.in_review[place]
        stood = self.timeline.standing
        act = {"at": self.now, "calling_off": self._called_off(which)}
        shown = outlook(publication, by=self.approver, **act)
        approve(publication, by=self.approver, approval_sha256=shown.approval_sha256, **act)
        self.timeline.add(files, at=self.now, wanted=wanted)
        self.approved.append(publication)
        del self.in_review[place]
        self.done["approve"] += 1
        self._carry(stood)

    def _called_off(self, which):
        """Return the numbers of scheduled publications that somebody chooses to call off: all or none."""
        return [] if which % 2 else [span.number for span in self.timeline.standing]

    def _carry(self, stood):
        """Let what renewed a publication that made way stand in its place."""
        for span in [span for span in stood if span.until]:
            renewal = Publication.objects.filter(renews=self.approved[span.number - 1]).first()
            self.done["carry" if renewal else "overtake"] += 1
            if renewal:
                files = {file.format: bytes(file.content) for file in renewal.files.all()}
                self.timeline.carry(span, files, at=self.now)
                self.approved.append(renewal)

    def assert_instant(self, at):
        """Ask the database and the index who is in force at an instant, as of then and as far as it is known now."""
        index = reader.read_index(self.register.slug)
        for asked in (self.register.publications, *([index] if index else [])):
            assert _number(asked.public_at(at)) == _number(self.timeline.public_at(at)), (at, asked)
            assert _number(asked.in_force(at)) == _number(self.timeline.in_force(at)), (at, asked)

    def assert_in_force(self, at):
        """Ask every door for the page in force, at a moment before anything else is done."""
        self.assert_instant(at)
        span = self.timeline.public_at(at)
        with time_machine.travel(at, tick=False):
            for format in ENDINGS:
                assert self._served("", format) == (_number(span) or "404"), (at, format)
            assert self._exported("md") == (span.files["md"] if span else 2), at

    def assert_day(self, day, *, now):
        """Ask every door, now, for what was public at the end of a day."""
        to_come = day > now.date()
        span = (
            None
            if to_come
            else self.timeline.public_at(min(datetime.combine(day, time.max, UTC), now))
        )
        # A register of which nothing was approved is not there, whatever the day.
        absent = "400" if to_come and self.timeline.spans else "404"
        served = absent if span is None else "410" if span.until else span.number
        with time_machine.travel(now, tick=False):
            for format in ENDINGS:
                assert self._served(f"/as-of/{day}", format) == served, (day, format)
            format = [*ENDINGS][day.day % 4]  # one a day: the command is slow
            assert self._exported(format, "--as-of", str(day)) == (
                span.files[format] if span else 2
            ), (day, format)

    def _served(self, place, format):
        """Return the number of the publication that an address gives byte for byte, or the status as text."""
        response = self.client.get(f"/{self.register.slug}{place}{ENDINGS[format]}")
        if response.status_code != 200:
            return str(response.status_code)
        number = int(response["Publication-Number"])
        stored = self.timeline.spans[number - 1].files[format]
        assert stored in response.content if format == "html" else stored == response.content
        return number

    def _exported(self, format, *options):
        """Return the bytes that the command writes, or its exit code."""
        with redirect_stdout(io.TextIOWrapper(io.BytesIO())) as written:
            try:
                call_command(
                    "export_page", "--register", self.register.slug, "--to", format, *options
                )
            except CommandError as refusal:
                return refusal.returncode
            return written.buffer.getvalue()


def _number(publication):
    return publication and publication.number
