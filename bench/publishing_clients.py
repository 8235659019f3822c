"""Clients that edit, publish and read over HTTP while something is killed, and what must hold then.

Editors use the real admin: each saves a new text in a listing of its own and submits it, and an
approver approves it. Beside that each has a text in another listing announced for a moment a few
minutes ahead; what is published before that moment is published over it. Readers request the public
page and its JSON. An act is acknowledged when the answer to its form says that it was done.
"""

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from html import unescape
from http.client import HTTPConnection, HTTPException, HTTPMessage
from itertools import count
from threading import Event, Lock
from typing import TYPE_CHECKING, NamedTuple, NoReturn
from urllib.parse import urlsplit

from bench.kept_schedules import Schedule, lost_schedules
from bench.sessions import Answer, Session
from tests.forms import form_values

if TYPE_CHECKING:
    from compliance.models import Listing, Register

READERS = 2
_SAVED = 302
_ATTEMPTS = 10  # to publish an edit
_CONFLICTS = 0.2  # the share of urgent edits in the row that is scheduled, which they call off
_MINUTES_AHEAD = (2, 3)
_GRADE = re.compile(r'name="(grade:[^"]*)"')
_ANSWER = re.compile(r'name="(answer:[^"]*)"')
_LONGEST_ANSWER = 60  # seconds until a reader counts an answer as missing


class Failure(NamedTuple):
    """A request that failed, and when it began and ended, as `time.monotonic` gives it.

    `status` is that of the answer, 0 if there was no whole answer.
    """

    what: str
    status: int
    began: float
    ended: float


class Approval(NamedTuple):
    """An acknowledged approval of a publication of a register, and a text that it must show."""

    slug: str
    publication: int
    text: str


class _NoAnswerError(Exception):
    """A request failed, so the act is given up. It may have been done or not."""


class Client:
    """Repeats an act in a thread of its own until it is stopped, with a pause after each act.

    The pauses have the length `pause` on average, in seconds.
    """

    pause = 0.1

    def __init__(self) -> None:
        self.failures: list[Failure] = []
        # Held during each act: who holds it makes the client wait.
        self.turn = Lock()

    def act(self) -> None:
        """Perform the act once."""
        raise NotImplementedError

    def repeat(self, stop: Event) -> None:
        """Repeat the act until the event is set."""
        while not stop.is_set():
            with self.turn:
                self.act()
            time.sleep(random.uniform(0, 2 * self.pause))

    def fail(self, what: str, began: float, status: int = 0) -> NoReturn:
        """Record that a request failed, and give up the act."""
        self.failures.append(Failure(what, status, began, time.monotonic()))
        raise _NoAnswerError(what)


class Editor(Client):
    """Edits two listings, submits them and lets them be approved, one at once and one for later.

    `edits` are the acknowledged texts, `approvals` the acknowledged approvals of what is in force
    at once, `schedules` those of what is announced. `refusals` counts the refused forms by what
    they were to do. `is_approving` says that an approval was sent and is not answered yet.
    """

    def __init__(
        self, name: str, listings: Sequence["Listing"], editor: Session, approver: Session
    ) -> None:
        super().__init__()
        self._urgent, self._later = listings
        register = self._urgent.section.register
        self._name, self._numbers = name, count(1)
        self._editor, self._approver = editor, approver
        self._slug = register.slug
        self._submission = f"/admin/compliance/publication/submit/{register.pk}/"
        self._moment = datetime.now(UTC)
        self.edits: list[str] = []
        self.approvals: list[Approval] = []
        self.schedules: list[Schedule] = []
        self.refusals: Counter[str] = Counter()
        self.is_approving = False

    def act(self) -> None:
        try:
            if self._moment <= datetime.now(UTC):
                moment = _minutes_ahead(random.choice(_MINUTES_AHEAD))
                self._change(self._later, moment)
                self._moment = moment  # once there was an answer; the next one comes after it
            is_conflict = random.random() < _CONFLICTS
            self._change(self._later if is_conflict else self._urgent)
        except _NoAnswerError:
            time.sleep(self.pause)

    def _change(self, listing: "Listing", moment: datetime | None = None) -> None:
        """Edit a listing, and publish the edit at once or announce it for a moment."""
        text = f"No ({self._name}, {next(self._numbers)})"
        if not self._edit(listing, text):
            return
        self.edits.append(text)
        review = ""
        for _ in range(_ATTEMPTS):
            review = review or self._submit(listing, text, moment)
            if review and self._approve(review, text, moment):
                return
            # Another editor published in between. The random wait keeps two editors from
            # overtaking each other again and again.
            time.sleep(random.uniform(0, 0.5))
            review = review and self._bring_up_to_date(review)

    def _edit(self, listing: "Listing", text: str) -> bool:
        place = f"/admin/compliance/listing/{listing.pk}/change/"
        form = self._ask("open the listing", lambda: self._editor.get(place), {200})
        values = form_values(form.content)
        values |= {"cell_training_text": text, "reason": f"Write {text}"}
        return self._is_done("edit", lambda: self._editor.post(place, values)) is not None

    def _submit(self, listing: "Listing", text: str, moment: datetime | None) -> str:
        """Submit a listing with all grades and answers that are asked for.

        Returns the address of the review, "" if the form was refused.
        """
        part = f"listing:{listing.pk}"
        place = f"{self._submission}?only={part}"
        form = self._ask("open the submission", lambda: self._editor.get(place), {200})
        values = {"reason": f"Publish {text}", "parts": [part]}
        shown = form.content.decode()
        values |= {unescape(name): "weaker" for name in _GRADE.findall(shown)}
        values |= {unescape(name): f"It says {text}" for name in _ANSWER.findall(shown)}
        if moment:
            values |= {"effective_from": f"{moment:%Y-%m-%d %H:%M}", "announce": "on"}
        submitted = self._is_done("submit", lambda: self._editor.post(self._submission, values))
        return submitted.location if submitted else ""

    def _approve(self, place: str, text: str, moment: datetime | None) -> bool:
        review = self._ask("review", lambda: self._approver.get(place), {200})
        approve = place.replace("/change/", "/approve/")
        try:
            approval = form_values(review.content, action=approve)
        except StopIteration:  # the review offers no approval
            self.refusals["review"] += 1
            return False
        self.is_approving = True
        try:
            approved = self._is_done("approve", lambda: self._approver.post(approve, approval))
        finally:
            self.is_approving = False
        if approved is None:
            return False
        publication = int(approve.split("/")[-3])
        if moment:
            self.schedules.append(Schedule(self._slug, publication, text, moment))
        else:
            self.approvals.append(Approval(self._slug, publication, text))
        return True

    def _bring_up_to_date(self, place: str) -> str:
        """Bring a submission up to date; return the review's address, "" if it is refused."""
        rebase = place.replace("/change/", "/rebase/")
        renewed = self._is_done("rebase", lambda: self._editor.post(rebase, {}))
        return renewed.location if renewed else ""

    def _is_done(self, what: str, request: Callable[[], Answer]) -> Answer | None:
        """Return the answer to a form if it says that it was done, and count it as refused else."""
        answer = self._ask(what, request, {200, _SAVED})
        if answer.status == _SAVED and answer.location.startswith("/admin/compliance/"):
            return answer
        self.refusals[what] += 1
        return None

    def _ask(self, what: str, request: Callable[[], Answer], expected: set[int]) -> Answer:
        began = time.monotonic()
        try:
            answer = request()
        except (OSError, HTTPException) as fault:
            self.fail(f"{what}: {type(fault).__name__}", began)
        if answer.status not in expected:
            self.fail(f"{what}: {answer.status}", began, answer.status)
        return answer


def _minutes_ahead(minutes: int) -> datetime:
    """Return a whole minute, as the form takes it."""
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=minutes)


class Reader(Client):
    """Reads the page in force, its JSON and the signed checkpoint of the public log.

    Each answer must fit its hash and the answers before it. `seen` are the hashes of the
    publications that it read, by register and number, and `checkpoints` the texts of the
    checkpoints, by the number of events.
    """

    pause = 0.5  # which leaves processor time to the editors

    def __init__(self, site: str, slugs: Sequence[str]) -> None:
        super().__init__()
        self._place = urlsplit(site).netloc
        self._slugs = slugs
        self._last: Counter[str] = Counter()
        self.answers = 0
        self.faults: list[str] = []
        self.seen: dict[tuple[str, int], str] = {}
        self.checkpoints: dict[int, str] = {}

    def act(self) -> None:
        for slug in self._slugs:
            for path in (f"/{slug}/", f"/{slug}.json"):
                with suppress(_NoAnswerError):
                    self._read_publication(slug, path)
        with suppress(_NoAnswerError):
            self._read_checkpoint("/checkpoint")

    def _read_publication(self, slug: str, path: str) -> None:
        headers, _ = self._get(path)
        number, sha256 = int(headers["Publication-Number"]), headers["Content-SHA256"]
        self._compare_with_last(slug, number)
        if self.seen.setdefault((slug, number), sha256) != sha256:
            self.faults.append(f"{path} showed two contents as publication {number}.")

    def _read_checkpoint(self, path: str) -> None:
        _, content = self._get(path)
        text = content.decode().partition("\n\n")[0] + "\n"
        size = int(text.splitlines()[1])
        self._compare_with_last(path, size)
        if self.checkpoints.setdefault(size, text) != text:
            self.faults.append(f"{path} showed two logs of {size} events.")

    def _compare_with_last(self, what: str, number: int) -> None:
        if number < self._last[what]:
            self.faults.append(f"{what} went from {self._last[what]} back to {number}.")
        self._last[what] = max(number, self._last[what])

    def _get(self, path: str) -> tuple[HTTPMessage, bytes]:
        from compliance.page import canonical

        began = time.monotonic()
        connection = HTTPConnection(self._place, timeout=_LONGEST_ANSWER)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as fault:
            self.fail(f"{path}: {type(fault).__name__}", began)
        finally:
            connection.close()
        if response.status != 200:
            self.fail(f"{path}: {response.status}", began, response.status)
        self.answers += 1
        if response.headers["ETag"] != f'"{canonical.sha256(content)}"':
            self.faults.append(f"The content of {path} does not fit its hash.")
        return response.headers, content


def make_editors(registers: Sequence["Register"], number: int, site: str) -> list[Editor]:
    """Return editors with two listings each, in turns of each register."""
    from django.contrib.auth.models import Group

    from compliance.models import User

    approver = User.objects.get(username="approver")
    group = Group.objects.get(name="editor")
    editors = []
    for place in range(number):
        turn, register_place = divmod(place, len(registers))
        listings = registers[register_place].listings.order_by("pk")[2 * turn : 2 * turn + 2]
        user = User.objects.create_user(f"editor-{place}", is_staff=True)
        user.groups.add(group)
        editors.append(
            Editor(f"editor {place}", listings, Session(user, site), Session(approver, site))
        )
    return editors


@contextmanager
def working(clients: Sequence[Client]) -> Iterator[None]:
    """Let clients work beside the `with` block; raises what made one of them fail."""
    stop = Event()
    with ThreadPoolExecutor(len(clients)) as pool:
        futures = [pool.submit(client.repeat, stop) for client in clients]
        try:
            yield
        finally:
            stop.set()
    for future in futures:
        future.result()


@contextmanager
def paused(clients: Iterable[Client]) -> Iterator[None]:
    """Let clients finish their act, and wait until the `with` block ends."""
    with ExitStack() as turns:
        for client in clients:
            turns.enter_context(client.turn)
        yield


def losses(editors: Iterable[Editor]) -> list[str]:
    """Return a sentence for each acknowledged act that the record or the store does not hold."""
    from compliance.models import Cell, Decision

    texts = set(Cell.history.values_list("text", flat=True))
    approved = Decision.objects.filter(kind=Decision.Kind.APPROVED)
    numbers = dict(approved.values_list("publication", "number"))
    lost = []
    for editor in editors:
        lost += [f"The edit {text} is lost." for text in editor.edits if text not in texts]
        for approval in editor.approvals:
            number = numbers.get(approval.publication)
            if number is None:
                lost.append(f"The approval of {approval.publication} is lost.")
            elif not _is_public(approval, number):
                lost.append(f"The store does not show {approval.text} as publication {number}.")
        lost += lost_schedules(editor.schedules)
    return lost


def _is_public(approval: Approval, number: int) -> bool:
    """Return whether the store's publication of that number shows the approved text."""
    from compliance.published import reader
    from compliance.published.errors import StoreFault

    index = reader.read_index(approval.slug)
    entry = index.entry(number) if index else None
    try:
        content = reader.read_file(index, entry, "json") if index and entry else b""
    except StoreFault:
        return False
    return approval.text.encode() in content


def reading_faults(readers: Iterable[Reader]) -> list[str]:
    """Return what was wrong with the answers, and each one that the record does not hold."""
    from compliance.models import Decision
    from compliance.published import comparison
    from compliance.published.log import checkpoint_text

    approved = Decision.objects.filter(kind=Decision.Kind.APPROVED)
    decided = set(approved.values_list("register__slug", "number", "content_sha256"))
    leaf_hashes = comparison.leaf_hashes()
    faults = []
    for reader in readers:
        faults += reader.faults
        for size, text in reader.checkpoints.items():
            if text != checkpoint_text(text.splitlines()[0], leaf_hashes[:size]):
                faults.append(f"The checkpoint of {size} events is not that of the record.")
        faults += [
            f"{slug} showed a publication {number} that was never approved."
            for (slug, number), sha256 in reader.seen.items()
            if (slug, number, sha256) not in decided
        ]
    return faults


def verdict() -> str:
    """Return what `verify` finds: the entries and rows of a sound record, or the first fault."""
    from compliance.audit import verification

    try:
        verified = verification.verify()
    except verification.RecordCorrupt as fault:
        return f"CORRUPT: {fault}"
    return f"sound, {verified.entries} entries, {verified.rows} rows"


def is_sound(verdict: str) -> bool:
    """Return whether a verdict is that of a sound record."""
    return verdict.startswith("sound")
