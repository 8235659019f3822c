"""What is in force, what is scheduled and what the public was told agree, whatever three people do.

A model of the register follows the acts and knows nothing of the code: a page is a dictionary of
texts, and carrying a change over another page is a merge of three dictionaries. After each act the
database, the published index and the model are compared.
"""

import json
import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from itertools import count

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from compliance.audit.verification import first_record_fault
from compliance.models import Listing, Publication, PublicEvent, Record
from compliance.models.changesets import changeset
from compliance.published.changelog import fulfilled_by
from compliance.published.events import EventKind, list_events
from compliance.published.projection import build_index
from compliance.publishing import (
    NotPublishable,
    approve,
    candidate,
    rebase,
    reject,
    revert,
    submit,
    withdraw,
)
from tests.factories import cell_of, make_listing, make_register, make_user
from tests.publications import HOUR, NOON

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EXAMPLES = int(os.environ.get("EXAMPLES", "15"))
COLUMNS = ({"role": "models", "label": "Model"}, {"role": "text", "label": "Note"})
TEXTS = ("title", "prose", "publisher")


@dataclass(frozen=True)
class Approved:
    """A publication that stands, as the model knows it; `below` is the page that it changed."""

    number: int
    moment: datetime
    page: dict
    below: dict
    is_announced: bool


def merged(below, page, onto):
    """Return the differences from one page to another on top of a third; None if they conflict."""
    parts = below.keys() | page.keys() | onto.keys()
    changed = {part for part in parts if page.get(part) != below.get(part)}
    for part in changed:
        is_touched = onto.get(part) != below.get(part)
        if is_touched and onto.get(part) != page.get(part):
            return None
    texts = {part: (page if part in changed else onto).get(part) for part in parts}
    return {part: text for part, text in texts.items() if text is not None}


class Story:
    """A register, the people who work on it, and the model that follows them."""

    def __init__(self, editor, approver):
        self.editor, self.approver = editor, approver
        self.people = [editor, approver, make_user("third", role="editor")]
        self.people[2].groups.add(*approver.groups.all())
        self.register = make_register(columns=COLUMNS, publisher="Text 0")
        self.section = self.register.sections.get()
        self.words, self.now = count(1), NOON
        self.rows = {}
        for _ in range(3):
            self.add_row()
        self.standing, self.pages, self.announced = [], {}, {}
        self.seen, self.known, self.done = [], None, Counter()

    def text(self):
        return f"Text {next(self.words)}"

    def add_row(self):
        name = f"row {len(self.rows)}"
        listing = make_listing(self.section, models=[f"Model {name}"], note=self.text())
        self.rows[name] = str(listing.pk)

    # Pages as dictionaries

    def page_of(self, publication):
        return self.page_from(publication.snapshot().to_dict(), publication.publisher)

    def page_from(self, value, publisher):
        names = {key: name for name, key in self.rows.items()}
        [section] = value["sections"]
        page = {
            names[listing["id"]]: listing["cells"]["note"]["items"][0]["text"]
            for listing in section["listings"]
        }
        texts = {
            "title": value["register"]["title"],
            "prose": section["prose"],
            "publisher": publisher,
        }
        return page | {name: text for name, text in texts.items() if text}

    def below(self, moment):
        """Return the standing publication that one of a moment would follow, None if there is none."""
        earlier = [approved for approved in self.standing if approved.moment < moment]
        return earlier[-1] if earlier else None

    def in_force(self):
        standing = [approved for approved in self.standing if approved.moment <= self.now]
        return standing[-1] if standing else None

    # Acts

    def act(self, name, person, which, other):
        self.now += (1 + other % 3) * HOUR
        getattr(self, name)(self.people[person], which, other)
        self.check(name)

    def edit(self, person, which, other):
        with changeset(by=person, reason="Edit"):
            if which < len(TEXTS):
                self.write(TEXTS[which])
            elif which == len(TEXTS):
                self.add_row()
            else:
                self.edit_row(which, other)

    def write(self, name):
        if name == "prose":
            self.section.refresh_from_db()
            self.section.set(prose=self.text())
        else:
            self.register.refresh_from_db()
            self.register.set(**{name: self.text()})

    def edit_row(self, which, other):
        listings = list(Listing.objects.filter(section=self.section).order_by("pk"))
        listing = listings[which % len(listings)]
        if other == 5 and len(listings) > 2:
            listing.delete()
        else:
            cell_of(listing, "note").set(text=self.text())

    def submit(self, person, which, other):
        """Submit all or some of what differs: at once, or for a later moment."""
        moment = self.now + (2 + which) * HOUR if other % 2 else None
        content = candidate(self.register, at=self.now, effective_from=moment)
        held_back = [part.key for place, part in enumerate(content.changed) if place % 4 == which]
        try:
            submit(
                self.register,
                by=person,
                at=self.now,
                reason="Submit",
                held_back=held_back if other > 3 else (),
                answers={finding.key: "Known." for finding in content.findings},
                effective_from=moment,
                announce=other != 1,
            )
        except NotPublishable:
            return
        self.done["submitted"] += 1

    def pick(self, publications, which):
        found = list(publications.order_by("pk"))
        return found[which % len(found)] if found else None

    def approve(self, person, which, other):
        publication = self.pick(self.register.publications.in_review(), which)
        if publication is None:
            return
        sha256 = publication.approval_sha256
        try:
            approve(publication, by=person, at=self.now, approval_sha256=sha256)
        except NotPublishable:
            self.done["not approved"] += 1
            return
        self.done["approved"] += 1
        moment = publication.requested_effective_from
        moment = moment if moment and moment > self.now else self.now
        below = self.below(moment)
        later = [approved for approved in self.standing if approved is not below]
        later = [approved for approved in later if approved.moment >= moment]
        self.standing = [approved for approved in self.standing if approved not in later]
        approved = Approved(
            publication.number,
            publication.effective_from,
            self.page_of(publication),
            below.page if below else {},
            publication.announce,
        )
        self.stand(approved)
        self.carry(later, approved)

    def stand(self, approved):
        self.standing.append(approved)
        self.pages[approved.number] = approved
        if approved.is_announced:
            self.announced.setdefault(approved.number, approved.moment)

    def carry(self, later, onto):
        """Put scheduled publications on top of another one, each on top of the one before."""
        for scheduled in later:
            page = merged(scheduled.below, scheduled.page, onto.page) if onto else None
            # What is fulfilled by the page before it has nothing left to say.
            if onto and page == onto.page:
                page = None
            self.done["carried" if page else "called off"] += 1
            if page is not None:
                number = max(self.pages) + 1
                onto = replace(scheduled, number=number, page=page, below=onto.page)
                self.standing.append(onto)
                self.pages[number] = onto

    def reject(self, person, which, other):
        publication = self.pick(self.register.publications.in_review(), which)
        if publication:
            self.allowed(reject, publication, by=person, at=self.now, reason="No")

    def allowed(self, decide, publication, **values):
        try:
            decide(publication, **values)
        except NotPublishable:
            return False
        self.done[decide.__name__] += 1
        return True

    def withdraw(self, person, which, other):
        publications = self.register.publications
        publication = self.pick(publications.standing() | publications.in_review(), which)
        if publication is None:
            return
        number = publication.number
        if not self.allowed(withdraw, publication, by=person, at=self.now, reason="Wrong"):
            return
        gone = next((each for each in self.standing if each.number == number), None)
        if gone is None:
            return
        place = self.standing.index(gone)
        later = self.standing[place + 1 :]
        self.standing.remove(gone)
        # On an earlier page that another one has replaced, nothing that is scheduled stands.
        if any(approved.moment <= self.now for approved in later):
            return
        self.standing = self.standing[:place]
        self.carry(later, self.standing[-1] if self.standing else None)

    def rebase(self, person, which, other):
        publication = self.pick(self.register.publications.in_review(), which)
        if publication is None:
            return
        below = self.page_of(publication.base) if publication.base else {}
        own = self.page_of(publication)
        try:
            renewed = rebase(publication, by=person, at=self.now)
        except NotPublishable:
            return
        self.done["rebased"] += 1
        onto = self.page_of(renewed.base) if renewed.base else {}
        assert self.page_of(renewed) == merged(below, own, onto)
        assert publication.state == Publication.State.RENEWED
        assert renewed.requested_effective_from == publication.requested_effective_from

    def revert(self, person, which, other):
        if not self.pages:
            return
        numbers = sorted(self.pages)
        number = numbers[which % len(numbers)]
        try:
            revert(self.register, to=number, by=person, at=self.now, reason="Go back")
        except NotPublishable:
            return
        self.done["reverted"] += 1

    # What has to agree

    def check(self, act):
        index = self.index()
        if index is None:
            assert not self.standing
            return
        expected = self.in_force()
        entry, publication = index.in_force(self.now), self.register.publications.in_force(self.now)
        assert (entry and entry.number) == (expected and expected.number), act
        assert (publication and publication.number) == (expected and expected.number), act
        if publication:
            assert self.page_of(publication) == expected.page, act
            self.seen.append((self.now, entry.content_sha256))
        standing = self.register.publications.standing()
        scheduled = [approved for approved in self.standing if approved.moment > self.now]
        waiting = [other for other in standing if other.effective_from > self.now]
        assert [other.number for other in waiting] == [other.number for other in scheduled], act
        for other, approved in zip(waiting, scheduled, strict=True):
            assert self.page_of(other) == approved.page, act
            assert other.effective_from == approved.moment, act
        self.check_announced(index, act)

    def index(self):
        """Return the index as it is extended after each act, and as it is made anew: the same."""
        record = str(Record.identity())
        self.known = build_index(self.register, record, known=self.known)
        assert self.known == build_index(self.register, record, known=None)
        return self.known

    def check_announced(self, index, act):
        """Whatever was announced comes at its moment, or the public log says that it does not."""
        leaves = [json.loads(leaf) for leaf in PublicEvent.objects.values_list("leaf", flat=True)]
        ended = {leaf["number"] for leaf in leaves if leaf["event"] != "approved"}
        for number, moment in self.announced.items():
            entry = index.entry(number)
            while entry.renewed_by:
                assert index.entry(entry.renewed_by).renews == entry.number
                entry = index.entry(entry.renewed_by)
            comes = entry.ended_at is None and entry.effective_from == moment
            assert comes or entry.number in ended, (act, number)

    def check_called_off(self):
        """What is told to have taken effect with another page is said by that one, and only then."""
        for event in list_events(self.known, self.now) if self.known else ():
            if event.kind is not EventKind.CALLED_OFF:
                continue
            below = self.pages[event.before.number].page if event.before else {}
            own = self.pages[event.entry.number].page
            instead = self.pages[event.instead.number].page if event.instead else {}
            changed = {
                part for part in below.keys() | own.keys() if below.get(part) != own.get(part)
            }
            is_said = bool(changed) and all(own.get(part) == instead.get(part) for part in changed)
            told = fulfilled_by(self.known, event)
            assert told == (event.instead if is_said else None), event.id
            self.done["fulfilled" if told else "does not come"] += 1

    def check_past(self):
        """What was seen at each moment is what the register says of it afterwards."""
        for moment, sha256 in self.seen:
            assert self.known.public_at(moment).content_sha256 == sha256
            assert self.register.publications.public_at(moment).content_sha256 == sha256


ACTS = ("edit", "submit", "approve", "reject", "withdraw", "rebase", "revert")
# Most acts make something to decide about.
CHOICES = ("edit", "submit", "approve") * 3 + ACTS
stories = st.lists(
    st.tuples(st.sampled_from(CHOICES), st.integers(0, 2), st.integers(0, 7), st.integers(0, 5)),
    min_size=12,
    max_size=40,
)
ANN, BEN = 0, 1
# An urgent page comes before an announced one that is scheduled; then it is withdrawn.
URGENT = [
    ("submit", ANN, 0, 0), ("approve", BEN, 0, 0),
    ("edit", ANN, 0, 0), ("submit", ANN, 7, 5), ("approve", BEN, 0, 0),
    ("edit", ANN, 1, 0), ("submit", ANN, 0, 0), ("approve", BEN, 0, 0),
    ("withdraw", BEN, 2, 0), ("edit", ANN, 4, 0),
]  # fmt: skip
# An urgent page changes what an announced one changes, otherwise.
CONFLICT = [
    ("submit", ANN, 0, 0), ("approve", BEN, 0, 0),
    ("edit", ANN, 0, 0), ("submit", ANN, 7, 5), ("approve", BEN, 0, 0),
    ("edit", ANN, 0, 0), ("submit", ANN, 0, 0), ("approve", BEN, 0, 0),
]  # fmt: skip
# Two submissions change different parts; the one that was overtaken is brought up to date.
TWO_AT_ONCE = [
    ("submit", ANN, 0, 0), ("approve", BEN, 0, 0),
    ("edit", ANN, 0, 0), ("submit", ANN, 0, 0), ("edit", ANN, 1, 0), ("submit", ANN, 0, 4),
    ("approve", BEN, 0, 0), ("rebase", ANN, 0, 0), ("approve", BEN, 0, 0),
]  # fmt: skip
# The first page is submitted again, and comes before a page that is scheduled.
BACK_TO_THE_FIRST = [
    ("submit", ANN, 0, 0), ("approve", BEN, 0, 0),
    ("edit", ANN, 0, 0), ("submit", ANN, 0, 0), ("approve", BEN, 0, 0),
    ("edit", ANN, 1, 0), ("submit", ANN, 7, 5), ("approve", BEN, 0, 0),
    ("revert", ANN, 0, 0), ("approve", BEN, 0, 0),
]  # fmt: skip


@pytest.fixture(autouse=True)
def without_rendering(monkeypatch):
    """Freeze JSON alone: nobody reads the other formats here, and rendering takes most time."""

    def frozen(snapshot):
        return {"json": snapshot.canonical_bytes(), "md": b"", "csv": b"", "html": b""}

    for name in ("submit", "decide", "carry"):
        monkeypatch.setattr(import_module(f"compliance.publishing.{name}"), "artefacts", frozen)


def tell(acts, editor, approver):
    """Do the acts to a new register, and undo them; return how often what was done."""
    with transaction.atomic():
        story = Story(editor, approver)
        for act in acts:
            story.act(*act)
        connection.check_constraints()  # what PostgreSQL would refuse at the commit
        story.check_past()
        story.check_called_off()
        assert first_record_fault() is None
        transaction.set_rollback(True)
    return story.done


def test_what_is_in_force_scheduled_and_told_agrees(editor, approver):
    done = Counter()

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @example(URGENT)
    @example(CONFLICT)
    @example(TWO_AT_ONCE)
    @example(BACK_TO_THE_FIRST)
    @given(stories)
    def holds(acts):
        done.update(tell(acts, editor, approver))

    holds()

    assert {
        "submitted", "approved", "not approved", "carried", "rebased", "reject", "withdraw",
        "reverted", "fulfilled", "does not come",
    } <= set(+done)  # fmt: skip
